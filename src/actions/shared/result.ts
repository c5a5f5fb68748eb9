import { count, durationText } from '../../basics/text.js'
import type { SnapshotRecord } from '../../domain/snapshot-record.js'
import type { Bar } from '../../github/timeline.js'
import type { SnapshotState } from '../../lightsail/types.js'

// The words for one snapshot, and for several.
const shortcomings = {
  complete: ['is not complete', 'are not complete'],
  taken: ['was not taken', 'were not taken'],
  good: ['failed', 'failed'],
  known: ['is not known to be good', 'are not known to be good'],
} as const

/** What failed snapshots fell short of. */
export type Shortcoming = keyof typeof shortcomings

/** The result of a step's snapshots, for the heading of its section in the job summary. */
export interface Result {
  readonly records: readonly SnapshotRecord[]
  readonly planned: number
  readonly bad: number
  /** What the failed snapshots fell short of. */
  readonly not: Shortcoming
  /** How long the slowest took, in milliseconds; undefined if unknown. */
  readonly longestMs?: number | undefined
}

/** Returns the heading of the section. It has no names: they can be long. */
export function resultHeading({ records, planned, bad, not, longestMs }: Result): string {
  const all = planned === 1 ? 'Lightsail snapshot' : count(planned, 'Lightsail snapshot')
  if (bad > 0) {
    const [isNot, areNot] = shortcomings[not]
    return `### :x: ${planned === 1 ? 'The' : `${bad} of`} ${all} ${bad === 1 ? isNot : areNot}`
  }
  const open = records.filter(({ state }) => state !== 'completed').length
  if (open > 0) return `### :hourglass_flowing_sand: ${startedText(all, planned, open)}`
  return `### :white_check_mark: ${all} complete${figuresOf(records, longestMs)}`
}

function startedText(all: string, planned: number, open: number): string {
  if (open === planned) return `${all} started, not waited for`
  return `${open} of ${all} in progress, not waited for`
}

/** Size and duration of complete snapshots, if known: `: 32 GB in 5s`. */
export function figuresOf(records: readonly SnapshotRecord[], longestMs: number | undefined): string {
  const sizes = records.flatMap(({ sizeInGb }) => sizeInGb ?? [])
  const isKnown = sizes.length === records.length
  const size = isKnown ? `: ${sizes.reduce((sum, size) => sum + size, 0)} GB` : ''
  return longestMs === undefined ? size : `${size} in ${durationText(longestMs)}`
}

const kinds: Readonly<Record<SnapshotState, Bar['kind']>> = {
  completed: 'done',
  pending: 'active',
  error: 'crit',
}

/** Returns a snapshot's bar in the timeline. Times are in milliseconds since the epoch. */
export function barOf(
  { state, sourceType, sourceName, snapshotName }: SnapshotRecord,
  named: 'source' | 'snapshot',
  startMs: number,
  endMs: number,
): Bar {
  const isSource = named === 'source' && sourceType !== null && sourceName !== null
  const duration = durationText(Math.max(0, endMs - startMs))
  return {
    what: isSource ? sourceType : 'snapshot',
    name: isSource ? sourceName : snapshotName,
    detail: state === 'completed' ? duration : `${state} after ${duration}`,
    kind: kinds[state],
    startMs: Math.max(0, Math.min(startMs, endMs)),
    endMs: Math.max(0, endMs),
  }
}
