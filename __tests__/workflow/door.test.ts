import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/basics/failure.js'
import { reportFailure } from '../../src/workflow/door.js'
import { KeptLog } from '../support/step.js'

async function report(thrown: unknown): Promise<{ lines: string[]; summary: string }> {
  const log = new KeptLog()
  let summary = ''
  await reportFailure(thrown, log, async (markdown) => {
    summary += markdown
  })
  return { lines: log.lines.filter((line) => !line.startsWith('debug: ')), summary }
}

describe('a step that fails', () => {
  test('says what happened and what to do, in one annotation and in the summary', async () => {
    const { lines, summary } = await report(new Failure('The disk is gone.', 'Look for it.'))
    expect(lines).toEqual(['error: The disk is gone.\nLook for it.'])
    expect(summary).toBe(
      '> [!CAUTION]\n> **This step failed:** The disk is gone.\n>\n> **What to do:** Look for it.',
    )
  })

  test.each([
    [new TypeError('x is undefined'), 'TypeError: x is undefined'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Object.create(null), '{}'],
    [{ toString: () => 1 / 0 }, 'toString'],
  ])('turns anything thrown into one annotation without a stack trace', async (thrown, words) => {
    const { lines } = await report(thrown)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(words)
    expect(lines[0]).not.toContain('    at ')
  })

  test('shows the stack trace and the cause with debug logging on', async () => {
    const log = new KeptLog()
    await reportFailure(new Failure('a', 'b', { cause: new Error('the cause') }), log, async () => {})
    const debug = log.lines.find((line) => line.startsWith('debug: '))
    expect(debug).toContain('    at ')
    expect(debug).toContain('the cause')
  })

  test('shows no forged row or link in the summary', async () => {
    const { summary } = await report(new Failure('a\n| b | [c](https://d) |', 'e <img>'))
    expect(summary).toContain('a<br>&#124; b &#124; &#91;c&#93;(https<span>:</span>//d) &#124;')
    expect(summary).toContain('e &#60;img&#62;')
  })
})
