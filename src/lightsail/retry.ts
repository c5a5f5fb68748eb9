import type { Clock } from '../basics/clock.js'
import type { ErrorClass, ServiceFailure } from './errors.js'

/** Which failures a request is sent again after: a create only where it was certainly not carried out. */
export const retried: Readonly<Record<'read' | 'create', ReadonlySet<ErrorClass>>> = {
  read: new Set<ErrorClass>(['throttled', 'unreachable', 'server', 'network', 'unreadable']),
  create: new Set<ErrorClass>(['throttled', 'unreachable']),
}

const attempts = 4
const firstPauseMs = 500

/**
 * Sends a request until it succeeds, fails for good, or has failed `attempts` times. The pause doubles, and lies at
 * random between half of it and all of it, so that jobs that were refused together don't come back together.
 */
export async function sendWithRetry<T>(
  send: () => Promise<T>,
  asFailure: (thrown: unknown) => ServiceFailure,
  options: {
    readonly kind: keyof typeof retried
    readonly clock: Clock
    readonly random?: () => number
  },
): Promise<T> {
  const random = options.random ?? Math.random
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send()
    } catch (thrown) {
      const failure = asFailure(thrown)
      if (attempt === attempts || !retried[options.kind].has(failure.errorClass)) throw failure
    }
    await options.clock.sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random() / 2))
  }
}
