import type { Clock, TimeLimit } from '../../src/basics/clock.js'

interface Event {
  readonly at: number
  readonly happen: () => void
}

/** A clock on which an hour passes at once: when all work waits for time to pass, it jumps to the next event. */
export class VirtualClock implements Clock {
  #now = 0
  /** In reverse order: the next event is the last item. */
  readonly #events: Event[] = []
  #jumping = false
  /** Called when no event is left. */
  onIdle = () => {}

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  /** Schedules an event in `ms`. Returns a function that cancels it. */
  in(ms: number, happen: () => void): () => void {
    const event = { at: this.#now + Math.max(0, ms), happen }
    // Events of the same time happen in the order in which they were scheduled.
    const index = this.#events.findLastIndex(({ at }) => at > event.at)
    this.#events.splice(index + 1, 0, event)
    this.#jumpWhenIdle()
    return () => {
      const place = this.#events.indexOf(event)
      if (place >= 0) this.#events.splice(place, 1)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  timeLimit(ms: number): TimeLimit {
    return limitOn(this, ms)
  }

  /** Cancels all events. */
  clear(): void {
    this.#events.length = 0
  }

  #jumpWhenIdle(): void {
    if (this.#jumping) return
    this.#jumping = true
    // By then every promise that doesn't wait for time to pass has been settled.
    setImmediate(() => {
      this.#jumping = false
      const next = this.#events.pop()
      if (next === undefined) {
        this.onIdle()
        return
      }
      this.#now = next.at
      next.happen()
      this.#jumpWhenIdle()
    })
  }
}

/** The part of a clock on which sleeps and time limits are built. */
type Events = Pick<VirtualClock, 'in'>

/** Resolves after `ms`; rejects at once when `signal` is aborted. */
export function sleepOn(events: Events, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      forget()
      reject(Object.assign(new Error('The sleep was aborted'), { name: 'AbortError' }))
    }
    const forget = events.in(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

/** A time limit that runs out after `ms`. */
export function limitOn(events: Events, ms: number): TimeLimit {
  const over = new AbortController()
  return { signal: over.signal, lift: events.in(ms, () => over.abort()) }
}
