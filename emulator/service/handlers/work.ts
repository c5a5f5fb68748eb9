import type { FailingOperation } from '../behaviour.js'
import { type Course, operationCourse, type Work } from '../lifecycle.js'
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
