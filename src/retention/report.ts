import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { markdownText } from '../github/escaping.js'
import type { Log } from '../github/log.js'
import { type Cell, markdownTable } from '../github/summary.js'
import { consoleUrl } from '../lightsail/names.js'
import { monthlyPrice } from '../lightsail/prices.js'
import type { Candidate, Fate, RetentionResult } from './candidates.js'
import type { OutOfReach } from './out-of-reach.js'

/** Which output names a snapshot, by its fate. */
const outputs: Readonly<Record<Fate, 'deleted' | 'kept' | 'neither'>> = {
  untouched: 'kept',
  spared: 'kept',
  failed: 'kept',
  deleted: 'deleted',
  gone: 'neither',
  unknown: 'neither',
}

/** Returns the names of the deleted snapshots, newest first. */
export function deletedNames(candidates: readonly Candidate[]): string[] {
  return namesOf(candidates.filter(({ fate }) => outputs[fate] === 'deleted'))
}

/** Returns the names of the snapshots that certainly still exist. */
export function keptNames(candidates: readonly Candidate[]): string[] {
  return namesOf(candidates.filter(({ fate }) => outputs[fate] === 'kept'))
}

function namesOf(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ snapshot }) => snapshot.name)
}

function quoted(candidates: readonly Candidate[]): string {
  return namesOf(candidates)
    .map((name) => `"${name}"`)
    .join(', ')
}

/** The size at most: the service stores and bills only changed blocks. */
function sizeOf(candidates: readonly Candidate[]): string {
  const gb = gbOf(candidates)
  return gb === undefined ? 'not all sizes known' : `up to ${gb} GB`
}

/** The sum; undefined if a size is unknown. */
function gbOf(candidates: readonly Candidate[]): number | undefined {
  const sizes = candidates.flatMap(({ snapshot }) => snapshot.sizeInGb ?? [])
  return sizes.length < candidates.length ? undefined : sizes.reduce((sum, size) => sum + size, 0)
}

/** Logs why each candidate is kept or deleted, and which snapshots no rule reaches. */
export function logDecisions(
  { candidates, outOfReach }: RetentionResult,
  dryRun: boolean,
  { group }: Pick<Log, 'group'>,
): void {
  const going = candidates.filter(({ stays }) => !stays)
  const go = dryRun ? 'would be deleted' : 'to delete'
  group(
    `Retention: ${going.length} of ${count(candidates.length, 'snapshot')} ${go}, ${sizeOf(going)}`,
    candidates.map(({ snapshot, stays, reason }) => {
      const when = snapshot.createdAt?.toISOString() ?? 'no date'
      return `${stays ? 'keep  ' : 'delete'}  ${snapshot.name} (${when}, ${snapshot.sizeInGb ?? '?'} GB): ${reason}`
    }),
  )
  if (outOfReach.length === 0) return
  group(
    outOfReachText(outOfReach),
    outOfReach.map(({ label, names }) => `${label}: ${names.join(', ')}`),
  )
}

function outOfReachText(outOfReach: readonly OutOfReach[]): string {
  const number = outOfReach.reduce((sum, { names }) => sum + names.length, 0)
  const isOne = number === 1
  return `${count(number, 'more snapshot')} that this action took ${isOne ? 'is' : 'are'} not covered by this step's rules`
}

/** Logs which snapshots ended differently than decided, then the result in one line. */
export function logDeleted(candidates: readonly Candidate[], { info }: Pick<Log, 'info'>): void {
  for (const { snapshot, fate, reason } of candidates) {
    if (fate === 'spared') info(`Kept snapshot "${snapshot.name}" after all: it ${reason}`)
    if (fate === 'gone') info(`Snapshot "${snapshot.name}" was already gone`)
  }
  info(deletedText(candidates))
}

/** How many snapshots were deleted, how many remain, and what those cost. */
function deletedText(candidates: readonly Candidate[]): string {
  const deleted = candidates.filter(({ fate }) => outputs[fate] === 'deleted')
  const kept = candidates.filter(({ fate }) => outputs[fate] === 'kept')
  const unknown = candidates.filter(({ fate }) => fate === 'unknown')
  const open = unknown.length === 0 ? '' : `; ${unknown.length} may still be deleted`
  const remain = `${kept.length} of this repository's snapshots ${kept.length === 1 ? 'remains' : 'remain'}`
  return `Deleted ${count(deleted.length, 'snapshot')} (${sizeOf(deleted)}); ${remain} (${costOf(kept)})${open}`
}

/** `up to 160 GB, about $8.00 a month at most`. */
function costOf(candidates: readonly Candidate[]): string {
  const gb = gbOf(candidates)
  return gb === undefined
    ? sizeOf(candidates)
    : `${sizeOf(candidates)}, about ${monthlyPrice(gb)} a month at most`
}

/** Returns the sentences of the summary: what was deleted, or would be, and what no rule reaches. */
function retentionSentences({ candidates, outOfReach }: RetentionResult, dryRun: boolean): string {
  const result = dryRun ? wouldDeleteText(candidates) : deletedText(candidates)
  return outOfReach.length === 0
    ? `${result}.`
    : `${result}. ${outOfReachText(outOfReach)} (named in the log).`
}

