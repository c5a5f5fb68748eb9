/** A token bucket that holds one second's worth of requests. */
export class RateLimit {
  #left = Number.POSITIVE_INFINITY
  #filledAt = 0

  /** Returns whether to accept a request at `now` (milliseconds). The limit may differ from call to call. */
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
