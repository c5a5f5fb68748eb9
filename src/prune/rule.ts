import { durationText } from '../basics/text.js'
import { type DiskSnapshot, type Source, snapshotStage } from '../lightsail/types.js'
import { isMadeBy } from '../shared/tags.js'

/** Which snapshots a person wants to keep: any one rule is enough. Undefined: there is no such rule. */
export interface Retention {
  /** So many of the newest complete snapshots of each source. At least 1. */
  readonly keepLast: number | undefined
  /** Every snapshot younger than this, in milliseconds. */
  readonly keepWithinMs: number | undefined
}

/** What else decides about the snapshots of a source. */
export interface Circumstances {
  readonly source: Source
  /** `owner/name`: only what this repository made may go. */
  readonly repository: string
  readonly retention: Retention
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The names of snapshots that stay whatever the rules say: those that the step itself has just taken. */
  readonly justTaken: ReadonlySet<string>
}

/** What becomes of a snapshot, and why. */
export interface Verdict {
  readonly snapshot: DiskSnapshot
  readonly stays: boolean
  readonly reason: string
}

interface Subject extends Circumstances {
  readonly snapshot: DiskSnapshot
  /** 1 for the newest complete snapshot of the source; undefined for one that isn't complete. */
  readonly rank: number | undefined
}

type Reason = readonly [stays: (subject: Subject) => boolean, words: (subject: Subject) => string]

/** What has to be true of a snapshot before any rule is asked: it is one of ours. */
function isOurs({ snapshot, source, repository }: Subject): boolean {
  return (
    snapshot.source?.type === source.type &&
    snapshot.source.name === source.name &&
    isMadeBy(snapshot, repository)
  )
}

/** Why a snapshot of ours stays, the first that is true. When none is, it goes. */
const reasons: readonly Reason[] = [
  [({ snapshot, justTaken }) => justTaken.has(snapshot.name), () => 'just taken'],
  [({ snapshot }) => snapshot.isAutomatic, () => 'an automatic snapshot'],
  [({ snapshot }) => snapshot.tags.some(({ key }) => key === 'keep'), () => 'has the tag keep'],
  [({ snapshot }) => snapshotStage(snapshot.state) === 'running', ({ snapshot }) => `is ${snapshot.state}`],
  [({ snapshot }) => snapshot.createdAt === null, () => 'has no date'],
  [
    ({ rank, retention: { keepLast } }) => rank !== undefined && keepLast !== undefined && rank <= keepLast,
    ({ rank, retention: { keepLast } }) => `keep-last: ${rank} of ${keepLast}`,
  ],
  [
    (subject) => ageMs(subject) < (subject.retention.keepWithinMs ?? 0),
    ({ retention: { keepWithinMs = 0 } }) => `keep-within: younger than ${durationText(keepWithinMs)}`,
  ],
]

/**
 * Decides about every snapshot of a source that this repository made, newest first; no other snapshot is in the answer. A
 * snapshot that no list has any more is never a reason to let another one go.
 */
export function judgeSnapshots(all: readonly DiskSnapshot[], circumstances: Circumstances): Verdict[] {
  const ours = all.filter((snapshot) => isOurs({ ...circumstances, snapshot, rank: undefined }))
  const newestFirst = ours.sort((a, b) => time(b) - time(a))
  let complete = 0
  return newestFirst.map((snapshot) => {
    if (snapshotStage(snapshot.state) === 'done') complete += 1
    const rank = snapshotStage(snapshot.state) === 'done' ? complete : undefined
    return verdictOn({ ...circumstances, snapshot, rank })
  })
}

function verdictOn(subject: Subject): Verdict {
  const { snapshot } = subject
  const [, words] = reasons.find(([stays]) => stays(subject)) ?? []
  if (words !== undefined) return { snapshot, stays: true, reason: words(subject) }
  const why = subject.rank === undefined ? `is ${snapshot.state}` : 'no rule keeps it'
  return { snapshot, stays: false, reason: why }
}

function ageMs({ snapshot, now }: Subject): number {
  return now - time(snapshot)
}

/** Of one without a date: never old. */
function time({ createdAt }: DiskSnapshot): number {
  return createdAt?.getTime() ?? Number.POSITIVE_INFINITY
}
