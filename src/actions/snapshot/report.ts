import { count, durationText } from '../../basics/text.js'
import { arnsOutput, recordsOutput, worstState } from '../../domain/snapshot-record.js'
import type { Step } from '../../github/entry-point.js'
import { subjectOf } from '../../lightsail/types.js'
import type { Taken } from '../../take/take.js'
import { figuresOf } from '../shared/result.js'
import type { Plan } from './inputs.js'
import type { OutputName } from './interface.js'
import { longestOf } from './page.js'

type Reporter = Pick<Step, 'log' | 'setOutput'>

/** Says what the step is going to do. The tags are the same for every snapshot, and are said once. */
export function logPlan(plan: Plan, { log }: Reporter): void {
  const tags = plan.snapshots[0]?.tags ?? []
  log.group(`${count(plan.snapshots.length, 'snapshot')} to take in ${plan.region}`, [
    ...plan.snapshots.map(({ source, snapshotName }) => `"${snapshotName}" of ${subjectOf(source)}`),
    `commit ${plan.commitSha}`,
    plan.wait
      ? `waits up to ${durationText(plan.waitTimeoutMs)}, with polls at most ${durationText(plan.pollIntervalMs)} apart`
      : 'does not wait',
    `${count(tags.length, 'tag')}${plan.snapshots.length > 1 ? ' each' : ''}:`,
    ...tags.map(({ key, value }) => `  ${value === undefined ? key : `${key} = ${value}`}`),
  ])
}

/** Says what was started. */
export function logTaken({ planned, record, started }: Taken, { log }: Reporter): void {
  if (started !== 'yes') return
  const operation = record.operationId === null ? '' : `, operation ${record.operationId}`
  const of = `snapshot "${record.snapshotName}" of ${subjectOf(planned.source)}`
  log.info(`${record.adopted ? 'Adopted' : 'Started'} ${of}${operation}`)
}

/** The one line that ends a step which went well. */
export function logResult(plan: Plan, taken: readonly Taken[], { log }: Reporter): void {
  if (taken.every(({ failure }) => failure === undefined)) log.info(resultText(plan, taken))
}

/** What has been taken, of one snapshot or of all. */
export function resultText(plan: Plan, taken: readonly Taken[]): string {
  const [only, ...others] = taken
  const what =
    others.length === 0 ? `Snapshot "${only?.planned.snapshotName}" is` : `All ${taken.length} snapshots are`
  const isComplete = taken.every(({ record }) => record.state === 'completed')
  if (!plan.wait && !isComplete) return `${what} started; this step doesn't wait until it is complete`
  const records = taken.map(({ record }) => record)
  return `${what} complete${figuresOf(records, longestOf(taken))}`
}

/**
 * Sets every output as it is known by now. Later values replace these. What wasn't started is in `snapshots` alone, with the
 * state `error`; the name of one that may have been started is given.
 */
export function setOutputs(
  taken: readonly Taken[],
  { setOutput }: Reporter,
  deleted: readonly string[] = [],
): void {
  const [first] = taken
  const named = taken.filter(({ started }) => started !== 'no')
  const startedIds = taken.flatMap(({ started, record }) => (started === 'yes' ? [record.operationId] : []))
  const values: Record<OutputName, string> = {
    'operation-id': first?.record.operationId ?? '',
    'operation-ids': JSON.stringify(startedIds),
    'snapshot-name': first === undefined || first.started === 'no' ? '' : first.planned.snapshotName,
    'snapshot-names': JSON.stringify(named.map(({ planned }) => planned.snapshotName)),
    'snapshot-arn': first?.record.arn ?? '',
    state: worstState(taken.map(({ record }) => record.state)),
    'snapshot-arns': arnsOutput(taken.map(({ record }) => record)),
    snapshots: recordsOutput(taken.map(({ record }) => record)),
    'deleted-snapshots': JSON.stringify(deleted),
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
}

/** Sets the outputs of a dry run: the names that would be given, and nothing that would take a snapshot to know. */
export function setDryRunOutputs(plan: Plan, { setOutput }: Reporter): void {
  const names = plan.snapshots.map(({ snapshotName }) => snapshotName)
  const values: Record<OutputName, string> = {
    'operation-id': '',
    'operation-ids': '[]',
    'snapshot-name': names[0] ?? '',
    'snapshot-names': JSON.stringify(names),
    'snapshot-arn': '',
    'snapshot-arns': '[]',
    state: '',
    snapshots: '[]',
    'deleted-snapshots': '[]',
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
}
