import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import type { Log } from '../github/log.js'
import { monthlyPrice } from '../lightsail/prices.js'
import type { Beyond } from './beyond.js'
import type { Fate, Judged, Survey } from './judge.js'

/** Which of the two outputs names a snapshot, by what became of it. */
const outputs: Readonly<Record<Fate, 'deleted' | 'kept' | 'neither'>> = {
  untouched: 'kept',
  spared: 'kept',
  failed: 'kept',
  deleted: 'deleted',
  gone: 'neither',
  unknown: 'neither',
}

/** The names of what was deleted, newest first. */
export function deletedNames(judged: readonly Judged[]): string[] {
  return namesOf(judged.filter(({ fate }) => outputs[fate] === 'deleted'))
}

/** The names of what is certainly still there, whether a rule keeps it or it wasn't deleted. */
export function keptNames(judged: readonly Judged[]): string[] {
  return namesOf(judged.filter(({ fate }) => outputs[fate] === 'kept'))
}

function namesOf(judged: readonly Judged[]): string[] {
  return judged.map(({ snapshot }) => snapshot.name)
}

function quoted(judged: readonly Judged[]): string {
  return namesOf(judged)
    .map((name) => `"${name}"`)
    .join(', ')
}

/** How much these take at most: the service stores, and bills, only changed blocks. */
function sizeOf(judged: readonly Judged[]): string {
  const gb = gbOf(judged)
  return gb === undefined ? 'not all sizes known' : `up to ${gb} GB`
}

/** The sum; undefined if a size isn't known. */
function gbOf(judged: readonly Judged[]): number | undefined {
  const sizes = judged.flatMap(({ snapshot }) => snapshot.sizeInGb ?? [])
  return sizes.length < judged.length ? undefined : sizes.reduce((sum, size) => sum + size, 0)
}

/** Says of every candidate why it is kept or deleted, and names what is beyond the rules. */
export function logSurvey({ judged, beyond }: Survey, dryRun: boolean, { group }: Pick<Log, 'group'>): void {
  const going = judged.filter(({ stays }) => !stays)
  const go = dryRun ? 'would be deleted' : 'to delete'
  group(
    `Retention: ${going.length} of ${count(judged.length, 'snapshot')} ${go}, ${sizeOf(going)}`,
    judged.map(({ snapshot, stays, reason }) => {
      const when = snapshot.createdAt?.toISOString() ?? 'no date'
      return `${stays ? 'keep  ' : 'delete'}  ${snapshot.name} (${when}, ${snapshot.sizeInGb ?? '?'} GB): ${reason}`
    }),
  )
  if (beyond.length === 0) return
  group(
    beyondText(beyond),
    beyond.map(({ label, names }) => `${label}: ${names.join(', ')}`),
  )
}

function beyondText(beyond: readonly Beyond[]): string {
  const number = beyond.reduce((sum, { names }) => sum + names.length, 0)
  const isOne = number === 1
  return `${count(number, 'more snapshot')} that this action took ${isOne ? 'is' : 'are'} beyond this step's rules`
}

/** Says what ended otherwise than the verdicts said, then, in one line, how the retention ended. */
export function logDeleted(judged: readonly Judged[], { info }: Pick<Log, 'info'>): void {
  for (const { snapshot, fate, reason } of judged) {
    if (fate === 'spared') info(`Kept snapshot "${snapshot.name}" after all: it ${reason}`)
    if (fate === 'gone') info(`Snapshot "${snapshot.name}" was already gone`)
  }
  info(deletedText(judged))
}

/** How many were deleted and remain, and what that costs. */
function deletedText(judged: readonly Judged[]): string {
  const deleted = judged.filter(({ fate }) => outputs[fate] === 'deleted')
  const kept = judged.filter(({ fate }) => outputs[fate] === 'kept')
  const unknown = judged.filter(({ fate }) => fate === 'unknown')
  const open = unknown.length === 0 ? '' : `; ${unknown.length} may still be deleted`
  const remain = `${kept.length} of this repository's snapshots ${kept.length === 1 ? 'remains' : 'remain'}`
  return `Deleted ${count(deleted.length, 'snapshot')} (${sizeOf(deleted)}); ${remain} (${costOf(kept)})${open}`
}

/** `up to 160 GB, about $8.00 a month at most`. */
function costOf(judged: readonly Judged[]): string {
  const gb = gbOf(judged)
  return gb === undefined ? sizeOf(judged) : `${sizeOf(judged)}, about ${monthlyPrice(gb)} a month at most`
}

/** The sentences of the summary: what was deleted, or would be, and what is beyond the rules. */
export function retentionSentences({ judged, beyond }: Survey, dryRun: boolean): string {
  const result = dryRun ? wouldDeleteText(judged) : deletedText(judged)
  return beyond.length === 0 ? `${result}.` : `${result}. ${beyondText(beyond)} (named in the log).`
}

function wouldDeleteText(judged: readonly Judged[]): string {
  const going = judged.filter(({ stays }) => !stays)
  const staying = judged.filter(({ stays }) => stays)
  // A dry run doesn't count what the step itself would take.
  return `Would delete ${count(going.length, 'snapshot')} (${sizeOf(going)}); ${staying.length} of the current snapshots would remain (${costOf(staying)})`
}

/**
 * Everything that kept snapshots from being deleted, as one failure; undefined if nothing did. Says what was deleted before
 * the step was cancelled or its time was over.
 */
export function deletionFailure(judged: readonly Judged[], isCancelled: boolean): Failure | undefined {
  const having = (wanted: Fate) => judged.filter(({ stays, fate }) => !stays && fate === wanted)
  const [deleted, failed] = [having('deleted'), having('failed')]
  const [unknown, untried] = [having('unknown'), having('untouched')]
  const causes = [...failed, ...unknown].flatMap(({ failure }) => failure ?? [])
  if (causes.length + untried.length === 0) return undefined
  const isCutShort = untried.length > 0 || (isCancelled && unknown.length > 0)
  const what = isCancelled ? 'This step was cancelled' : 'wait-timeout ran out'
  const next = isCancelled ? 'Run the job again' : 'Increase wait-timeout, or run the job again'
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

function messagesOf(judged: readonly Judged[]): string {
  return [...new Set(judged.flatMap(({ failure }) => failure?.message ?? []))].join(' ')
}
