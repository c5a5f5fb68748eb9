import type { Clock } from './clock.js'

/** How long work in progress may continue after the step was cancelled, in milliseconds. A cancelled step ends within five seconds. */
const graceMs = 3000

/** Does the work with a signal that is aborted three seconds after the one given. */
export async function withGrace<T>(
  signal: AbortSignal | undefined,
  clock: Clock,
  work: (later: AbortSignal) => Promise<T>,
): Promise<T> {
  const later = new AbortController()
  const over = new AbortController()
  const onAbort = () =>
    void clock.sleep(graceMs, over.signal).then(
      () => later.abort(),
      () => {},
    )
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  try {
    return await work(later.signal)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    over.abort()
  }
}
