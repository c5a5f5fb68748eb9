import type { FailingOperation } from '../behaviour.js'
import { type Course, operationCourse, type Work } from '../lifecycle.js'
import type { Subject } from '../operation-log.js'
import type { Operation } from '../wire.js'
import type { Scene } from './scene.js'

/** Starts a change that takes this long, in milliseconds. */
export function begin({ now, behaviour }: Scene, operationType: FailingOperation, durationMs: number): Work {
  const works = !behaviour.failingOperations.includes(operationType)
  return {
    operationType,
    startedAt: now,
    endsAt: now + durationMs,
    end: works ? goodEnd(behaviour) : 'Failed',
  }
}

/** The end of an operation that does what it should. */
export function goodEnd({ operationEnd }: Scene['behaviour']): 'Completed' | 'Succeeded' {
  return operationEnd === 'Completed' ? 'Completed' : 'Succeeded'
}

/** The course of what the work changes: `after` where it works, `failed` where it doesn't. */
export function courseOf<T>(
  work: Work,
  { during, after, failed }: { readonly during: T; readonly after: T; readonly failed: T },
): Course<T> {
  return { during, after: work.end === 'Failed' ? failed : after, endsAt: work.endsAt }
}

/** Writes down the work's operations, one a subject, and gives the service's answer. */
export function answerOf(
  { region, behaviour }: Scene,
  work: Work,
  subjects: readonly Subject[],
): { operations: Operation[] } {
  const course = operationCourse(work, behaviour.operationLagMs)
  const operations = subjects.map((subject) =>
    region.operations.add(work.operationType, subject, work.startedAt, course),
  )
  return { operations }
}
