import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import { withGrace } from '../basics/signals.js'
import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import type { SnapshotRecord } from '../domain/snapshot-record.js'
import { judge } from '../domain/verdict.js'
import type { Operation } from '../lightsail/types.js'
import { failedRecord, foundRecord, startedRecord } from './record.js'
import { LostResponse, notStarted, SnapshotRequest, type TakeTools } from './snapshot-request.js'

/** A planned snapshot and what became of it. */
export interface Taken {
  readonly planned: PlannedSnapshot
  readonly record: SnapshotRecord
  /** `unknown`: it may have been started, but the response was lost. */
  readonly started: 'yes' | 'no' | 'unknown'
  readonly operation: Operation | undefined
  /** On the clock's monotonic time, in milliseconds. */
  readonly startedAtMs: number
  /** From the request until it was seen complete or failed, in milliseconds; undefined before that. */
  readonly durationMs: number | undefined
  readonly failure: Failure | undefined
}

/** How many snapshots are requested at once. */
const atOnce = 5

/**
 * Starts every planned snapshot, several at a time. A failure doesn't stop the others. After a cancellation no more are
 * started; requests in progress get a little time for their responses. `onTaken` is called for each.
 */
export function takeAll(
  planned: readonly PlannedSnapshot[],
  tools: Omit<TakeTools, 'abort'>,
  onTaken: (taken: Taken) => void = () => {},
): Promise<Taken[]> {
  const { clock, patience } = tools
  return withGrace(patience.signal, clock, (abort) =>
    mapBounded(planned, atOnce, async (snapshot) => {
      const taken = await takeOne(snapshot, { ...tools, abort })
      onTaken(taken)
      return taken
    }),
  )
}

/** Returns the record of a snapshot that was certainly not started. */
export function notTaken(
  planned: PlannedSnapshot,
  failure: Failure,
  region: string,
  clock: Pick<Clock, 'monotonic'>,
): Taken {
  return {
    planned,
    record: failedRecord(planned, region),
    started: 'no',
    operation: undefined,
    startedAtMs: clock.monotonic(),
    durationMs: undefined,
    failure,
  }
}

async function takeOne(planned: PlannedSnapshot, tools: TakeTools): Promise<Taken> {
  const { lightsail, clock, patience } = tools
  const { region } = lightsail
  const open = { planned, startedAtMs: clock.monotonic(), durationMs: undefined }
  try {
    if (patience.signal?.aborted) throw notStarted(planned)
    const { operation, found } = await new SnapshotRequest(planned, tools).send()
    const record =
      found === undefined
        ? startedRecord(planned, operation, region)
        : foundRecord(planned, found, operation, region)
    const named = { type: planned.snapshotType, name: planned.snapshotName, region }
    // The response itself may report a failure.
    const verdict = judge(named, { snapshot: found?.snapshot, operation })
    const failure = verdict instanceof Failure ? verdict : undefined
    return { ...open, started: 'yes', record, operation, failure }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return {
      ...notTaken(planned, error, region, clock),
      ...open,
      started: error instanceof LostResponse ? 'unknown' : 'no',
    }
  }
}
