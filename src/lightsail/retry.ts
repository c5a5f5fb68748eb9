import type { Clock } from '../basics/clock.js'
import type { ErrorClass, ServiceFailure } from './errors.js'

/** Which failures a request is sent again after: a create only where it was certainly not carried out. */
export const retried: Readonly<Record<'read' | 'create', ReadonlySet<ErrorClass>>> = {
  read: new Set<ErrorClass>(['throttled', 'unreachable', 'server', 'network', 'unreadable']),
  create: new Set<ErrorClass>(['throttled', 'unreachable']),
}

/** How long a request may go on, with everything that is done for it, and what calls it off. */
export interface Patience {
  /** On the clock's monotonic time, in milliseconds. */
  readonly untilMs: number
  readonly signal?: AbortSignal | undefined
  /** How often it is sent at most. Without it: four times, and for as long as there is time when it is throttled. */
  readonly attempts?: number
}

/** What the SDK takes for one sending of a request. */
export interface SendOptions {
  /** In milliseconds. */
  readonly requestTimeout: number
  readonly abortSignal?: AbortSignal
}

const usualAttempts = 4
const firstPauseMs = 500
const longestPauseMs = 10_000
const longestRequestMs = 30_000
const shortestRequestMs = 1000

/**
 * Sends a request until it succeeds, fails for good, or patience is over. The pause doubles, and lies at random between
 * half of it and all of it, so that jobs which were refused together don't come back together. Every sending has a time
 * limit of its own, and none goes on for long after patience is over.
 */
export async function sendWithRetry<T>(
  send: (options: SendOptions) => Promise<T>,
  asFailure: (thrown: unknown) => ServiceFailure,
  kind: keyof typeof retried,
  patience: Patience,
  { clock, random = Math.random }: { readonly clock: Clock; readonly random?: () => number },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(sendOptions(patience, clock))
    } catch (thrown) {
      const failure = asFailure(thrown)
      const pause = pauseAfter(attempt) * (0.5 + random() / 2)
      const again = retried[kind].has(failure.errorClass) && attempt < attemptsFor(failure, patience)
      if (!again || clock.monotonic() + pause > patience.untilMs) throw failure
      await sleepOrFail(pause, clock, patience.signal, failure)
    }
  }
}

function sendOptions({ untilMs, signal }: Patience, clock: Clock): SendOptions {
  const timeLeft = untilMs - clock.monotonic()
  return {
    requestTimeout: Math.max(shortestRequestMs, Math.min(longestRequestMs, timeLeft)),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  }
}

function attemptsFor({ errorClass }: ServiceFailure, { attempts }: Patience): number {
  return attempts ?? (errorClass === 'throttled' ? Number.POSITIVE_INFINITY : usualAttempts)
}

function pauseAfter(attempt: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
}

/** A pause that is called off ends in the failure that it was made for. */
async function sleepOrFail(
  pause: number,
  clock: Clock,
  signal: AbortSignal | undefined,
  failure: ServiceFailure,
): Promise<void> {
  try {
    await clock.sleep(pause, signal)
  } catch {
    throw failure
  }
}
