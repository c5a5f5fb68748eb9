/** The shortest pause between two polls, in milliseconds. */
export const shortestPauseMs = 1000

/** What the next pause depends on. */
export interface PollState {
  /** Since the snapshot was started, in milliseconds. */
  readonly elapsedMs: number
  /** The longest pause allowed, in milliseconds. */
  readonly pollIntervalMs: number
  /** The progress of the slowest snapshot in percent; undefined if unknown. */
  readonly progress: number | undefined
  /** How many polls in a row were throttled. */
  readonly throttled: number
  /** How long (ms) the service asked to wait after a failed poll; undefined if it didn't. */
  readonly retryAfterMs?: number | undefined
  /** A random number from 0 to 1. */
  readonly random: number
}

/**
 * Returns the pause before the next poll, in whole milliseconds: short at first, then in proportion to the elapsed time; timed
 * by progress if that shows when the end is near; doubled for each throttled poll. Never longer than the poll interval, never
 * shorter than a second or than the service asked for.
 */
export function pauseBeforeNextPoll(state: PollState): number {
  const steered = state.progress === undefined ? blindPause(state) : steeredPause(state, state.progress)
  const stretched = steered * 2 ** state.throttled
  const pause = Math.min(state.pollIntervalMs, Math.round(stretched))
  return Math.max(shortestPauseMs, state.retryAfterMs ?? 0, pause)
}

/** A fifth of the elapsed time, less up to a third, so that jobs which started together don't poll together. */
function blindPause({ elapsedMs, pollIntervalMs, random }: PollState): number {
  const pause = Math.min(pollIntervalMs, Math.max(1.5 * shortestPauseMs, elapsedMs / 5))
  return pause * (1 - random / 3)
}

/**
 * Progress is rounded down, so the end lies between two moments. If they are close together, the pause ends at the later one,
 * when the snapshot is complete at the present speed; otherwise at the earlier one.
 */
function steeredPause(state: PollState, progress: number): number {
  const { elapsedMs } = state
  if (progress >= 100 || elapsedMs < shortestPauseMs) return blindPause(state)
  const earliest = (elapsedMs * (99 - progress)) / (progress + 1)
  const latest = progress === 0 ? Number.POSITIVE_INFINITY : (elapsedMs * (100 - progress)) / progress
  const closeEnough = Math.max(2 * shortestPauseMs, (elapsedMs + earliest) / 50)
  return latest - earliest <= closeEnough ? latest : earliest
}
