import { getBooleanInput } from '@actions/core'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseBoolean, parseDuration, parseList } from '../../src/github/parse.js'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[0-9smhd ]*$/),
  fc.json(),
)

describe('a boolean', () => {
  test.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
    ['FALSE', false],
    [' true ', true],
  ])('%j is %j', (text, value) => {
    expect(parseBoolean(text)).toEqual({ ok: true, value })
  })

  test.each(['', 'yes', 'on', '1', 'tRUE', 'ture', 'null'])('%j is an error, never false', (text) => {
    expect(parseBoolean(text)).toEqual({ ok: false, problem: expect.stringContaining('true or false') })
  })

  test('is what core.getBooleanInput accepts, and nothing else', () => {
    const words = fc.oneof(fc.constantFrom('true', 'false', 'True', 'FALSE', ' true', 'no', 'y'), anyText)
    fc.assert(
      fc.property(words, (text) => {
        // The environment can't hold a NUL.
        fc.pre(!text.includes('\0'))
        expect(parseBoolean(text)).toEqual(booleanOfTheToolkit(text))
      }),
      { numRuns: 10_000 },
    )
  })
})

function booleanOfTheToolkit(text: string): unknown {
  process.env['INPUT_UNDER-TEST'] = text
  try {
    return { ok: true, value: getBooleanInput('under-test') }
  } catch {
    return { ok: false, problem: expect.any(String) }
  } finally {
    delete process.env['INPUT_UNDER-TEST']
  }
}

describe('a duration', () => {
  test.each([
    ['45s', 45_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['14d', 1_209_600_000],
    ['1d2h3m4s', 93_784_000],
    [' 15s ', 15_000],
    ['90m', 5_400_000],
  ])('%j is %j milliseconds', (text, value) => {
    expect(parseDuration(text)).toEqual({ ok: true, value })
  })

  test('that is a bare number is an error that says so', () => {
    expect(parseDuration('30')).toEqual({
      ok: false,
      problem: 'is a number without a unit: write 30s, 30m or 30h',
    })
  })

  test.each(['', 's', '1.5h', '-5m', '1h 30m', '30M', '30m1h', '5 minutes', '1w', 'h', '٣s'])(
    '%j is an error with examples',
    (text) => {
      expect(parseDuration(text)).toEqual({ ok: false, problem: expect.stringContaining('such as 45s') })
    },
  )

  test.each([
    ['0s', 'too short'],
    ['0h0m', 'too short'],
    ['3651d', 'too long'],
    [`${'9'.repeat(400)}d`, 'too long'],
  ])('%j is %s', (text, problem) => {
    expect(parseDuration(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) })
  })

  test('is a whole number of seconds, or a reported problem, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseDuration(text)
        if (parsed.ok) expect([parsed.value % 1000, parsed.value >= 1000]).toEqual([0, true])
        else expect(parsed.problem).not.toBe('')
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('a list', () => {
  test('takes one item per line, without blank lines and surrounding space', () => {
    expect(parseList('  a \n\n b\r\nc\n', { commas: false })).toEqual({ ok: true, value: ['a', 'b', 'c'] })
  })

  test('is also separated by commas if no item has one', () => {
    expect(parseList('a, b\n,c', { commas: true })).toEqual({ ok: true, value: ['a', 'b', 'c'] })
    expect(parseList('a, b\nc', { commas: false })).toEqual({ ok: true, value: ['a, b', 'c'] })
  })

  test('can be a JSON array of strings, so that an output can be passed to an input', () => {
    expect(parseList(' ["a,b", " c ", ""] ', { commas: true })).toEqual({ ok: true, value: ['a,b', 'c'] })
  })

  test.each(['[1]', '["a"', '["a", null]', '[a]', '[]]'])('%j is an error', (text) => {
    expect(parseList(text, { commas: true })).toEqual({
      ok: false,
      problem: expect.stringContaining('JSON array of strings'),
    })
  })

  test('that contains null has its own message', () => {
    const rules = { commas: true, ifNull: 'has a null' }
    expect(parseList('["a", null]', rules)).toEqual({ ok: false, problem: 'has a null' })
    expect(parseList('[1]', rules)).toEqual({
      ok: false,
      problem: expect.stringContaining('array of strings'),
    })
    expect(parseList('null', rules)).toEqual({ ok: true, value: ['null'] })
  })

  test('gives back the strings of any JSON array, trimmed, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), anyText, (items, text) => {
        const kept = items.map((item) => item.trim()).filter((item) => item !== '')
        expect(parseList(JSON.stringify(items), { commas: true })).toEqual({ ok: true, value: kept })
        const parsed = parseList(text, { commas: true })
        if (parsed.ok) expect(parsed.value.every((item) => item === item.trim() && item !== '')).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })
})
