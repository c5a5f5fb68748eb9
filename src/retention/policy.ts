import { durationText } from '../basics/text.js'
import { groupOf, type Lineage, ownGroup } from '../domain/lineage.js'
import { hasKeepTag, isInRollBack, isMadeBy } from '../domain/tags.js'
import type { DiskSnapshot } from '../lightsail/types.js'

/** Which snapshots to keep: one rule is enough. Undefined: no such rule. */
export interface Retention {
  /** How many of the newest complete snapshots of each source. At least 1. */
  readonly keepLast: number | undefined
  /** Every snapshot younger than this, in milliseconds. */
  readonly keepWithinMs: number | undefined
}

/** What the decision about a lineage's snapshots depends on. */
export interface Circumstances {
  readonly lineage: Lineage
  /** `owner/name`: only snapshots of this repository may be deleted. */
  readonly repository: string
  readonly retention: Retention
  /** The service's time, in milliseconds since the epoch. */
  readonly now: number
  /** The names of the snapshots that this step has just taken. */
  readonly justTaken: ReadonlySet<string>
}

/** Whether a snapshot stays, and why. */
export interface Decision {
  readonly snapshot: DiskSnapshot
  readonly stays: boolean
  readonly reason: string
}

interface Subject extends Circumstances {
  readonly snapshot: DiskSnapshot
  /** 1 for the newest complete snapshot of its group; undefined if it isn't complete or has no date. */
  readonly rank: number | undefined
}

type Reason = readonly [stays: (subject: Subject) => boolean, words: (subject: Subject) => string]

/** Reasons to keep a snapshot: the first that applies. If none does, it is deleted. */
const reasons: readonly Reason[] = [
  [({ snapshot, justTaken }) => justTaken.has(snapshot.name), () => 'just taken'],
  [({ snapshot }) => snapshot.isAutomatic, () => 'an automatic snapshot'],
  [({ snapshot }) => hasKeepTag(snapshot), () => 'has the tag keep'],
  [({ snapshot }) => isInRollBack(snapshot), () => 'a roll-back to it has not finished (tag roll-back-runs)'],
  [({ snapshot }) => isUnfinished(snapshot), ({ snapshot }) => `is ${snapshot.state}`],
  [({ snapshot }) => snapshot.createdAt === null, () => 'has no date'],
  [({ snapshot }) => snapshot.arn === null, () => 'has no ARN'],
  [
    ({ rank, retention: { keepLast } }) => rank !== undefined && keepLast !== undefined && rank <= keepLast,
    ({ rank, retention: { keepLast } }) => `keep-last: ${rank} of ${keepLast}`,
  ],
  [
    (subject) => ageMs(subject) < (subject.retention.keepWithinMs ?? 0),
    ({ retention: { keepWithinMs = 0 } }) => `keep-within: younger than ${durationText(keepWithinMs)}`,
  ],
  [({ rank }) => rank === 1, () => 'the newest complete snapshot'],
]

/**
 * Decides about every snapshot of a lineage that this repository took, newest first; no other snapshot is in the result. Two
 * disks that had one name at different times are ranked separately.
 */
export function decide(all: readonly DiskSnapshot[], circumstances: Circumstances): Decision[] {
  const { lineage, repository } = circumstances
  const candidates = all
    .filter((snapshot) => isMadeBy(snapshot, repository))
    .flatMap((snapshot) => {
      const group = groupOf(snapshot, lineage)
      return group === undefined ? [] : { snapshot, group }
    })
    .sort((a, b) => time(b.snapshot) - time(a.snapshot))
  const counts = new Map<string, number>()
  return candidates.map(({ snapshot, group }) => {
    const count = (counts.get(group) ?? 0) + (isRanked(snapshot) ? 1 : 0)
    counts.set(group, count)
    const decision = decisionOn({ ...circumstances, snapshot, rank: isRanked(snapshot) ? count : undefined })
    return { ...decision, reason: `${decision.reason}${groupText(group, lineage)}` }
  })
}

/** Marks the reason of a snapshot of another disk that had the same name. */
function groupText(group: string, { type, name, arn }: Lineage): string {
  return arn === undefined || group === ownGroup ? '' : ` (of another ${type} that was called ${name})`
}

function decisionOn(subject: Subject): Decision {
  const { snapshot } = subject
  const [, words] = reasons.find(([stays]) => stays(subject)) ?? []
  if (words !== undefined) return { snapshot, stays: true, reason: words(subject) }
  const why = subject.rank === undefined ? `is ${snapshot.state}` : 'no rule keeps it'
  return { snapshot, stays: false, reason: why }
}

/** Returns why a snapshot stays after all, now that it was read again; undefined if nothing changed. */
export function reasonToSpare(snapshot: DiskSnapshot): string | undefined {
  if (hasKeepTag(snapshot)) return 'now has the tag keep'
  if (isInRollBack(snapshot)) return 'now is in a roll-back'
  if (snapshot.arn === null) return 'now has no ARN'
  return isUnfinished(snapshot) ? `now is ${snapshot.state}` : undefined
}

function isUnfinished({ state }: DiskSnapshot): boolean {
  return state === 'pending'
}

/** A snapshot without a date has no rank: it can't be ordered. */
function isRanked({ state, createdAt }: DiskSnapshot): boolean {
  return state === 'completed' && createdAt !== null
}

function ageMs({ snapshot, now }: Subject): number {
  return now - time(snapshot)
}

/** A snapshot without a date is never old. */
function time({ createdAt }: DiskSnapshot): number {
  return createdAt?.getTime() ?? Number.POSITIVE_INFINITY
}
