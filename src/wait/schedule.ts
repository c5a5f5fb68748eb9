/** No two polls are closer than this, in milliseconds. */
export const shortestPauseMs = 1000

/**
 * The pause before the next poll, in milliseconds: a fifth of the time that has passed, from one second up to the
 * `poll-interval`. A short snapshot is noticed soon, and a long one isn't asked for all the time.
 */
export function pauseBeforeNextPoll(elapsedMs: number, pollIntervalMs: number): number {
  return Math.max(shortestPauseMs, Math.min(pollIntervalMs, elapsedMs / 5))
}
