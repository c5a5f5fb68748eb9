import { describe, expect, test } from '@jest/globals'
import { InputReader } from '../../src/github/inputs.js'
import { failureOf } from '../support/failure.js'
import { KeptLog } from '../support/step.js'

const log = new KeptLog()

function reader(inputs: Record<string, string>, environment: Record<string, string> = {}): InputReader {
  return new InputReader({ input: (name) => inputs[name] ?? '', environment, log }, 'snapshot')
}

describe('the inputs of a step', () => {
  test('take their default if they are empty, as after an expression without a value', () => {
    expect(reader({ 'wait-timeout': '' }).duration('wait-timeout')).toBe(3_600_000)
  })

  test('are those that action.yml declares', () => {
    expect(() => reader({}).text('swap')).toThrow('action.yml declares no input swap')
  })

  test('that are wrong are reported together, each with its name, its value and how to fix it', async () => {
    const inputs = reader({ wait: 'yes', 'wait-timeout': '90', 'disk-name': 'x' })
    inputs.boolean('wait')
    inputs.duration('wait-timeout')
    inputs.problem('disk-name', 'x', 'is too short')
    inputs.missing('disk-name', 'is missing')
    const failure = await failureOf(() => inputs.finish())
    expect(failure.message).toBe(
      [
        "4 problems in this step's inputs:",
        '- wait: "yes" is not a boolean: use true or false.',
        '- wait-timeout: "90" is a number without a unit: write 90s, 90m or 90h.',
        '- disk-name: "x" is too short.',
        '- disk-name: is missing.',
      ].join('\n'),
    )
    expect(failure.advice).toContain('Nothing has been requested from AWS')
  })

  test('do not accept an empty text as a boolean', async () => {
    const inputs = reader({ wait: '' })
    inputs.boolean('wait')
    expect((await failureOf(() => inputs.finish())).message).toContain('wait: "" is not a boolean')
  })

  test('that are wrong more than fifty times show the first fifty problems, and count all', async () => {
    const inputs = reader({})
    for (let line = 1; line <= 10_000; line += 1) inputs.problem('tags', `${line}`, 'is wrong')
    const lines = (await failureOf(() => inputs.finish())).message.split('\n')
    expect(lines[0]).toBe("10000 problems in this step's inputs:")
    expect(lines.slice(-2)).toEqual(['- tags: "50" is wrong.', '- and 9950 more.'])
    expect(lines).toHaveLength(52)
  })

  test('that are very long are cut when shown', async () => {
    const inputs = reader({ wait: 'x'.repeat(5000) })
    inputs.boolean('wait')
    expect((await failureOf(() => inputs.finish())).message.length).toBeLessThan(300)
  })

  test('that are right raise nothing', () => {
    const inputs = reader({ wait: 'false' })
    expect(inputs.boolean('wait')).toBe(false)
    expect(() => inputs.finish()).not.toThrow()
  })
})

describe('an input that action.yml does not declare', () => {
  const ignored = (name: string) =>
    `warning: This action has no input "${name}": it is ignored. If it isn't in the step's \`with:\` block, it is the environment variable INPUT_${name.toUpperCase()} of the job: rename that.`

  test.each([
    ['attached-disk', 'attached-disks'],
    ['keep_last', 'keep-last'],
    ['dsk-names', 'disk-name'],
    ['dry-runn', 'dry-run'],
    ['github_token', 'github-token'],
  ])('is an error if "%s" looks like a typo of %s', async (name, meant) => {
    const inputs = reader(
      { 'attached-disks': 'false', 'dry-run': 'false', 'github-token': 'the job’s own' },
      { [`INPUT_${name.toUpperCase()}`]: 'x' },
    )
    const { message } = await failureOf(() => inputs.finish())
    expect(message).toContain(`- ${name}: is not an input of this action: did you mean ${meant}? If`)
    expect(message).toContain(`environment variable INPUT_${name.toUpperCase()} of the job`)
  })

  test('is also an error if the input that it resembles is empty', async () => {
    const inputs = reader({ 'snapshot-name': '' }, { INPUT_SNAPSHOT_NAME: 'x' })
    expect((await failureOf(() => inputs.finish())).message).toContain('did you mean snapshot-name?')
  })

  test('is a warning if the input that it resembles is set too', () => {
    reader({ 'keep-last': '3' }, { 'INPUT_KEEP-LAST': '3', 'INPUT_KEEP-LASTS': '5' }).finish()
    expect(log.lines).toEqual([ignored('keep-lasts')])
  })

  test('is a warning if it resembles none', () => {
    log.lines.length = 0
    reader({}, { INPUT_COLOR: 'red', 'INPUT_DISK-NAME': 'x', OTHER: '' }).finish()
    expect(log.lines).toEqual([ignored('color')])
  })
})
