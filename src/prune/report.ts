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
  const gb = gbOf(judged)
  return gb === undefined ? 'not all of a known size' : `up to ${gb} GB`
}

/** The sum; undefined where a size isn't known. */
function gbOf(judged: readonly Judged[]): number | undefined {
  const sizes = judged.flatMap(({ snapshot }) => snapshot.sizeInGb ?? [])
  return sizes.length < judged.length ? undefined : sizes.reduce((sum, size) => sum + size, 0)
}

/** `, at most about $8.00 a month`; an empty text where a size isn't known. */
function priceOf(judged: readonly Judged[]): string {
  const gb = gbOf(judged)
  return gb === undefined ? '' : `, at most about ${monthlyPrice(gb)} a month`
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
    `Deleted ${count(deleted.length, 'snapshot')}, ${sizeOf(deleted)}; of these sources this repository has ${left.length} left, ${sizeOf(left)}${priceOf(left)}`,
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
  const are = dryRun
    ? `Of those there are now, ${left.length} would be left`
    : `Of these sources this repository has ${left.length} left`
  const result = markdownText(
    `${would} ${count(deleted.length, 'snapshot')} (${sizeOf(deleted)}). ${are} (${sizeOf(left)})${priceOf(left)}.`,
  )
  if (judged.length === 0) return result
  const shown = mostTelling(judged)
  const rows = shown.map((one): Cell[] => [
    { text: `${one.source.type} ${one.source.name}` },
    { text: one.snapshot.name, ...(one.deleted ? {} : { url: consoleUrl }) },
    { text: one.snapshot.createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '' },
    { text: one.snapshot.sizeInGb === null ? '' : `${one.snapshot.sizeInGb} GB` },
    { text: became(one, dryRun) },
    { text: one.reason },
  ])
  const hidden = judged.length - shown.length
  const more = hidden === 0 ? '' : `\n\n${count(hidden, 'more snapshot')} in the log.`
  return `${result}\n\n${markdownTable(headings, rows)}${more}`
}

/** More rows than these make no page, and GitHub drops a summary of more than a mebibyte whole. */
const mostRows = 300

/** All of them; of too many, those that could not be deleted, then those that went, then those that stay. */
function mostTelling(judged: readonly Judged[]): readonly Judged[] {
  if (judged.length <= mostRows) return judged
  const order = [
    judged.filter(({ stays, deleted }) => !stays && !deleted),
    judged.filter(({ stays, deleted }) => !stays && deleted),
    judged.filter(({ stays }) => stays),
  ]
  const chosen = new Set(order.flat().slice(0, mostRows))
  return judged.filter((one) => chosen.has(one))
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
