import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { logLine, markdownText, oneLine } from '../../src/workflow/plain-text.js'

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '::',
        '##[',
        'error',
        'set-output name=x',
        ']',
        '\n',
        '\r',
        '\u001b[31m',
        '|',
        '`',
        '\u2028',
        ' ',
      ),
      fc.constantFrom(
        '[a](https://x)',
        '<img src=x>',
        '&amp;',
        'https://evil.example',
        'www.evil.example',
        '@octocat',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''))

/** Whether the runner takes a line for a workflow command: actions/runner, src/Runner.Common/ActionCommand.cs. */
function isWorkflowCommand(line: string): boolean {
  return line.trimStart().startsWith('::') || line.includes('##[')
}

describe('a line of the log', () => {
  test.each([
    ['::error::forged', ': :error::forged'],
    ['  ::add-mask::x', '  : :add-mask::x'],
    ['text ##[error]x', 'text # #[error]x'],
    ['two\nlines\r\u2028here', 'two lines here'],
    ['\u001b[31mred', ' [31mred'],
    ['plain: text, 42%', 'plain: text, 42%'],
  ])('made from %j is %j', (text, line) => {
    expect(logLine(text)).toBe(line)
  })

  test('is one line that starts no workflow command, whatever the text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = logLine(text)
        expect(isWorkflowCommand(line)).toBe(false)
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('text for Markdown', () => {
  test('means nothing but itself', () => {
    expect(markdownText('a|b [c](d) <e> `f` *g* https://h www.i @j')).toBe(
      'a&#124;b &#91;c&#93;(d) &#60;e&#62; &#96;f&#96; &#42;g&#42; https&#58;//h www&#46;i &#64;j',
    )
  })

  test('keeps names readable', () => {
    expect(markdownText('shop-data-6d2f1a0: 42%, 32 GB.')).toBe('shop-data-6d2f1a0: 42%, 32 GB.')
  })

  test('has no character left that begins anything, and reads the same once its entities are resolved', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = markdownText(text)
        expect(escaped.replace(/&#\d+;/g, '')).not.toMatch(/[\\`*_[\]<>&#|~@$\n]|:\/\/|www\./i)
        const resolved = escaped.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
        expect(resolved).toBe(oneLine(text))
      }),
      { numRuns: 10_000 },
    )
  })
})
