import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type PollState, pauseBeforeNextPoll } from '../../src/watch/schedule.js'

function pause(changes: Partial<PollState>): number {
  return pauseBeforeNextPoll({
    elapsedMs: 0,
    pollIntervalMs: 15_000,
    progress: undefined,
    throttled: 0,
    random: 0,
    ...changes,
  })
}

describe('the poll schedule', () => {
  test.each([
    [0, 1500],
    [10_000, 2000],
    [40_000, 8000],
    [3_600_000, 15_000],
  ])('slows down over time: after %i ms the pause is %i ms', (elapsedMs, ms) => {
    expect(pause({ elapsedMs })).toBe(ms)
  })

  test('polls when progress predicts completion', () => {
    expect(pause({ elapsedMs: 2000, progress: 25 })).toBe(6000)
    expect(pause({ elapsedMs: 50_000, progress: 80 })).toBe(12_500)
  })

  test('polls earlier while progress is too coarse for a precise prediction', () => {
    expect(pause({ elapsedMs: 10_000, progress: 40, pollIntervalMs: 60_000 })).toBe(15_000)
    expect(pause({ elapsedMs: 30_000, progress: 3, pollIntervalMs: 3_600_000 })).toBe(720_000)
  })

  test('pauses for at least a second and at most the poll interval', () => {
    expect(pause({ elapsedMs: 100_000, progress: 1 })).toBe(15_000)
    expect(pause({ elapsedMs: 100_000, progress: 99 })).toBeGreaterThanOrEqual(1000)
    expect(pause({ elapsedMs: 100_000, pollIntervalMs: 1000 })).toBe(1000)
  })

  test('slows down while polls are throttled', () => {
    expect([0, 1, 2, 9].map((throttled) => pause({ throttled }))).toEqual([1500, 3000, 6000, 15_000])
  })

  test('pauses for as long as Lightsail asks, even beyond the poll interval', () => {
    expect(pause({ elapsedMs: 40_000, throttled: 1, retryAfterMs: 60_000 })).toBe(60_000)
    expect(pause({ elapsedMs: 40_000, throttled: 1, retryAfterMs: 500 })).toBe(15_000)
  })

  test('shortens the pause by a random part, so that jobs differ', () => {
    expect(pause({ elapsedMs: 45_000, random: 1 })).toBe(6000)
  })

  test('stays between a second and the poll interval unless Lightsail asks for more', () => {
    const course = fc.record({
      elapsedMs: fc.nat(1e9),
      pollIntervalMs: fc.integer({ min: 1000, max: 1e9 }),
      progress: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      throttled: fc.nat(50),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(course, (any) => {
        const ms = pauseBeforeNextPoll(any)
        expect(ms >= 1000 && ms <= any.pollIntervalMs && Number.isInteger(ms)).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })
})
