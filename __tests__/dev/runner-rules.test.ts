import { describe, expect, test } from '@jest/globals'
import {
  annotationsOf,
  commandOf,
  LineReader,
  linesOf,
  outputsOf,
  summaryOf,
} from '../../dev/demo/runner-rules.js'

describe('standard output', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb\rc\n\n', ['a', 'b', 'c', '']],
    ['a\u2028b\vc\u0085d\n', ['a\u2028b\vc\u0085d']],
    ['\ufeffa', ['a']],
  ])('%j has the lines %j', (output, lines) => {
    expect(linesOf(output)).toEqual(lines)
  })
})

describe('a stream that arrives in pieces', () => {
  const text = '\ufeffa\r\n\rb\u2028\r\r\n🚀\n\n'

  test.each([1, 2, 3, 5, 100])('of %d bytes has the same lines', (size) => {
    const bytes = Buffer.from(text)
    const lines: string[] = []
    const reader = new LineReader((line) => lines.push(line))
    for (let start = 0; start < bytes.length; start += size) reader.add(bytes.subarray(start, start + size))
    reader.end()
    expect(lines).toEqual(linesOf(text))
  })

  test('passes a line on as soon as it has ended, and the last at the end', () => {
    const lines: string[] = []
    const reader = new LineReader((line) => lines.push(line))
    reader.add(Buffer.from('a\nb'))
    expect(lines).toEqual(['a'])
    reader.end()
    expect(lines).toEqual(['a', 'b'])
  })
})

describe('what GitHub shows', () => {
  test('of an annotation are its title and its first 4,096 characters', () => {
    const message = 'x'.repeat(5000)
    expect(
      annotationsOf([`::warning title=A%2CB::${message}`, 'text', '::group::c', '::NOTICE::%250A']),
    ).toEqual([
      { kind: 'warning', title: 'A,B', message: 'x'.repeat(4096) },
      { kind: 'notice', title: '', message: '%0A' },
    ])
  })

  test('are the first ten annotations of each kind', () => {
    const lines = Array.from({ length: 12 }, (_, index) => [
      `::error::${index}`,
      `::warning::${index}`,
    ]).flat()
    const shown = annotationsOf(lines)
    expect(shown.filter(({ kind }) => kind === 'error').map(({ message }) => message)).toEqual([
      ...'0123456789',
    ])
    expect(shown).toHaveLength(20)
  })

  test('of a summary above one mebibyte is nothing', () => {
    const most = 'é'.repeat(512 * 1024)
    expect([summaryOf(most), summaryOf(`${most}x`)]).toEqual([most, ''])
  })
})

describe('a line of standard output', () => {
  test.each([
    ['::error::a', 'error', 'a'],
    ['::error::', 'error', ''],
    [' \u0085\u3000::Error::a', 'Error', 'a'],
    ['::error::a%0Ab%250A%3A', 'error', 'a\nb%0A%3A'],
    ['::error::::a', 'error', '::a'],
    ['text ##[error]a%5D%3B%0A', 'error', 'a];\n'],
    ['::unknown::##[group]a', 'group', 'a'],
    ['::stop-commands::tok', 'stop-commands', 'tok'],
  ])('%j is a command', (line, name, data) => {
    expect(commandOf(line)).toEqual({ name, properties: {}, data })
  })

  test.each([
    '',
    'text ::error::a',
    '\ufeff::error::a',
    '::error:a',
    ':: error::a',
    '::unknown::a',
    '## [error]a',
    '##[error',
    '##[unknown]a ##[error]a',
  ])('%j is text', (line) => {
    expect(commandOf(line)).toBeUndefined()
  })

  test('has the properties of its command', () => {
    expect(commandOf('::error file=a%2Cb%3A,line==1,empty=,=,title=a=b::c')?.properties).toEqual({
      file: 'a,b:',
      line: '1',
      title: 'a=b',
    })
    expect(commandOf('##[set-output name=a%5D;x]b')?.properties).toEqual({ name: 'a]' })
  })

  test('is any command that a caller looks for', () => {
    expect(commandOf('::tok::', (name) => name === 'tok')?.name).toBe('tok')
  })
})

describe('an output file', () => {
  test.each([
    ['a=b\n\nc=d=e<<f', { a: 'b', c: 'd=e<<f' }],
    ['a<<EOF\nb\n\nEOF \nEOF\nc=d', { a: 'b\n\nEOF ', c: 'd' }],
    ['a<<EOF\nEOF', { a: '' }],
    ['a<b<<c=d\ne\rf\u2028\nc=d\n', { 'a<b': 'e\rf\u2028' }],
    ['a<<EOF\r\nb\r\nEOF\r\n', { a: 'b\r' }],
    ['a=b\na=c', { a: 'c' }],
    ['\ufeffa=b', { a: 'b' }],
  ])('%j has the outputs %j', (content, outputs) => {
    expect(outputsOf(content, false)).toEqual(outputs)
  })

  test.each([
    ['a<<EOF\r\nb\r\n\r\nEOF \r\nEOF\r\nc=d\r\n', { a: 'b\r\n\r\nEOF ', c: 'd' }],
    ['a<<EOF\r\nb\nc\r\r\nEOF\r\n\r\n', { a: 'b\nc\r' }],
    ['a<<EOF\nEOF', { a: '' }],
    ['a=b\nc=d\r', { a: 'b', c: 'd\r' }],
  ])('%j has the outputs %j on Windows', (content, outputs) => {
    expect(outputsOf(content, true)).toEqual(outputs)
  })

  test.each(['a', '=b', '<<EOF\nEOF', 'a<<\n', 'a<<EOF\nb', 'a<<EOF\nb\n EOF'])('%j fails', (content) => {
    expect(() => outputsOf(content)).toThrow()
  })
})
