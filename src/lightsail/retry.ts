import type { Clock } from '../basics/clock.js'
import { unlessAborted, withTimeLimit } from '../basics/signals.js'
import type { ErrorClass } from './error-classes.js'
import { ServiceFailure } from './errors.js'

/** How a request that failed is sent again. All times are in milliseconds. */
interface RetryRule {
  /** For how long at most, since the first failure; whatever it says, never for longer than the step may wait. */
  readonly longestMs: number
  /** Before the second sending; each pause after it is twice as long, */
  readonly firstPauseMs: number
  /** up to this. */
  readonly longestPauseMs: number
  /** Whether nobody knows if a request that ended so was carried out. */
  readonly uncertain: boolean
}

const always = Number.POSITIVE_INFINITY
const passing = { firstPauseMs: 500, longestPauseMs: 10_000, longestMs: always, uncertain: true } as const
/** What is more often a mistake in the settings than something that passes. */
const doubtful = { ...passing, longestMs: 120_000 } as const
const ended = undefined

/**
 * The one table of what is tried again. What isn't ends the request at once: sending it again would give the same answer.
 * An automatic snapshot can take 45 minutes, hence its longer pauses. After an answer that told of a wrong clock the SDK
 * has set its own right, so one more sending is enough.
 */
export const retryRules: Readonly<Record<ErrorClass, RetryRule | undefined>> = {
  throttled: { ...passing, uncertain: false },
  server: passing,
  network: passing,
  unreadable: doubtful,
  unreachable: { ...doubtful, uncertain: false },
  'credentials-unreachable': { ...doubtful, uncertain: false },
  // Never before the time is over, and then there is none for another.
  'time-over': { ...passing, longestMs: 0, uncertain: false },
  'clock-skew': { ...passing, longestMs: 2000, uncertain: false },
  'automatic-snapshot': { ...passing, firstPauseMs: 15_000, longestPauseMs: 60_000, uncertain: false },
  denied: ended,
  'proxy-refused': ended,
  'credentials-missing': ended,
  'credentials-refused': ended,
  'credentials-expired': ended,
  'account-setup': ended,
  'region-setup': ended,
  'not-found': ended,
  'name-taken': ended,
  invalid: ended,
  // Called off by the step itself; what was under way may still be carried out.
  cancelled: ended,
  other: ended,
}

/** Whether nobody knows if a request that ended like this was carried out. */
export function isUncertain(errorClass: ErrorClass): boolean {
  return errorClass === 'cancelled' || retryRules[errorClass]?.uncertain === true
}

/** Whether a request that ended like this may do better next time. */
export function mayPass(errorClass: ErrorClass): boolean {
  return retryRules[errorClass] !== undefined
}

/** How long a request may go on, with everything that is done for it, and what calls it off. */
export interface Patience {
  /** On the clock's monotonic time, in milliseconds. */
  readonly untilMs: number
  readonly signal?: AbortSignal | undefined
  /** How often it is sent at most. Without it: for as long as there is time and its failure's rule allows. */
  readonly attempts?: number
  /** Called before each pause with the failure that it is made for. */
  readonly onRetry?: ((failure: ServiceFailure) => void) | undefined
}

/** What the SDK takes for one sending of a request. */
export interface SendOptions {
  readonly abortSignal: AbortSignal
}

/** No single sending takes longer than this, in milliseconds, from the credentials to the end of the answer. */
const longestSendingMs = 15_000
const shortestSendingMs = 1000

/**
 * How much later than patience the last request may end, in milliseconds: so long a request that changes something waits
 * for its answer, and so long it can be asked what became of one. A step that is out of time ends within five seconds.
 */
export const overtimeMs = 3000

/** How a request is sent. */
export interface Sending<T> {
  readonly send: (options: SendOptions) => Promise<T>
  readonly asFailure: (thrown: unknown) => ServiceFailure
  /** Whether it changes something: then it isn't sent again after an end that leaves open whether it was carried out. */
  readonly changes: boolean
}

/** What retrying needs beside the work itself. */
export interface RetryTools {
  readonly clock: Clock
  readonly random?: () => number
}

/**
 * Sends a request until it succeeds, fails for good, or patience is over. Every sending has a time limit of its own, and
 * none goes on for long after patience is over. Throws ServiceFailure.
 */
export function sendWithRetry<T>(sending: Sending<T>, patience: Patience, tools: RetryTools): Promise<T> {
  const mayRepeat = ({ errorClass }: ServiceFailure) => !(sending.changes && isUncertain(errorClass))
  return retry(() => sendOnce(sending, patience, tools.clock), mayRepeat, patience, tools)
}

/**
 * Does the work until it succeeds, fails for good, or patience is over. The pause doubles, and lies at random between half
 * of it and all of it, so that jobs which were refused together don't come back together. Throws what the work throws.
 */
export async function retry<T>(
  work: () => Promise<T>,
  mayRepeat: (failure: ServiceFailure) => boolean,
  patience: Patience,
  { clock, random = Math.random }: RetryTools,
): Promise<T> {
  let failingSince: number | undefined
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (failure) {
      if (!(failure instanceof ServiceFailure)) throw failure
      const rule = retryRules[failure.errorClass]
      failingSince ??= clock.monotonic()
      if (rule === undefined || attempt >= (patience.attempts ?? always) || !mayRepeat(failure)) throw failure
      const pause = Math.round(pauseAfter(attempt, rule) * (0.5 + random() / 2))
      const resumesAt = clock.monotonic() + pause
      if (resumesAt > patience.untilMs || resumesAt - failingSince > rule.longestMs) throw failure
      patience.onRetry?.(failure)
      await sleepUnlessCancelled(pause, clock, patience.signal, failure)
    }
  }
}

/** Sends it once, within its time limit: whatever hangs, from a source of credentials to the end of an answer, is left. */
async function sendOnce<T>(
  { send, asFailure, changes }: Sending<T>,
  { untilMs, signal }: Patience,
  clock: Clock,
): Promise<T> {
  const leftMs = Math.ceil(untilMs - clock.monotonic())
  if (leftMs < -overtimeMs) throw asFailure(namedError('TimeIsOver', 'the time that this step may wait'))
  const graceMs = changes ? overtimeMs : 0
  const limitMs = Math.max(shortestSendingMs, Math.min(longestSendingMs, leftMs + graceMs))
  return withTimeLimit(limitMs, signal, clock, async (either) => {
    try {
      return await unlessAborted(send({ abortSignal: either }), either)
    } catch (thrown) {
      const isLate = either.aborted && signal?.aborted !== true
      throw asFailure(isLate ? noAnswer(limitMs) : thrown)
    }
  })
}

function noAnswer(afterMs: number): Error {
  return namedError('TimeoutError', `no whole answer within ${Math.round(afterMs / 1000)}s`)
}

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

function pauseAfter(attempt: number, { firstPauseMs, longestPauseMs }: RetryRule): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
}

/** A pause that is called off is the end of the request. */
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
      `This step was cancelled before it could try again: ${failure.message}`,
      'Nothing was deleted.',
      failure,
    )
  }
}
