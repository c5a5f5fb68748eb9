import type { FailingOperation } from '../behaviour.js'
import { type Course, type Life, operationCourse, type Work } from '../lifecycle.js'
import type { Subject } from '../operation-log.js'
import type { Operation } from '../wire.js'
import type { RequestContext } from './context.js'

/** Starts a change that takes this long (ms). */
export function begin(
  { now, behaviour }: RequestContext,
  operationType: FailingOperation,
  durationMs: number,
): Work {
  const succeeds = !behaviour.failingOperations.includes(operationType)
  return {
    operationType,
    startedAt: now,
    endsAt: now + durationMs,
    end: succeeds ? successStatus(behaviour) : 'Failed',
  }
}

/** The final status of a successful operation. */
export function successStatus({ operationEnd }: RequestContext['behaviour']): 'Completed' | 'Succeeded' {
  return operationEnd === 'Completed' ? 'Completed' : 'Succeeded'
}

/** The course of a changed resource: `after` if the work succeeds, `failed` if it doesn't. */
export function courseOf<T>(
  work: Work,
  { during, after, failed }: { readonly during: T; readonly after: T; readonly failed: T },
): Course<T> {
  return { during, after: work.end === 'Failed' ? failed : after, endsAt: work.endsAt }
}

/** The life of a snapshot of so many GB that is taken now. */
export function newLife({ now, behaviour }: RequestContext, sizeInGb: number): Life {
  const snapshotDurationMs = behaviour.snapshotDurationMs + sizeInGb * behaviour.snapshotMsPerGb
  return { startedAt: now, behaviour: { ...behaviour, snapshotDurationMs } }
}

/** Records the operations of a new snapshot, its own and its source's, and returns the response. */
export function snapshotResponse(
  context: RequestContext,
  operationType: 'CreateDiskSnapshot' | 'CreateInstanceSnapshot',
  { startedAt, behaviour }: Life,
  snapshot: Subject['resource'],
  source: Subject['resource'],
): { operations: Operation[] } {
  const endsAt = startedAt + behaviour.snapshotDurationMs
  const work = { operationType, startedAt, endsAt, end: behaviour.operationEnd }
  const subjects = [
    { resource: snapshot, other: source.name },
    { resource: source, other: snapshot.name },
  ]
  return responseOf(context, work, behaviour.firstOperation === 'source' ? subjects.reverse() : subjects)
}

/** Records the work's operations, one per subject, and returns the response. */
export function responseOf(
  { region, behaviour }: RequestContext,
  work: Work,
  subjects: readonly Subject[],
): { operations: Operation[] } {
  const course = operationCourse(work, behaviour.operationLagMs)
  const operations = subjects.map((subject) =>
    region.operations.add(work.operationType, subject, work.startedAt, course),
  )
  return { operations }
}
