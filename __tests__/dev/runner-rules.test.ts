import { describe, expect, test } from '@jest/globals'
import { commandOf, linesOf, outputsOf } from '../../dev/demo/runner-rules.js'

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
