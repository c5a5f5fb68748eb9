import { count } from '../basics/text.js'
import { markdownText } from '../github/escaping.js'
import { type Cell, markdownTable } from '../github/summary.js'
import { consoleUrl } from '../lightsail/names.js'
import type { Fate, Judged, Survey } from './judge.js'
import { deletedNames, keptNames, retentionSentences } from './report.js'

const headings = ['Source', 'Snapshot', 'Taken', 'Size', 'Retention', 'Reason']

/** How many were deleted and remain, what that costs, and the table of every candidate, in GitHub's Markdown. */
export function retentionText(survey: Survey, dryRun: boolean): string {
  const { judged } = survey
  const result = markdownText(retentionSentences(survey, dryRun))
  if (judged.length === 0) return result
  const shown = mostTelling(judged)
  const hidden = judged.length - shown.length
  const more = hidden === 0 ? '' : `\n\n${count(hidden, 'more snapshot')} in the log.`
  const rows = shown.map((one) => rowOf(one, dryRun))
  return `${result}\n\n${markdownTable(headings, rows)}${more}`
}

function rowOf({ lineage, snapshot, stays, fate, reason }: Judged, dryRun: boolean): Cell[] {
  return [
    { text: `${lineage.type} ${lineage.name}` },
    { text: snapshot.name, ...(fate === 'deleted' || fate === 'gone' ? {} : { url: consoleUrl }) },
    { text: snapshot.createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '' },
    { text: snapshot.sizeInGb === null ? '' : `${snapshot.sizeInGb} GB` },
    { text: stays || dryRun ? verdictWord(stays) : fateWords[fate] },
    { text: reason },
  ]
}

function verdictWord(stays: boolean): string {
  return stays ? 'kept' : 'would be deleted'
}

/** What became of a snapshot that no rule keeps. */
const fateWords: Readonly<Record<Fate, string>> = {
  untouched: 'not tried',
  deleted: 'deleted',
  gone: 'already gone',
  spared: 'kept',
  failed: 'not deleted',
  unknown: 'may still be deleted',
}

/** GitHub discards a summary above 1 MiB entirely, so the table is capped. */
const mostRows = 300

/** All of them; of too many, those whose deletion went wrong, then those that were deleted, then those that are kept. */
function mostTelling(judged: readonly Judged[]): readonly Judged[] {
  if (judged.length <= mostRows) return judged
  const order = [
    judged.filter(({ stays, fate }) => !stays && fate !== 'deleted'),
    judged.filter(({ stays, fate }) => !stays && fate === 'deleted'),
    judged.filter(({ stays }) => stays),
  ]
  const chosen = new Set(order.flat().slice(0, mostRows))
  return judged.filter((one) => chosen.has(one))
}

/** The fates that make a step of prune/ fail. */
const badFates: ReadonlySet<Fate> = new Set(['untouched', 'failed', 'unknown'])

/** The result of prune/, as the heading of its section. */
export function retentionHeading({ judged }: Survey, dryRun: boolean): string {
  const snapshots = (number: number) => count(number, 'Lightsail snapshot')
  if (dryRun) {
    const going = judged.filter(({ stays }) => !stays).length
    return `### :mag: Dry run: ${snapshots(going)} would be deleted, ${judged.length - going} kept`
  }
  const deleted = deletedNames(judged).length
  const missed = judged.filter(({ stays, fate }) => !stays && badFates.has(fate)).length
  if (missed > 0) return `### :x: ${missed} of ${snapshots(deleted + missed)} not deleted`
  return `### :white_check_mark: ${snapshots(deleted)} deleted, ${keptNames(judged).length} kept`
}
