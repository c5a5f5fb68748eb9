import { setTimeout as timer } from 'node:timers/promises'

/** Time, passed in so that a test can pass its own. All figures are in milliseconds. */
export interface Clock {
  /** Since the epoch; may jump when the machine's clock is set. */
  now(): number
  /** Since some fixed moment; never jumps. */
  monotonic(): number
  /** Resolves after `ms`; rejects at once when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs out after `ms`. Keeps no process alive. */
  timeLimit(ms: number): TimeLimit
}

/** A time limit: its signal is aborted when it runs out, unless it has been lifted before. */
export interface TimeLimit {
  readonly signal: AbortSignal
  lift(): void
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => timer(ms, undefined, signal === undefined ? {} : { signal }),
  timeLimit: realTimeLimit,
}

/** A time limit on the machine's own time, in milliseconds. */
export function realTimeLimit(ms: number): TimeLimit {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), ms)
  timer.unref()
  return { signal: over.signal, lift: () => clearTimeout(timer) }
}
