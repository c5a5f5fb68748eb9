import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/basics/clock.js'
import { count, durationText } from '../../src/basics/text.js'

describe('a duration', () => {
  test.each([
    [0, '0s'],
    [999, '0s'],
    [45_000, '45s'],
    [65_000, '1m5s'],
    [7_200_000, '2h'],
    [3 * 86_400_000 + 4 * 3_600_000, '3d4h'],
  ])('of %i ms is written as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})

test('a count is singular for one and plural for several', () => {
  expect([count(1, 'tag'), count(2, 'tag')]).toEqual(['1 tag', '2 tags'])
})

test('the system clock sleeps until the time has passed or the signal is aborted', async () => {
  const before = systemClock.monotonic()
  await systemClock.sleep(5)
  expect(systemClock.monotonic()).toBeGreaterThan(before)
  expect(systemClock.now()).toBeGreaterThan(Date.parse('2026-01-01'))
  await expect(systemClock.sleep(60_000, AbortSignal.abort())).rejects.toThrow()
})
