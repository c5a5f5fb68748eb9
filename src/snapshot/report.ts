import { count, durationText } from '../basics/text.js'
import { consoleUrl } from '../lightsail/names.js'
import { subjectOf } from '../lightsail/types.js'
import { sizeText, stateText, worstState } from '../wait/record.js'
import type { Step } from '../workflow/door.js'
import { type Cell, markdownTable } from '../workflow/summary.js'
import type { OutputName } from './interface.js'
import type { Plan } from './plan.js'
import type { Taken } from './take.js'

type Reporter = Pick<Step, 'log' | 'setOutput' | 'appendSummary' | 'run'>

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

/** Says what was started, and where to look at it. */
export function logStarted(outcomes: readonly Taken[], { log }: Reporter): void {
  const started = outcomes.flatMap(({ planned, record }) =>
    record === undefined ? [] : [{ planned, record }],
  )
  for (const { planned, record } of started) {
    const operation = record.operationId === null ? '' : `, operation ${record.operationId}`
    log.info(
      `${record.adopted ? 'Adopted' : 'Started'} snapshot "${record.snapshotName}" of ${subjectOf(planned.source)}${operation}`,
    )
  }
  if (started.length > 0) log.info(`In the Lightsail console: ${consoleUrl}`)
}

/** The one line that ends a step which went well: what has been taken, of one snapshot or of all. */
export function logResult(plan: Plan, taken: readonly Taken[], { log }: Reporter): void {
  if (taken.some(({ failure }) => failure !== undefined)) return
  const [only, ...others] = taken
  const what =
    others.length === 0 ? `Snapshot "${only?.planned.snapshotName}" is` : `All ${taken.length} snapshots are`
  if (!plan.wait) {
    log.info(`${what} started; this step doesn't wait until it is complete`)
    return
  }
  const size = taken.reduce((sum, { record }) => sum + (record?.sizeInGb ?? 0), 0)
  const longest = Math.max(...taken.map(({ durationMs }) => durationMs ?? 0))
  log.info(`${what} complete: ${size} GB in ${durationText(longest)}`)
}

/**
 * Sets every output as it is known by now. Later values replace these. A snapshot that wasn't started counts as `error`
 * and isn't among the others; the name of one that may have been started is.
 */
export function setOutputs(taken: readonly Taken[], { setOutput }: Reporter): void {
  const records = taken.flatMap(({ record }) => record ?? [])
  const states = taken.map(({ record }) => record?.state ?? 'error')
  const named = taken.filter(({ record, uncertain }) => record !== undefined || uncertain)
  const first = taken[0]?.record
  const values: Record<OutputName, string> = {
    'operation-id': first?.operationId ?? '',
    'operation-ids': JSON.stringify(records.map(({ operationId }) => operationId)),
    'snapshot-name': named[0] !== undefined && named[0] === taken[0] ? named[0].planned.snapshotName : '',
    'snapshot-names': JSON.stringify(named.map(({ planned }) => planned.snapshotName)),
    'snapshot-arn': first?.arn ?? '',
    state: worstState(states),
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

/** Adds the table of the snapshots to the job summary; what has not been taken is in it as the plan has it. */
export async function summarize(
  title: string,
  plan: Plan,
  taken: readonly Taken[],
  step: Reporter,
): Promise<void> {
  const commit: Cell = {
    text: plan.commitSha.slice(0, 7),
    url: `${step.run.serverUrl}/${step.run.repository}/commit/${plan.commitSha}`,
  }
  const rows = plan.snapshots.map(({ source, snapshotName }, place) => {
    const { record, durationMs, uncertain = false } = taken[place] ?? {}
    const known = record !== undefined || uncertain
    return [
      { text: `${source.type} ${source.name}` },
      known ? { text: snapshotName, url: consoleUrl } : { text: snapshotName },
      { text: plan.dryRun ? 'dry run' : startedText(taken[place]) },
      { text: record === undefined ? '' : sizeText(record) },
      { text: durationMs === undefined ? '' : durationText(durationMs) },
      commit,
    ]
  })
  await step.appendSummary(`### ${title}\n\n${markdownTable(headings, rows)}`)
}

function startedText({ record, uncertain }: Pick<Taken, 'record' | 'uncertain'> = notTaken): string {
  if (record !== undefined) return stateText(record)
  return uncertain ? 'not known' : 'not taken'
}

const notTaken = { record: undefined, uncertain: false }
