import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import type { Operation } from '../lightsail/types.js'
import { judge } from '../wait/judge.js'
import type { SnapshotRecord } from '../wait/record.js'
import type { PlannedSnapshot } from './plan.js'
import { foundRecord, startedRecord } from './record.js'
import { Request, type TakeTools } from './request.js'

/** One planned snapshot on its way through the step. */
export interface Taken {
  readonly planned: PlannedSnapshot
  /** Undefined where it wasn't started, as far as anybody knows. */
  readonly record: SnapshotRecord | undefined
  readonly operation: Operation | undefined
  /** On the clock's monotonic time, in milliseconds. */
  readonly startedAtMs: number
  /** From the request until its end was seen, in milliseconds; undefined while there is none. */
  readonly durationMs: number | undefined
  /** Whether it may have been started although no answer says so. */
  readonly uncertain: boolean
  readonly failure: Failure | undefined
}

/** How many snapshots are requested at once. */
const atOnce = 5

/** How long a request that starts a snapshot may go on after the step was cancelled, in milliseconds. */
const graceMs = 3000

/**
 * Starts every planned snapshot, some side by side. One that can't be started doesn't keep the others from it. After a
 * cancellation none is started any more; those under way get a little time for their answer.
 */
export function takeAll(
  planned: readonly PlannedSnapshot[],
  signal: AbortSignal,
  tools: TakeTools,
): Promise<Taken[]> {
  const { clock, patience } = tools
  return withGrace(signal, clock, (later) =>
    mapBounded(planned, atOnce, (one) =>
      signal.aborted
        ? notStarted(one, clock)
        : takeOne(one, { ...tools, patience: { ...patience, signal: later } }),
    ),
  )
}

/** Does the work with a signal that comes `graceMs` after the one given. */
async function withGrace<T>(
  signal: AbortSignal,
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
  signal.addEventListener('abort', onAbort)
  try {
    return await work(later.signal)
  } finally {
    signal.removeEventListener('abort', onAbort)
    over.abort()
  }
}

async function takeOne(planned: PlannedSnapshot, tools: TakeTools): Promise<Taken> {
  const { lightsail, clock } = tools
  const open = { planned, startedAtMs: clock.monotonic(), durationMs: undefined, uncertain: false }
  const request = new Request(planned, tools)
  try {
    const { operation, found } = await request.send()
    const record =
      found === undefined
        ? startedRecord(planned, operation, lightsail.region)
        : foundRecord(found, operation, lightsail.region)
    // The answer itself can say that nothing will come of it.
    const named = { name: planned.snapshotName, region: lightsail.region }
    const verdict = judge(named, { snapshot: found?.snapshot, operation }, 0)
    return { ...open, record, operation, failure: verdict instanceof Failure ? verdict : undefined }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { ...open, record: undefined, operation: undefined, uncertain: request.answerLost, failure: error }
  }
}

async function notStarted(planned: PlannedSnapshot, clock: Clock): Promise<Taken> {
  return {
    planned,
    record: undefined,
    operation: undefined,
    startedAtMs: clock.monotonic(),
    durationMs: undefined,
    uncertain: false,
    failure: new Failure(
      `This step was cancelled before the snapshot "${planned.snapshotName}" was started.`,
      'Nothing was deleted. Run the job again for a snapshot.',
    ),
  }
}
