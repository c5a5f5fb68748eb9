import type { Clock } from '../basics/clock.js'
import { unlessAborted, withTimeLimit } from '../basics/signals.js'
import { errorTable, isUncertain, type RetryRule } from './error-table.js'
import { ServiceFailure } from './errors.js'

/** How long a request may take, retries included, and what cancels it. */
export interface Patience {
  /** On the clock's monotonic time, in milliseconds. */
  readonly untilMs: number
  readonly signal?: AbortSignal | undefined
  /** How many attempts to make at most. Without it: for as long as time and the error's rule allow. */
  readonly attempts?: number
  /** False if the caller looks at the states before it repeats a request that didn't fit them (`not-now`). Default: true. */
  readonly retriesNotNow?: boolean
  /** Called before each pause with the failure that it follows. */
  readonly onRetry?: ((failure: ServiceFailure) => void) | undefined
}

/** What the SDK takes for one attempt. */
export interface SendOptions {
  readonly abortSignal: AbortSignal
}

/** Limits of one attempt, in milliseconds, from fetching the credentials to the end of the response. */
const longestAttemptMs = 15_000
const shortestAttemptMs = 1000

/**
 * How long after `untilMs` the last request may end (ms): a request that changes something may wait this long for its response,
 * and this long its result can be looked up. A step whose time has run out ends within five seconds.
 */
export const overtimeMs = 3000

/** A request to be sent as often as needed. */
export interface RetriableRequest<T> {
  readonly send: (options: SendOptions) => Promise<T>
  readonly asFailure: (thrown: unknown) => ServiceFailure
  /** Whether it changes something: then it isn't retried after a failure that leaves open whether it was carried out. */
  readonly changes: boolean
}

/** What retrying needs. */
export interface RetryTools {
  readonly clock: Clock
  /** Returns a number from 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

/**
 * Returns the response. Sends the request until it succeeds, fails for good, or time runs out; each attempt has a time limit of
 * its own. Throws ServiceFailure.
 */
export function sendWithRetry<T>(
  request: RetriableRequest<T>,
  patience: Patience,
  tools: RetryTools,
): Promise<T> {
  const mayRepeat = ({ errorClass }: ServiceFailure) => !(request.changes && isUncertain(errorClass))
  return retry(() => attempt(request, patience, tools.clock), mayRepeat, patience, tools)
}

/**
 * Returns what the work gives. Repeats it until it succeeds, fails for good, or time runs out. The pause doubles, and is random
 * between half and all of that, so that jobs which were throttled together don't retry together. It is at least as long as the
 * service asks for, or else ends with the time that is left. Throws what the work throws.
 */
export async function retry<T>(
  work: () => Promise<T>,
  mayRepeat: (failure: ServiceFailure) => boolean,
  patience: Patience,
  { clock, random = Math.random }: RetryTools,
): Promise<T> {
  let failingSince: number | undefined
  for (let count = 1; ; count += 1) {
    try {
      return await work()
    } catch (failure) {
      if (!(failure instanceof ServiceFailure)) throw failure
      failingSince ??= clock.monotonic()
      const rule = ruleFor(failure, patience)
      if (rule === undefined || count === patience.attempts || !mayRepeat(failure)) throw failure
      const usualMs = Math.round(pauseAfter(count, rule) * (0.5 + random() / 2))
      const leftMs = Math.min(patience.untilMs, failingSince + rule.longestMs) - clock.monotonic()
      if (usualMs > leftMs) throw failure
      const pause = Math.max(usualMs, Math.min(failure.retryAfterMs ?? 0, leftMs))
      patience.onRetry?.(failure)
      await sleepUnlessCancelled(pause, clock, patience.signal, failure)
    }
  }
}

function ruleFor({ errorClass }: ServiceFailure, { retriesNotNow = true }: Patience): RetryRule | undefined {
  return errorClass === 'not-now' && !retriesNotNow ? undefined : errorTable[errorClass].retry
}

/** One attempt. Abandoned at its time limit, wherever it hangs (credentials, connection, body). */
async function attempt<T>(
  { send, asFailure, changes }: RetriableRequest<T>,
  { untilMs, signal }: Patience,
  clock: Clock,
): Promise<T> {
  const leftMs = Math.ceil(untilMs - clock.monotonic())
  if (leftMs < -overtimeMs) throw asFailure(namedError('TimeIsOver', 'wait-timeout'))
  const graceMs = changes ? overtimeMs : 0
  const limitMs = Math.max(shortestAttemptMs, Math.min(longestAttemptMs, leftMs + graceMs))
  return withTimeLimit(limitMs, signal, clock, async (either) => {
    try {
      return await unlessAborted(send({ abortSignal: either }), either)
    } catch (thrown) {
      const isLate = either.aborted && signal?.aborted !== true
      throw asFailure(isLate ? noResponse(limitMs) : thrown)
    }
  })
}

function noResponse(afterMs: number): Error {
  return namedError('TimeoutError', `no complete response within ${Math.round(afterMs / 1000)}s`)
}

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

function pauseAfter(attempt: number, { firstPauseMs, longestPauseMs }: RetryRule): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
}

/** Throws ServiceFailure if the step is cancelled during the pause. */
async function sleepUnlessCancelled(
  pause: number,
  clock: Clock,
  signal: AbortSignal | undefined,
  failure: ServiceFailure,
): Promise<void> {
  try {
    await clock.sleep(pause, signal)
  } catch {
    throw new ServiceFailure(
      'cancelled',
      `This step was cancelled before it could retry: ${failure.message}`,
      'Nothing was deleted.',
      failure,
    )
  }
}
