import { getEventListeners } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import {
  unlessAborted,
  whenAborted,
  withGrace,
  withSignals,
  withTimeLimit,
} from '../../src/basics/signals.js'
import { FakeClock } from '../support/fake-clock.js'

const never = new Promise<never>(() => {})
const untilAborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => whenAborted(signal, () => resolve('aborted')))

describe('work with several signals', () => {
  test.each([0, 1])('is aborted when signal %d is', async (index) => {
    const controllers = [new AbortController(), new AbortController()]
    const work = withSignals([undefined, ...controllers.map(({ signal }) => signal)], untilAborted)
    controllers[index]?.abort()
    expect(await work).toBe('aborted')
  })

  test('is aborted at once if a signal is already', async () => {
    expect(await withSignals([AbortSignal.abort()], untilAborted)).toBe('aborted')
  })

  test('leaves no listener behind, whether it succeeds or fails', async () => {
    const { signal } = new AbortController()
    const clock = new FakeClock()
    const fail = () => Promise.reject(new Error('failed'))
    const ends = [async () => 'done', fail].flatMap((work) => [
      withSignals([signal], work),
      withTimeLimit(1000, signal, clock, work),
      withGrace(signal, clock, work),
      unlessAborted(work(), signal),
    ])
    await Promise.allSettled(ends)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

/** A clock whose time limits run out when the test says so. */
function clockWithLimits() {
  const limits: { readonly ms: number; readonly runOut: () => void }[] = []
  const timeLimit = (ms: number) => {
    const controller = new AbortController()
    limits.push({ ms, runOut: () => controller.abort() })
    return { signal: controller.signal, lift: () => {} }
  }
  return { limits, timeLimit }
}

test('work with a time limit is aborted when time runs out', async () => {
  const clock = clockWithLimits()
  const work = withTimeLimit(5000, undefined, clock, untilAborted)
  expect(clock.limits.map(({ ms }) => ms)).toEqual([5000])
  clock.limits[0]?.runOut()
  expect(await work).toBe('aborted')
})

test('work with a grace period is aborted three seconds after the step is cancelled', async () => {
  const clock = clockWithLimits()
  const cancelled = new AbortController()
  const work = withGrace(cancelled.signal, clock, untilAborted)
  expect(clock.limits).toEqual([])
  cancelled.abort()
  expect(clock.limits.map(({ ms }) => ms)).toEqual([3000])
  clock.limits[0]?.runOut()
  expect(await work).toBe('aborted')
})

test('hanging work is abandoned when its signal is aborted', async () => {
  const controller = new AbortController()
  const work = unlessAborted(never, controller.signal)
  controller.abort()
  await expect(work).rejects.toMatchObject({ name: 'AbortError' })
})
