import type { Clock } from './clock.js'
import { durationText } from './text.js'

/** The longest silence in the log during a wait, in milliseconds. */
const longestSilenceMs = 60_000

/** Logs the progress of a wait: whenever it changes, and at least once a minute. */
export class Progress {
  readonly #info: (line: string) => void
  readonly #clock: Clock
  readonly #startedAt: number
  /** The last status of each subject that is still waited for. */
  readonly #statuses = new Map<string, string>()
  #saidAt: number

  constructor(info: (line: string) => void, clock: Clock) {
    this.#info = info
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    this.#saidAt = this.#startedAt
  }

  /** Notes the status of a subject, and logs it if it has changed. */
  note(subject: string, status: string): void {
    if (this.#statuses.get(subject) === status) return
    this.#statuses.set(subject, status)
    this.#say(subject, status)
  }

  /** Stops mentioning the subject. */
  close(subject: string): void {
    this.#statuses.delete(subject)
  }

  /** Sleeps for `ms` and logs once a minute meanwhile. Rejects at once when `signal` is aborted. */
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
