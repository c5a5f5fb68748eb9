import { capital, count, durationText } from '../../basics/text.js'
import {
  arnsOutput,
  recordsOutput,
  sizeText,
  stateText,
  weakestConsistency,
  worstState,
} from '../../domain/snapshot-record.js'
import type { Step } from '../../github/entry-point.js'
import { setOutputs } from '../../github/outputs.js'
import { type Cell, markdownTable, withoutEmptyColumns } from '../../github/summary.js'
import { timeline } from '../../github/timeline.js'
import { consoleUrl } from '../../lightsail/names.js'
import { subjectOf } from '../../lightsail/types.js'
import type { RetentionResult } from '../../retention/candidates.js'
import { retentionText } from '../../retention/report.js'
import type { Taken } from '../../take/take.js'
import { barOf, figuresOf, resultHeading, type Shortcoming } from '../shared/result.js'
import type { Plan } from './inputs.js'

type Reporter = Pick<Step, 'log' | 'setOutput'>

/** Logs what the step will do. The tags, the same for every snapshot, are logged once. */
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

/** Logs a snapshot that was started. */
export function logTaken({ planned, record, started }: Taken, { log }: Reporter): void {
  if (started !== 'yes') return
  const operation = record.operationId === null ? '' : `, operation ${record.operationId}`
  const of = `snapshot "${record.snapshotName}" of ${subjectOf(planned.source)}`
  log.info(`${record.adopted ? 'Adopted' : 'Started'} ${of}${operation}`)
}

/** Logs the last line of a step that succeeded. */
export function logResult(plan: Plan, taken: readonly Taken[], { log }: Reporter): void {
  log.info(resultText(plan, taken))
}

/** Returns the result of one snapshot or of all. */
export function resultText(plan: Plan, taken: readonly Taken[]): string {
  const [first] = taken
  const [one, many] = [`snapshot "${first?.planned.snapshotName}"`, `${taken.length} snapshots`]
  const isOne = taken.length === 1
  if (!plan.wait && taken.some(({ record }) => record.state !== 'completed')) {
    return `Started ${isOne ? one : many}; not waiting for ${isOne ? 'it' : 'them'} to complete`
  }
  const what = isOne ? `${capital(one)} is` : `All ${many} are`
  const records = taken.map(({ record }) => record)
  return `${what} complete${figuresOf(records, longestOf(taken))}`
}

/**
 * Sets every output as far as it is known; later values replace these. A snapshot that wasn't started is only in `snapshots`,
 * with the state `error`. The name of one that may have been started is set.
 */
export function setTakenOutputs(
  taken: readonly Taken[],
  step: Reporter,
  deleted: readonly string[] = [],
): void {
  const [first] = taken
  const named = taken.filter(({ started }) => started !== 'no')
  const startedIds = taken.flatMap(({ started, record }) => (started === 'yes' ? [record.operationId] : []))
  setOutputs<'snapshot'>(step, {
    'operation-id': first?.record.operationId ?? '',
    'operation-ids': JSON.stringify(startedIds),
    'snapshot-name': first === undefined || first.started === 'no' ? '' : first.planned.snapshotName,
    'snapshot-names': JSON.stringify(named.map(({ planned }) => planned.snapshotName)),
    'snapshot-arn': first?.record.arn ?? '',
    state: worstState(taken.map(({ record }) => record.state)),
    consistency: weakestConsistency(taken.map(({ record }) => record)),
    'snapshot-arns': arnsOutput(taken.map(({ record }) => record)),
    snapshots: recordsOutput(taken.map(({ record }) => record)),
    'deleted-snapshots': JSON.stringify(deleted),
  })
}

/** Sets the outputs of a dry run: only the names are known. */
export function setDryRunOutputs(plan: Plan, step: Reporter): void {
  const names = plan.snapshots.map(({ snapshotName }) => snapshotName)
  setOutputs<'snapshot'>(step, {
    'operation-id': '',
    'operation-ids': '[]',
    'snapshot-name': names[0] ?? '',
    'snapshot-names': JSON.stringify(names),
    'snapshot-arn': '',
    'snapshot-arns': '[]',
    state: '',
    consistency: '',
    snapshots: '[]',
    'deleted-snapshots': '[]',
  })
}

