/** A token bucket that refills over time and holds a second's worth of requests. */
export class RateLimit {
  #left = Number.POSITIVE_INFINITY
  #filledAt = 0

  /** Admits a request at `now` (milliseconds), unless there were too many; the limit may change between two. */
  admits(requestsPerSecond: number, now: number): boolean {
    if (!Number.isFinite(requestsPerSecond)) return true
    const filled = this.#left + ((now - this.#filledAt) / 1000) * requestsPerSecond
    this.#left = Math.min(Math.max(1, requestsPerSecond), filled)
    this.#filledAt = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
