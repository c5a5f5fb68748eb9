import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { consoleUrl } from '../lightsail/names.js'
import type { Log } from '../workflow/log.js'
import { type Cell, markdownTable } from '../workflow/summary.js'
import type { Judged } from './prune.js'

/** How much a list of snapshots takes at most: the service stores, and bills, only changed blocks. */
function sizeOf(judged: readonly Judged[]): string {
  return `up to ${judged.reduce((sum, { snapshot }) => sum + (snapshot.sizeInGb ?? 0), 0)} GB`
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
  const deleted = judged.filter((one) => one.deleted)
  info(
    `Deleted ${count(deleted.length, 'snapshot')}, ${sizeOf(deleted)}; ${judged.length - deleted.length} left of this repository`,
  )
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
    { cause: first.failure },
  )
}

const headings = ['Source', 'Snapshot', 'Taken', 'Size', 'Retention', 'Reason']

/** The table of every candidate, in GitHub's Markdown, with what became of it. */
export function retentionTable(judged: readonly Judged[], dryRun: boolean): string {
  const going = judged.filter(({ stays }) => !stays)
  const deleted = dryRun ? going : judged.filter((one) => one.deleted)
  const verb = dryRun ? 'would be deleted' : 'deleted'
  const result = `${count(deleted.length, 'snapshot')} ${verb} (${sizeOf(deleted)}), ${judged.length - deleted.length} left.`
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
