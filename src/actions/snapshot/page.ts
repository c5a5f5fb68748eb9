import { count, durationText } from '../../basics/text.js'
import { sizeText, stateText } from '../../domain/snapshot-record.js'
import type { Step } from '../../github/entry-point.js'
import { type Cell, markdownTable, withoutEmptyColumns } from '../../github/summary.js'
import { timeline } from '../../github/timeline.js'
import { consoleUrl } from '../../lightsail/names.js'
import type { Survey } from '../../retention/judge.js'
import { retentionText } from '../../retention/page.js'
import type { Taken } from '../../take/take.js'
import { barOf, resultHeading, type Shortcoming } from '../shared/result.js'
import type { Plan } from './inputs.js'

type Reporter = Pick<Step, 'appendSummary' | 'run' | 'clock'>

const headings = ['Source', 'Snapshot', 'State', 'Size', 'Duration', 'Commit']

/**
 * Adds the section of the step to the job summary: the result, the table of the snapshots, when each was made, and what
 * retention did. What has not been taken is in the table as the plan has it.
 */
export async function summarize(
  plan: Plan,
  taken: readonly Taken[],
  pruned: Survey | undefined,
  step: Reporter,
): Promise<void> {
  const commit: Cell = {
    text: plan.commitSha.slice(0, 7),
    url: `${step.run.serverUrl}/${step.run.repository}/commit/${plan.commitSha}`,
  }
  const rows = plan.snapshots.map(({ source, snapshotName }, place) => {
    const { record, durationMs, started = 'no' } = taken[place] ?? {}
    return [
      { text: `${source.type} ${source.name}` },
      started === 'no' ? { text: snapshotName } : { text: snapshotName, url: consoleUrl },
      { text: plan.dryRun ? 'dry run' : stateCell(taken[place]) },
      { text: record === undefined ? '' : sizeText(record) },
      { text: durationMs === undefined ? '' : durationText(durationMs) },
      commit,
    ]
  })
  const parts = [
    headingOf(plan, taken),
    markdownTable(...withoutEmptyColumns(headings, rows)),
    plan.wait ? timeline(barsOf(taken, step)) : '',
    pruned === undefined || isEmpty(pruned) ? '' : `#### Retention\n\n${retentionText(pruned, plan.dryRun)}`,
  ]
  await step.appendSummary(parts.filter(Boolean).join('\n\n'))
}

function isEmpty({ judged, beyond }: Survey): boolean {
  return judged.length + beyond.length === 0
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

/** How long the slowest took, in milliseconds; undefined where it isn't known of all, as of one that was adopted. */
export function longestOf(taken: readonly Taken[]): number | undefined {
  const known = taken.flatMap(({ durationMs, record }) => (record.adopted ? [] : (durationMs ?? [])))
  return known.length < taken.length ? undefined : Math.max(...known)
}

/** When each was made that this step has started: of an adopted one nobody knows. */
function barsOf(taken: readonly Taken[], { clock }: Reporter) {
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
