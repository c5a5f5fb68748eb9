import type { Schedule } from './schedule.js'

/** The result of one run: what the service has, and what the steps reported. */
export interface Trace {
  readonly schedule: Schedule
  /** The snapshots that the service has, with the operation of each. */
  readonly made: readonly {
    readonly source: string
    readonly name: string
    readonly state: string
    readonly operationId: string
  }[]
  /** Whether the response to a create request that was carried out was lost. */
  readonly answerLost: boolean
  readonly step: StepTrace
  /** The step of `wait/`, if one followed. */
  readonly wait: StepTrace | undefined
}

export interface StepTrace {
  readonly succeeded: boolean
  readonly outputs: Readonly<Record<string, string>>
  readonly log: readonly string[]
  /** Anything thrown that is not a Failure, which is a bug. */
  readonly unexpected: unknown
}

type Check = readonly [string, (trace: Trace) => boolean]

/** The rules of docs/reliability.md, each with a function that says whether a trace keeps it. */
export const checks: readonly Check[] = [
  [
    'a source has at most one snapshot',
    ({ made }) => new Set(made.map(({ source }) => source)).size === made.length,
  ],
  [
    'nothing but a Failure is thrown',
    ({ step, wait }) => step.unexpected === undefined && wait?.unexpected === undefined,
  ],
  [
    'a step that waits succeeds only when every snapshot is completed',
    ({ schedule, step, made }) =>
      !step.succeeded || schedule.inputs['wait'] !== 'true' || isAllCompleted(schedule, made),
  ],
  [
    'wait/ succeeds only when every snapshot is completed',
    ({ schedule, wait, made }) => wait?.succeeded !== true || isAllCompleted(schedule, made),
  ],
  [
    'the operation id of every created snapshot is in the outputs, unless its response was lost and the step says so',
    (trace) => trace.made.every((one) => isKnown(one, trace) || isExcused(one.name, trace)),
  ],
  [
    'a step that meets only temporary faults succeeds',
    ({ schedule, step, wait }) => !schedule.isBenign || (step.succeeded && wait?.succeeded !== false),
  ],
]

function isAllCompleted(schedule: Schedule, made: Trace['made']): boolean {
  return made.length === schedule.disks && made.every(({ state }) => state === 'completed')
}

function isKnown({ operationId }: { readonly operationId: string }, { step }: Trace): boolean {
  const ids: unknown = JSON.parse(step.outputs['operation-ids'] || '[]')
  return Array.isArray(ids) && ids.includes(operationId)
}

/** Whether the id may be missing: an earlier attempt took the snapshot, the step was cancelled, or the response stayed lost. */
function isExcused(name: string, { schedule, step, answerLost }: Trace): boolean {
  if (schedule.cancelledAt !== undefined || schedule.takenBefore) return true
  const names = step.outputs['snapshot-names'] ?? ''
  const isSaid = !step.succeeded || step.log.some((line) => line.includes('operation-id is empty: '))
  return !schedule.isBenign && answerLost && isSaid && names.includes(`"${name}"`)
}
