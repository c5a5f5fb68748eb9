/** A bucket of requests that fills up again with time, and holds a second's worth. */
export class RateLimit {
  #left = Number.POSITIVE_INFINITY
  #filledAt = 0

  /** Takes a request in at `now` (milliseconds), unless there were too many; the limit may change between two. */
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
