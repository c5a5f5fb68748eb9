import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/basics/failure.js'
import { reportFailure } from '../../src/github/entry-point.js'
import { KeptLog } from '../support/step.js'

async function report(thrown: unknown): Promise<{ lines: string[]; summary: string }> {
  const log = new KeptLog()
  let summary = ''
  await reportFailure(thrown, log, async (markdown) => {
    summary += markdown
  })
  return { lines: log.lines.filter((line) => !line.startsWith('debug: ')), summary }
}

async function page(failure: Failure, hasSection: boolean, isRehearsal = false): Promise<string> {
  let summary = ''
  const add = async (markdown: string) => {
    summary += markdown
  }
  await reportFailure(failure, new KeptLog(), add, { hasSection, isRehearsal })
  return summary
}

describe('a step that fails', () => {
  test('says what happened and what to do, in one annotation and in the summary', async () => {
    const { lines, summary } = await report(new Failure('The disk is gone.', 'Look for it.'))
    expect(lines).toEqual(['error: The disk is gone.\nLook for it.'])
    expect(summary).toBe(
      '### :x: Lightsail: this step failed\n\n**What happened:** The disk is gone.\n\n**What to do:** Look for it.',
    )
  })

  test('adds to the section that the action has written, whose heading is the result', async () => {
    const summary = await page(new Failure('The disk is gone.', 'Look for it.'), true)
    expect(summary).toBe('**What happened:** The disk is gone.\n\n**What to do:** Look for it.')
  })

  test('says of a rehearsal that none of it exists in AWS, if there is something to copy', async () => {
    const copyables = [{ purpose: 'Look for it', language: 'sh', text: 'aws lightsail get-disks' }] as const
    const summary = await page(new Failure('Gone.', 'Look.', { copyables }), false, true)
    expect(summary).toMatch(/^### :x: Rehearsal: Lightsail: this step failed\n/)
    expect(summary.indexOf('None of this exists in AWS')).toBeLessThan(summary.indexOf('Look for it:'))
  })

  test('says in a rehearsal, and only there, that each job has its own emulator, if something is missing', async () => {
    const hint = 'In a rehearsal, each job needs its own emulator/ step'
    const missing = new Failure('Gone.', 'Look.', { isMissing: true })
    expect(await page(missing, true, true)).toContain(`**What to do:** Look. ${hint}`)
    expect(await page(missing, true)).not.toContain(hint)
    expect(await page(new Failure('Broken.', 'Mend.'), true, true)).not.toContain(hint)
  })

  test('shows what to copy below its annotation in the log, and in the summary', async () => {
    const copyables = [{ purpose: 'Look for it', language: 'sh', text: 'aws lightsail get-disks' }] as const
    const { lines, summary } = await report(new Failure('Gone.', 'Look.', { copyables }))
    expect(lines).toEqual([
      'error: Gone.\nLook. Commands and snippets to copy: in the log below, and in the job summary.',
      'Look for it:',
      '  aws lightsail get-disks',
    ])
    expect(summary).toContain('**What to do:** Look.\n\nLook for it:\n\n```sh\naws lightsail get-disks\n```')
  })

  test('cuts very long lines, because GitHub shows no summary above 1 MiB', async () => {
    const text = Array.from({ length: 20 }, () => '<'.repeat(200_000)).join('\n')
    const { summary } = await report(new Failure(text, text))
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
    expect(summary).toMatch(/&#60;\.\.\. \(more in the log\)$/)
  })

  test('cuts many lines and commands', async () => {
    const each = (text: string) => Array.from({ length: 30 }, (_, number) => `${text} ${number}`).join('\n')
    const copyables = [{ purpose: 'Look', language: 'sh', text: each('look') }] as const
    const summary = await page(new Failure(each('gone'), 'Look.', { copyables }), true)
    expect(summary).toContain('gone 9<br>20 more lines of this in the log.\n')
    expect(summary).toContain('look 19\n# and 10 more\n```')
  })

  test('keeps a text inside its block that would end it', async () => {
    const text = 'a\n```\n# b\n````'
    const copyables = [{ purpose: 'Copy', language: 'yaml', text }] as const
    const summary = await page(new Failure('Gone.', 'Copy.', { copyables }), true)
    expect(summary).toContain('Copy:\n\n`````yaml\na\n```\n# b\n````\n`````')
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
