import type { Clock } from '../basics/clock.js'
import type { Patience } from '../lightsail/retry.js'

/** How long (ms) a change of tags may stay invisible. */
const hiddenMs = 180_000
const lookAgainMs = 2000

/** Waits until a change can be seen. Returns whether it can be: not if it takes too long, or if the step is cancelled. */
export async function becomesVisible(
  isVisible: () => Promise<boolean>,
  { signal }: Patience,
  clock: Clock,
): Promise<boolean> {
  const untilMs = clock.monotonic() + hiddenMs
  while (!(await isVisible())) {
    if (clock.monotonic() >= untilMs || signal?.aborted) return false
    await clock.sleep(lookAgainMs, signal).catch(() => {})
  }
  return true
}
