import type { Clock } from './clock.js'
import { durationText } from './text.js'

/** The longest silence in the log while something is waited for, in milliseconds. */
const longestSilenceMs = 60_000

/** Says how a wait goes: whenever that changes, and at least once a minute. */
export class Progress {
  readonly #info: (line: string) => void
  readonly #clock: Clock
  readonly #startedAt: number
  /** What was said last of each subject that is still of interest. */
  readonly #statuses = new Map<string, string>()
  #saidAt: number

  constructor(info: (line: string) => void, clock: Clock) {
    this.#info = info
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    this.#saidAt = this.#startedAt
  }

  /** Notes how a subject is; only a change is said. */
  note(subject: string, status: string): void {
    if (this.#statuses.get(subject) === status) return
    this.#statuses.set(subject, status)
    this.#say(subject, status)
  }

  /** The subject is over: it isn't mentioned any more. */
  close(subject: string): void {
    this.#statuses.delete(subject)
  }

  /** Sleeps for `ms`, and breaks the silence on the way. Rejects at once when `signal` is aborted. */
  async sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const end = this.#clock.monotonic() + ms
    for (let now = this.#clock.monotonic(); now < end; now = this.#clock.monotonic()) {
      await this.#clock.sleep(Math.max(1, Math.min(end, this.#saidAt + longestSilenceMs) - now), signal)
      if (this.#clock.monotonic() - this.#saidAt >= longestSilenceMs) this.#sayAll()
    }
  }

  #sayAll(): void {
    for (const [subject, status] of this.#statuses) this.#say(subject, status)
    if (this.#statuses.size === 0) this.#say('Lightsail', 'no response yet')
  }

  #say(subject: string, status: string): void {
    this.#saidAt = this.#clock.monotonic()
    this.#info(`${subject}: ${status} (${durationText(this.#clock.monotonic() - this.#startedAt)})`)
  }
}