function wouldDeleteText(candidates: readonly Candidate[]): string {
  const going = candidates.filter(({ stays }) => !stays)
  const staying = candidates.filter(({ stays }) => stays)
  // A dry run doesn't count what the step itself would take.
  return `Would delete ${count(going.length, 'snapshot')} (${sizeOf(going)}); ${staying.length} of the current snapshots would remain (${costOf(staying)})`
}

/**
 * Returns everything that prevented deletions, as one failure; undefined if nothing did. Says what was deleted before the step
 * was cancelled or timed out.
 */
export function deletionFailure(candidates: readonly Candidate[], isCancelled: boolean): Failure | undefined {
  const having = (wanted: Fate) => candidates.filter(({ stays, fate }) => !stays && fate === wanted)
  const [deleted, failed] = [having('deleted'), having('failed')]
  const [unknown, untried] = [having('unknown'), having('untouched')]
  const causes = [...failed, ...unknown].flatMap(({ failure }) => failure ?? [])
  if (causes.length + untried.length === 0) return undefined
  const isCutShort = untried.length > 0 || (isCancelled && unknown.length > 0)
  const what = isCancelled ? 'This step was cancelled' : 'wait-timeout ran out'
  const next = isCancelled ? 'Rerun the job' : 'Increase wait-timeout, or rerun the job'
  const lines = [
    isCutShort && `${what} before all expired snapshots were deleted.`,
    isCutShort && deleted.length > 0 && `Deleted: ${quoted(deleted)}.`,
    failed.length > 0 &&
      `${count(failed.length, 'snapshot')} could not be deleted: ${quoted(failed)}. ${messagesOf(failed)}`,
    messagesOf(unknown),
    untried.length > 0 && `${count(untried.length, 'expired snapshot')} remaining: ${quoted(untried)}.`,
  ]
  const advice = [
    isCutShort && `The output deleted-snapshots lists those that were deleted. ${next} for the rest.`,
    ...new Set(causes.map((cause) => cause.advice)),
  ]
  const [cause] = causes
  return new Failure(lines.filter(Boolean).join('\n'), advice.filter(Boolean).join(' '), {
    cause,
    copyables: cause?.copyables ?? [],
  })
}

function messagesOf(candidates: readonly Candidate[]): string {
  return [...new Set(candidates.flatMap(({ failure }) => failure?.message ?? []))].join(' ')
}

const headings = ['Source', 'Snapshot', 'Taken', 'Size', 'Retention', 'Reason']

/** Returns the result and the table of all candidates, in GitHub's Markdown. */
export function retentionText(result: RetentionResult, dryRun: boolean): string {
  const { candidates } = result
  const sentences = markdownText(retentionSentences(result, dryRun))
  if (candidates.length === 0) return sentences
  const shown = mostTelling(candidates)
  const hidden = candidates.length - shown.length
  const more = hidden === 0 ? '' : `\n\n${count(hidden, 'more snapshot')} in the log.`
  const rows = shown.map((candidate) => rowOf(candidate, dryRun))
  return `${sentences}\n\n${markdownTable(headings, rows)}${more}`
}

function rowOf({ lineage, snapshot, stays, fate, reason }: Candidate, dryRun: boolean): Cell[] {
  return [
    { text: `${lineage.type} ${lineage.name}` },
    { text: snapshot.name, ...(fate === 'deleted' || fate === 'gone' ? {} : { url: consoleUrl }) },
    { text: snapshot.createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '' },
    { text: snapshot.sizeInGb === null ? '' : `${snapshot.sizeInGb} GB` },
    { text: stays ? 'kept' : dryRun ? 'would be deleted' : fateWords[fate] },
    { text: reason },
  ]
}

/** The words for the fate of a snapshot that no rule keeps. */
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

/** Returns all; if there are too many, failed deletions first, then deleted snapshots, then kept ones. */
function mostTelling(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length <= mostRows) return candidates
  const rank = ({ stays, fate }: Candidate) => (stays ? 2 : Number(fate === 'deleted'))
  const chosen = new Set(candidates.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostRows))
  return candidates.filter((candidate) => chosen.has(candidate))
}

/** The fates that make a step of prune/ fail. */
const badFates: ReadonlySet<Fate> = new Set(['untouched', 'failed', 'unknown'])

/** Returns the heading of prune/'s section. */
export function retentionHeading({ candidates }: RetentionResult, dryRun: boolean): string {
  const snapshots = (number: number) => count(number, 'Lightsail snapshot')
  if (dryRun) {
    const going = candidates.filter(({ stays }) => !stays).length
    return `### :mag: Dry run: ${snapshots(going)} would be deleted, ${candidates.length - going} kept`
  }
  const deleted = deletedNames(candidates).length
  const missed = candidates.filter(({ stays, fate }) => !stays && badFates.has(fate)).length
  if (missed > 0) return `### :x: ${missed} of ${snapshots(deleted + missed)} not deleted`
  return `### :white_check_mark: ${snapshots(deleted)} deleted, ${keptNames(candidates).length} kept`
}
