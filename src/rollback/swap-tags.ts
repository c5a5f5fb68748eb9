import { type Copyable, Failure } from '../basics/failure.js'
import type { Lineage } from '../domain/lineage.js'
import { isMadeBy, lineageTags, noRun, ownTags, rollBackTag, tagLimits, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Run } from '../github/run-context.js'
import type { Lightsail } from '../lightsail/client.js'
import { tagCommand } from '../lightsail/commands.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, Tag } from '../lightsail/types.js'
import type { Attachment, RestorePlan, Swap } from './plan.js'

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
export interface RestoreTagValues extends Pick<Step, 'run' | 'newId'> {
  readonly commitSha: string
  readonly snapshotName: string
  /** The original of what the snapshot is of. */
  readonly originalName: string | undefined
  readonly userTags: readonly Tag[]
}

/** Every tag of a restored disk, for the request that creates it. */
export function restoreTags(marking: RestoreTagValues): Tag[] {
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
export function beginTags({ instanceName, path }: Attachment, swap: Swap): Tag[] {
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
  readonly attachment: Attachment
  readonly previousDiskName: string
  readonly wasRunning: boolean
}

/** The swap that a disk's tags say has begun; undefined if none has, or it is finished or abandoned. */
export function begunSwap(disk: Disk): BegunSwap | undefined {
  const [instanceName, path, previousDiskName, started, state] = Object.values(swapTags).map((key) =>
    tagOf(disk, key),
  )
  if (state !== 'begun' || !instanceName || !path || !previousDiskName) return undefined
  return { disk, attachment: { instanceName, path }, previousDiskName, wasRunning: started !== 'no' }
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
export function creatorText(disk: Disk): string {
  const [run, repository] = ['run-id', 'repository'].map((key) => tagOf(disk, key))
  const from = snapshotOf(disk)
  if (from === undefined) return 'which this action did not create'
  return `which run ${run ?? 'unknown'} of ${repository ?? 'an unknown repository'} created from snapshot "${from}"`
}

type TagService = Pick<Lightsail, 'region' | 'tagResource' | 'getDiskSnapshot' | 'getDisk'>
type Tools = Pick<Step, 'run' | 'log'>

/** Marks the snapshot that this run has chosen, so that its next attempt continues with it and not with a newer one. */
export async function tagChoice(
  { snapshot, isChosen }: RestorePlan,
  service: TagService,
  patience: Patience,
  { run, log }: Tools,
): Promise<void> {
  if (!isChosen || isChosenBy(snapshot, run)) return
  if (hasRoomForChoice(snapshot, tagLimits.perResource)) {
    await service.tagResource(snapshot.name, choiceTags(snapshot, run, true), patience)
  } else {
    log.warning(
      `Snapshot "${snapshot.name}" has no room for another tag. If this step doesn't finish, a rerun may choose a newer snapshot: give this one as snapshot-name then.`,
    )
  }
}

/** Takes the mark away. Without that the next attempt only looks at what has the place, so a failure is a warning. */
export async function untagChoice(
  { snapshot, isChosen }: RestorePlan,
  service: TagService,
  patience: Patience,
  { run, log }: Tools,
): Promise<void> {
  if (!isChosen) return
  try {
    const now = await service.getDiskSnapshot(snapshot.name, patience)
    if (now !== undefined && isChosenBy(now, run)) {
      await service.tagResource(now.name, choiceTags(now, run, false), patience)
    }
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    log.warning(
      `The tag roll-back-runs of snapshot "${snapshot.name}" could not be updated: ${error.message}`,
    )
  }
}

/**
 * Writes down that the new disk has taken the place of the previous one: from now on the name of the original means it. The
 * previous disk comes first, so that a swap which is cut off between the two is still known as begun. Returns when the tags
 * can be seen. Throws a Failure with the commands that do the same by hand.
 */
export async function recordSwap(
  diskName: string,
  swap: Swap,
  service: TagService,
  patience: Patience,
  { clock, log }: Pick<Step, 'clock' | 'log'>,
): Promise<void> {
  const writings: readonly (readonly [string, readonly Tag[]])[] = [
    [swap.previousDiskName, replacedTags(diskName)],
    [diskName, finishedTags(swap.original)],
  ]
  for (const [name, tags] of writings) {
    try {
      await service.tagResource(name, tags, patience)
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      // A previous disk that is gone needs no tag.
      if (name === diskName || error.errorClass !== 'not-found')
        throw notRecorded(diskName, swap, error, service.region)
    }
  }
  const untilMs = clock.monotonic() + hiddenMs
  while (!(await areVisible(writings, service, patience))) {
    if (clock.monotonic() >= untilMs || patience.signal?.aborted) {
      log.warning(
        `The tags that say that disk "${diskName}" replaces disk "${swap.original.name}" can't be seen yet. Start no deploy in the next minutes.`,
      )
      return
    }
    await clock.sleep(lookAgainMs, patience.signal).catch(() => {})
  }
}

/** How long tags may take to become visible, in milliseconds. */
const hiddenMs = 180_000
const lookAgainMs = 2000

/** Whether the disks show these tags; one that is gone needs to show none. */
async function areVisible(
  writings: readonly (readonly [string, readonly Tag[]])[],
  service: TagService,
  patience: Patience,
): Promise<boolean> {
  const seen = await Promise.all(
    writings.map(async ([name, tags]) => {
      const disk = await orServiceFailure(service.getDisk(name, patience))
      if (disk instanceof ServiceFailure) return false
      return disk === undefined || tags.every(({ key, value }) => tagOf(disk, key) === value)
    }),
  )
  return seen.every(Boolean)
}

/** The commands that do the same by hand. Without the ARN: it has the account id, which a log may mask. */
export function recordCommands(region: string, diskName: string, swap: Swap): string[] {
  const original = { name: swap.original.name, arn: undefined }
  return [
    tagCommand(region, diskName, finishedTags(original)),
    tagCommand(region, swap.previousDiskName, replacedTags(diskName)),
  ]
}

function notRecorded(diskName: string, swap: Swap, cause: ServiceFailure, region: string): Failure {
  const commands = recordCommands(region, diskName, swap)
  const copyable: Copyable = { purpose: 'Write the tags', language: 'sh', text: commands.join('\n') }
  return new Failure(
    `The roll-back took place, and disk "${diskName}" is in use. But the tags that say that it replaces disk "${swap.original.name}" could not be written: ${cause.message}`,
    `Until they are, the next deploy takes snapshots of the wrong disk. Write the tags with the commands below, or rerun this job: it rolls back once more and writes them. ${cause.advice}`,
    { cause, copyables: [copyable, ...cause.copyables] },
  )
}

/** Notes that a swap came to nothing. It is only a help for later steps: what goes wrong here doesn't matter. */
export async function abandonSwap(diskName: string, service: TagService, patience: Patience): Promise<void> {
  await orServiceFailure(service.tagResource(diskName, abandonedTags, { ...patience, attempts: 3 }))
}
