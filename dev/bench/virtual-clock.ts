import type { Clock, TimeLimit } from '../../src/basics/clock.js'

/** A clock on which an hour is over at once: when everybody sleeps, it jumps to the one who wakes first. */
export class VirtualClock implements Clock {
  #now = 0
  readonly #sleepers: { readonly wakesAt: number; readonly wake: () => void }[] = []
  #jumping = false

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ wakesAt: this.#now + ms, wake })
      this.#jumpWhenIdle()
    })
  }

  timeLimit(): TimeLimit {
    // Nothing hangs in this world.
    return { signal: new AbortController().signal, lift: () => {} }
  }

  #jumpWhenIdle(): void {
    if (this.#jumping) return
    this.#jumping = true
    // By then every promise that could go on without time passing has done so.
    setImmediate(() => {
      this.#jumping = false
      this.#sleepers.sort((a, b) => a.wakesAt - b.wakesAt)
      const next = this.#sleepers.shift()
      if (next === undefined) return
      this.#now = Math.max(this.#now, next.wakesAt)
      next.wake()
      if (this.#sleepers.length > 0) this.#jumpWhenIdle()
    })
  }
}
