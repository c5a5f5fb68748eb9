import type { Lineage } from '../domain/lineage.js'
import { isMadeBy, lineageTags, noRun, ownTags, rollBackTag, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Run } from '../github/run-context.js'
import type { Disk, DiskSnapshot, Tag } from '../lightsail/types.js'
import type { Place, Swap } from './plan.js'

// The tags that restore/ writes. A later step goes by them and by the states of things, never by a response that it didn't get.

/** On a restored disk, from its creation: what it was created from, and the original of the disk that the snapshot is of. */
const restoredFrom = 'restored-from'
const restoredFor = 'restored-for'

/** On a restored disk, before the instance is stopped for it: where it is to be put, and how things were before. */
const swapTags = {
  instance: 'swap-instance',
  path: 'swap-path',
  previous: 'swap-previous',
  wasRunning: 'swap-started',
  state: 'swap-state',
} as const

/** What only restore/ may set on a restored disk. */
export const restoreTagKeys: ReadonlySet<string> = new Set([
  restoredFrom,
  restoredFor,
  ...Object.values(swapTags),
  lineageTags.replaces,
  lineageTags.replacesArn,
  lineageTags.replacedBy,
])

/** What the tags of a restored disk are made of. */
export interface Marking extends Pick<Step, 'run' | 'newId'> {
  readonly commitSha: string
  readonly snapshotName: string
  /** The original of what the snapshot is of. */
  readonly originalName: string | undefined
  readonly userTags: readonly Tag[]
}

/** Every tag of a restored disk, for the request that creates it. */
export function restoreTags(marking: Marking): Tag[] {
  const { run, newId, commitSha, snapshotName, originalName, userTags } = marking
  return [
    ...ownTags({ ...run, commitSha, clientToken: newId() }),
    { key: restoredFrom, value: snapshotName },
    ...(originalName === undefined ? [] : [{ key: restoredFor, value: originalName }]),
    ...userTags,
  ]
}

/** The name of the snapshot that a disk was restored from. */
export function snapshotOf(disk: Disk): string | undefined {
  return tagOf(disk, restoredFrom)
}

/** The original of what a disk was restored for. */
export function originalOf(disk: Disk): string | undefined {
  return tagOf(disk, restoredFor)
}

/** Whether this run of this repository created the disk, in whichever attempt. */
export function isOfRun(disk: Disk, run: Run): boolean {
  return isMadeBy(disk, run.repository) && tagOf(disk, 'run-id') === run.runId
}

/** The tags that say, before the instance is stopped, that this swap has begun. */
export function beginTags({ instanceName, path }: Place, swap: Swap): Tag[] {
  return [
    { key: swapTags.instance, value: instanceName },
    { key: swapTags.path, value: path },
    { key: swapTags.previous, value: swap.previousDiskName },
    { key: swapTags.wasRunning, value: swap.wasRunning ? 'yes' : 'no' },
    { key: swapTags.state, value: 'begun' },
  ]
}

/** The tags that say that a swap came to nothing: the instance runs as before. */
export const abandonedTags: readonly Tag[] = [{ key: swapTags.state, value: 'abandoned' }]

/** The tags of a disk that has taken the place of another one for good. */
export function finishedTags(original: Pick<Lineage, 'name' | 'arn'>): Tag[] {
  return [
    { key: lineageTags.replaces, value: original.name },
    ...(original.arn === undefined ? [] : [{ key: lineageTags.replacesArn, value: original.arn }]),
    { key: swapTags.state, value: 'finished' },
  ]
}

/** The tag of the disk whose place was taken. */
export function replacedTags(newDiskName: string): Tag[] {
  return [{ key: lineageTags.replacedBy, value: newDiskName }]
}

/** A swap whose end isn't written down. */
export interface BegunSwap {
  readonly disk: Disk
  readonly place: Place
  readonly previousDiskName: string
  readonly wasRunning: boolean
}

/** The swap that a disk's tags say has begun; undefined if none has, or it is finished or abandoned. */
export function begunSwap(disk: Disk): BegunSwap | undefined {
  const [instanceName, path, previousDiskName, started, state] = Object.values(swapTags).map((key) =>
    tagOf(disk, key),
  )
  if (state !== 'begun' || !instanceName || !path || !previousDiskName) return undefined
  return { disk, place: { instanceName, path }, previousDiskName, wasRunning: started !== 'no' }
}

/** Whether a disk is, or was, part of a swap, whatever became of that. */
export function isOfSwap(disk: Disk): boolean {
  return tagOf(disk, swapTags.state) !== undefined || wasSwappedIn(disk)
}

/** Whether a disk has taken the place of another one, now or at some time before. */
export function wasSwappedIn(disk: Disk): boolean {
  return tagOf(disk, lineageTags.replaces) !== undefined
}

/** Whether a roll-back of this run to the snapshot has begun and isn't known to be finished. */
export function isChosenBy(snapshot: DiskSnapshot, { runId }: Run): boolean {
  return runsOf(snapshot).includes(runId)
}

/** The tag that says of a snapshot whether this run's roll-back to it is still to be finished. */
export function choiceTags(snapshot: DiskSnapshot, { runId }: Run, isOpen: boolean): Tag[] {
  const others = runsOf(snapshot).filter((id) => id !== runId)
  // What is too long for a tag is of runs that nobody will run again.
  const runs = [...(isOpen ? [runId] : []), ...others].slice(0, 10)
  return [{ key: rollBackTag, value: runs.join(' ') || noRun }]
}

/** Whether there is room for that tag. */
export function hasRoomForChoice(snapshot: DiskSnapshot, most: number): boolean {
  return snapshot.tags.length < most || snapshot.tags.some(({ key }) => key === rollBackTag)
}

function runsOf(snapshot: DiskSnapshot): string[] {
  return (tagOf(snapshot, rollBackTag) ?? '').split(' ').filter((id) => id !== '' && id !== noRun)
}

/** Whose a disk is, as far as its tags tell. */
export function makerOf(disk: Disk): string {
  const [run, repository] = ['run-id', 'repository'].map((key) => tagOf(disk, key))
  const from = snapshotOf(disk)
  if (from === undefined) return 'which this action did not create'
  return `which run ${run ?? 'unknown'} of ${repository ?? 'an unknown repository'} created from snapshot "${from}"`
}
