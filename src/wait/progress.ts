import type { Clock } from '../basics/clock.js'
import { durationText } from '../basics/text.js'

/** The longest silence in the log while something is waited for, in milliseconds. */
const longestSilenceMs = 60_000

/** Says how a wait goes: whenever that changes, and at least once a minute. */
export class Progress {
  readonly #info: (line: string) => void
  readonly #clock: Clock
  readonly #startedAt: number
  #status = ''
  #saidAt: number

  constructor(info: (line: string) => void, clock: Clock) {
    this.#info = info
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    this.#saidAt = this.#startedAt
  }

  /** Milliseconds since the wait began. */
  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedAt
  }

  /** Notes how things are; only a change is said. */
  note(status: string): void {
    if (status === this.#status) return
    this.#status = status
    this.#say()
  }

  /** Sleeps for `ms`, and breaks the silence on the way. */
  async sleep(ms: number): Promise<void> {
    const end = this.#clock.monotonic() + ms
    for (let now = this.#clock.monotonic(); now < end; now = this.#clock.monotonic()) {
      await this.#clock.sleep(Math.max(1, Math.min(end, this.#saidAt + longestSilenceMs) - now))
      if (this.#clock.monotonic() - this.#saidAt >= longestSilenceMs) this.#say()
    }
  }

  #say(): void {
    this.#saidAt = this.#clock.monotonic()
    this.#info(`${this.#status} (${durationText(this.elapsedMs)})`)
  }
}