type SummaryTools = Pick<Step, 'appendSummary' | 'run' | 'clock'>

const headings = ['Source', 'Snapshot', 'State', 'Consistency', 'Size', 'Duration', 'Commit']

/**
 * Adds the step's section to the job summary: the result, the table of the snapshots, the timeline, and what retention did.
 * The table shows snapshots that weren't taken as planned.
 */
export async function summarize(
  plan: Plan,
  taken: readonly Taken[],
  pruned: RetentionResult | undefined,
  step: SummaryTools,
  pauseText = '',
): Promise<void> {
  const commit: Cell = {
    text: plan.commitSha.slice(0, 7),
    url: `${step.run.serverUrl}/${step.run.repository}/commit/${plan.commitSha}`,
  }
  const rows = plan.snapshots.map(({ source, snapshotName }, index) => {
    const { record, durationMs, started = 'no' } = taken[index] ?? {}
    return [
      { text: `${source.type} ${source.name}` },
      started === 'no' ? { text: snapshotName } : { text: snapshotName, url: consoleUrl },
      { text: plan.dryRun ? 'dry run' : stateCell(taken[index]) },
      { text: plan.pause === undefined ? '' : (record?.consistency ?? '') },
      { text: record === undefined ? '' : sizeText(record) },
      { text: durationMs === undefined ? '' : durationText(durationMs) },
      commit,
    ]
  })
  const parts = [
    headingOf(plan, taken),
    markdownTable(...withoutEmptyColumns(headings, rows)),
    pauseText,
    plan.wait ? timeline(barsOf(taken, step)) : '',
    pruned === undefined || isEmpty(pruned) ? '' : `#### Retention\n\n${retentionText(pruned, plan.dryRun)}`,
  ]
  await step.appendSummary(parts.filter(Boolean).join('\n\n'))
}

function isEmpty({ candidates, outOfReach }: RetentionResult): boolean {
  return candidates.length + outOfReach.length === 0
}

function headingOf({ snapshots, dryRun, wait }: Plan, taken: readonly Taken[]): string {
  if (dryRun) return `### :mag: Dry run: ${count(snapshots.length, 'Lightsail snapshot')} would be taken`
  const bad = taken.filter(({ failure }) => failure !== undefined)
  return resultHeading({
    records: taken.map(({ record }) => record),
    planned: snapshots.length,
    bad: bad.length,
    not: shortcomingOf(bad, wait),
    longestMs: longestOf(taken),
  })
}

function shortcomingOf(bad: readonly Taken[], wait: boolean): Shortcoming {
  const areAll = (state: Taken['started']) => bad.every(({ started }) => started === state)
  if (areAll('no')) return 'taken'
  if (wait) return 'complete'
  return areAll('yes') ? 'good' : 'known'
}

/** How long the slowest took, in milliseconds; undefined if one is unknown, as for adopted snapshots. */
function longestOf(taken: readonly Taken[]): number | undefined {
  const known = taken.flatMap(({ durationMs, record }) => (record.adopted ? [] : (durationMs ?? [])))
  return known.length < taken.length ? undefined : Math.max(...known)
}

/** The bars of the snapshots that this step has started. For adopted ones the time is unknown. */
function barsOf(taken: readonly Taken[], { clock }: SummaryTools) {
  const now = clock.monotonic()
  const epoch = clock.now() - now
  return taken
    .filter(({ started, record }) => started === 'yes' && !record.adopted)
    .map(({ record, startedAtMs, durationMs = now - startedAtMs }) => {
      const startMs = epoch + startedAtMs
      return barOf(record, 'source', startMs, startMs + durationMs)
    })
}

const notStartedStates = { no: 'not taken', unknown: 'not known' } as const

function stateCell(taken: Taken | undefined): string {
  if (taken === undefined) return notStartedStates.no
  return taken.started === 'yes' ? stateText(taken.record) : notStartedStates[taken.started]
}
