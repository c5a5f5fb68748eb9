import { count, durationText } from '../basics/text.js'
import { subjectOf } from '../lightsail/client.js'
import { consoleUrl } from '../lightsail/names.js'
import type { Step } from '../workflow/door.js'
import { type Cell, markdownTable } from '../workflow/summary.js'
import type { OutputName } from './interface.js'
import type { Plan, PlannedSnapshot } from './plan.js'
import type { SnapshotRecord } from './record.js'

/** How one snapshot of the plan has gone so far. */
export interface Outcome {
  readonly planned: PlannedSnapshot
  readonly record: SnapshotRecord | undefined
  /** From the request until its end was seen, in milliseconds; undefined while there is none. */
  readonly durationMs: number | undefined
}

type Reporter = Pick<Step, 'log' | 'setOutput' | 'appendSummary' | 'run'>

/** Says what the step is going to do. */
export function logPlan(plan: Plan, { log }: Reporter): void {
  for (const { source, snapshotName, tags } of plan.snapshots) {
    log.group(`Snapshot "${snapshotName}" of ${subjectOf(source)} in ${plan.region}`, [
      `commit ${plan.commitSha}`,
      plan.wait
        ? `waits up to ${durationText(plan.waitTimeoutMs)}, with a poll every ${durationText(plan.pollIntervalMs)} at least`
        : 'does not wait',
      `${count(tags.length, 'tag')}:`,
      ...tags.map(({ key, value }) => `  ${value === undefined ? key : `${key} = ${value}`}`),
    ])
  }
}

/** Says what was started, and where to look at it. */
export function logStarted(outcomes: readonly Outcome[], { log }: Reporter): void {
  const started = outcomes.flatMap(({ planned, record }) =>
    record === undefined ? [] : [{ planned, record }],
  )
  for (const { planned, record } of started) {
    log.info(
      `Started snapshot "${record.snapshotName}" of ${subjectOf(planned.source)}, operation ${record.operationId}`,
    )
  }
  if (started.length > 0) log.info(`In the Lightsail console: ${consoleUrl}`)
}

/** The one line that ends a step which went well. */
export function logResult(outcomes: readonly Outcome[], { log }: Reporter): void {
  for (const { record, durationMs } of outcomes) {
    if (record?.state === 'completed') {
      log.info(
        `Snapshot "${record.snapshotName}" is complete: ${sizeText(record)} in ${durationText(durationMs ?? 0)}`,
      )
    } else if (record?.state === 'pending') {
      log.info(`Snapshot "${record.snapshotName}" goes on in Lightsail; this step doesn't wait for it`)
    }
  }
}

const worstFirst = ['error', 'pending', 'completed'] as const

/** Sets every output as it is known by now. Later values replace these. A snapshot that wasn't made counts as `error`. */
export function setOutputs(outcomes: readonly Outcome[], { setOutput }: Reporter): void {
  const records = outcomes.flatMap(({ record }) => (record === undefined ? [] : [record]))
  const states = outcomes.map(({ record }) => record?.state ?? 'error')
  const names = records.map((record) => record.snapshotName)
  const ids = records.map((record) => record.operationId)
  const values: Record<OutputName, string> = {
    'operation-id': ids[0] ?? '',
    'operation-ids': JSON.stringify(ids),
    'snapshot-name': names[0] ?? '',
    'snapshot-names': JSON.stringify(names),
    'snapshot-arn': records[0]?.arn ?? '',
    state: worstFirst.find((state) => states.includes(state)) ?? '',
    snapshots: JSON.stringify(records),
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
    state: '',
    snapshots: '[]',
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
}

const headings = ['Source', 'Snapshot', 'State', 'Size', 'Duration', 'Commit']

/** Adds the table of the snapshots to the job summary. */
export async function summarize(
  title: string,
  outcomes: readonly Outcome[],
  plan: Plan,
  step: Reporter,
): Promise<void> {
  const commit: Cell = {
    text: plan.commitSha.slice(0, 7),
    url: `${step.run.serverUrl}/${step.run.repository}/commit/${plan.commitSha}`,
  }
  const rows = outcomes.map(({ planned, record, durationMs }) => [
    { text: `${planned.source.type} ${planned.source.name}` },
    record === undefined ? { text: planned.snapshotName } : { text: planned.snapshotName, url: consoleUrl },
    { text: stateText(plan, record) },
    { text: record === undefined ? '' : sizeText(record) },
    { text: durationMs === undefined ? '' : durationText(durationMs) },
    commit,
  ])
  await step.appendSummary(`### ${title}\n\n${markdownTable(headings, rows)}`)
}

function stateText(plan: Plan, record: SnapshotRecord | undefined): string {
  if (plan.dryRun) return 'dry run'
  if (record === undefined) return 'not taken'
  const progress = record.state === 'pending' && record.progress !== null ? `, ${record.progress}` : ''
  return `${record.state}${progress}`
}

function sizeText({ sizeInGb }: SnapshotRecord): string {
  return sizeInGb === null ? '' : `${sizeInGb} GB`
}
