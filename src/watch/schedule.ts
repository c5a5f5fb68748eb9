/** No two polls are closer than this, in milliseconds. */
export const shortestPauseMs = 1000

/** What a pause is chosen by. */
export interface PollState {
  /** Since the snapshot was started, in milliseconds. */
  readonly elapsedMs: number
  /** The longest pause that is wanted, in milliseconds. */
  readonly pollIntervalMs: number
  /** How far the slowest snapshot is, in percent; undefined where the service doesn't say. */
  readonly progress: number | undefined
  /** How many polls in a row were refused for too many requests. */
  readonly throttled: number
  /** A number from 0 to 1, at random. */
  readonly random: number
}

/**
 * The pause before the next poll, in whole milliseconds: quick at first, then slower in proportion to the time that has passed;
 * steered by progress where it tells when the end is near; stretched while the service refuses polls. Never longer than
 * the poll interval, never shorter than a second.
 */
export function pauseBeforeNextPoll(state: PollState): number {
  const steered = state.progress === undefined ? blindPause(state) : steeredPause(state, state.progress)
  const stretched = steered * 2 ** state.throttled
  return Math.max(shortestPauseMs, Math.min(state.pollIntervalMs, Math.round(stretched)))
}

/** A fifth of the time that has passed, and up to a third less, so that jobs which began together don't poll together. */
function blindPause({ elapsedMs, pollIntervalMs, random }: PollState): number {
  const pause = Math.min(pollIntervalMs, Math.max(1.5 * shortestPauseMs, elapsedMs / 5))
  return pause * (1 - random / 3)
}

/**
 * Progress is a whole number, rounded down: the end lies between two moments. Where they are close together the pause
 * goes to the later one, by which the snapshot is complete if it goes on as it has; else to the earlier one.
 */
function steeredPause(state: PollState, progress: number): number {
  const { elapsedMs } = state
  if (progress >= 100 || elapsedMs < shortestPauseMs) return blindPause(state)
  const earliest = (elapsedMs * (99 - progress)) / (progress + 1)
  const latest = progress === 0 ? Number.POSITIVE_INFINITY : (elapsedMs * (100 - progress)) / progress
  const closeEnough = Math.max(2 * shortestPauseMs, (elapsedMs + earliest) / 50)
  return latest - earliest <= closeEnough ? latest : earliest
}
