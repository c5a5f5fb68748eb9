import { describe, expect, test } from '@jest/globals'
import { InputReader } from '../../src/github/inputs.js'
import { failureOf } from '../support/failure.js'

function reader(inputs: Record<string, string>): InputReader {
  return new InputReader((name) => inputs[name] ?? '', 'snapshot')
}

describe('the inputs of a step', () => {
  test('take their default if they are empty, as an expression without a value leaves them', () => {
    expect(reader({ 'wait-timeout': '' }).duration('wait-timeout')).toBe(3_600_000)
  })

  test('are those that action.yml declares', () => {
    expect(() => reader({}).text('swap')).toThrow('action.yml declares no input swap')
  })

  test('that are wrong are reported together, each with its name, its value and what would be right', async () => {
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

  test('do not count an empty text as a boolean', async () => {
    const inputs = reader({ wait: '' })
    inputs.boolean('wait')
    expect((await failureOf(() => inputs.finish())).message).toContain('wait: "" is not a boolean')
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
