import { type Clock, realTimeLimit, type TimeLimit } from '../../src/basics/clock.js'

/** A clock that sleeping only moves forward, so that an hour's wait takes no time. */
export class FakeClock implements Clock {
  elapsed = 0
  readonly sleeps: number[] = []
  readonly #startedAt: number

  constructor(startedAt = '2026-11-22T08:09:10Z') {
    this.#startedAt = Date.parse(startedAt)
  }

  now(): number {
    return this.#startedAt + this.elapsed
  }

  monotonic(): number {
    return this.elapsed
  }

  /** In real time, because a request that hangs does so in real time. */
  timeLimit(ms: number): TimeLimit {
    return realTimeLimit(ms)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.sleeps.push(ms)
    this.elapsed += ms
  }
}
