import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { consoleUrl } from '../lightsail/names.js'
import { monthlyPrice } from '../lightsail/prices.js'
import type { Log } from '../workflow/log.js'
import { markdownText } from '../workflow/plain-text.js'
import { type Cell, markdownTable } from '../workflow/summary.js'
import type { Judged } from './prune.js'

/** How much a list of snapshots takes at most: the service stores, and bills, only changed blocks. */
function sizeOf(judged: readonly Judged[]): string {
  return `up to ${gbOf(judged)} GB`
}

function gbOf(judged: readonly Judged[]): number {
  return judged.reduce((sum, { snapshot }) => sum + (snapshot.sizeInGb ?? 0), 0)
}

/** `, at most about $8.00 a month`; an empty text where a size isn't known. */
function priceOf(judged: readonly Judged[]): string {
  if (judged.some(({ snapshot }) => snapshot.sizeInGb === null)) return ''
  return `, at most about ${monthlyPrice(gbOf(judged))} a month`
}

/** Says of every candidate why it stays or goes. */
export function logVerdicts(judged: readonly Judged[], dryRun: boolean, { group }: Pick<Log, 'group'>): void {
  const going = judged.filter(({ stays }) => !stays)
  const go = dryRun ? 'would be deleted' : 'to delete'
  group(
    `Retention: ${going.length} of ${count(judged.length, 'snapshot')} ${go}, ${sizeOf(going)}`,
    judged.map(({ snapshot, stays, reason }) => {
      const when = snapshot.createdAt?.toISOString() ?? 'no date'
      return `${stays ? 'stays' : 'goes '}  ${snapshot.name} (${when}, ${snapshot.sizeInGb ?? '?'} GB): ${reason}`
    }),
  )
}

/** The one line that ends a retention. */
export function logDeleted(judged: readonly Judged[], { info }: Pick<Log, 'info'>): void {
  const [deleted, left] = parted(judged, false)
  info(
    `Deleted ${count(deleted.length, 'snapshot')}, ${sizeOf(deleted)}; ${left.length} left of this repository, ${sizeOf(left)}${priceOf(left)}`,
  )
}

/** What is gone, or would go in a dry run, and what is left. */
function parted(judged: readonly Judged[], dryRun: boolean): [Judged[], Judged[]] {
  const goes = (one: Judged) => (dryRun ? !one.stays : one.deleted)
  return [judged.filter(goes), judged.filter((one) => !goes(one))]
}

/** The names of what was deleted, oldest last. */
export function deletedNames(judged: readonly Judged[]): string[] {
  return judged.filter(({ deleted }) => deleted).map(({ snapshot }) => snapshot.name)
}

/** The names of what stays, whether a rule keeps it or it could not be deleted. */
export function keptNames(judged: readonly Judged[]): string[] {
  return judged.filter(({ deleted }) => !deleted).map(({ snapshot }) => snapshot.name)
}

/** What could not be deleted, as one failure; undefined where everything could. */
export function deletionFailure(judged: readonly Judged[]): Failure | undefined {
  const failed = judged.flatMap(({ snapshot, failure }) =>
    failure === undefined ? [] : [{ name: snapshot.name, failure }],
  )
  const [first] = failed
  if (first === undefined) return undefined
  const names = failed.map(({ name }) => `"${name}"`).join(', ')
  return new Failure(
    `${count(failed.length, 'snapshot')} could not be deleted: ${names}. ${first.failure.message}`,
    `Nothing else was touched. ${first.failure.advice}`,
    { cause: first.failure, copyables: first.failure.copyables },
  )
}

const headings = ['Source', 'Snapshot', 'Taken', 'Size', 'Retention', 'Reason']

/** How many went and are left, what that costs, and the table of every candidate, in GitHub's Markdown. */
export function retentionText(judged: readonly Judged[], dryRun: boolean): string {
  const [deleted, left] = parted(judged, dryRun)
  const would = dryRun ? 'Would delete' : 'Deleted'
  // A dry run doesn't count what the step itself would take.
  const are = dryRun ? 'would be left of those there are now' : 'left of this repository'
  const result = markdownText(
    `${would} ${count(deleted.length, 'snapshot')} (${sizeOf(deleted)}). ${left.length} ${are} (${sizeOf(left)})${priceOf(left)}.`,
  )
  if (judged.length === 0) return result
  const rows = judged.map((one): Cell[] => [
    { text: `${one.source.type} ${one.source.name}` },
    { text: one.snapshot.name, ...(one.deleted ? {} : { url: consoleUrl }) },
    { text: one.snapshot.createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '' },
    { text: one.snapshot.sizeInGb === null ? '' : `${one.snapshot.sizeInGb} GB` },
    { text: became(one, dryRun) },
    { text: one.reason },
  ])
  return `${result}\n\n${markdownTable(headings, rows)}`
}

function became({ stays, deleted, failure }: Judged, dryRun: boolean): string {
  if (stays) return 'stays'
  if (dryRun) return 'would go'
  if (deleted) return 'deleted'
  return failure === undefined ? 'not tried' : 'not deleted'
}

/** The result of prune/, as the heading of its section. */
export function retentionHeading(judged: readonly Judged[], dryRun: boolean): string {
  const [deleted, left] = parted(judged, dryRun)
  const went = count(deleted.length, 'Lightsail snapshot')
  if (dryRun) return `### :mag: Dry run: ${went} would be deleted, ${left.length} left`
  const missed = left.filter(({ stays }) => !stays).length
  if (missed > 0)
    return `### :x: ${missed} of ${count(deleted.length + missed, 'Lightsail snapshot')} not deleted`
  return `### :white_check_mark: ${went} deleted, ${left.length} left`
}
