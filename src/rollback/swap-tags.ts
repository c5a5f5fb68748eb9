import { type Copyable, Failure } from '../basics/failure.js'
import type { Lineage } from '../domain/lineage.js'
import {
  choiceTags,
  hasRoomForChoice,
  isChosenBy,
  isMadeBy,
  lineageTags,
  ownTags,
  tagLimits,
  tagOf,
} from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Run } from '../github/run-context.js'
import type { Lightsail } from '../lightsail/client.js'
import { tagCommand } from '../lightsail/commands.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, Tag } from '../lightsail/types.js'
import type { Attachment, RestorePlan, Swap } from './plan.js'
import { becomesVisible } from './visibility.js'

// The tags that restore/ writes. Later steps go by them and by the states of the resources.

/** On a restored disk, from its creation: its snapshot, and the original of the snapshot's source. */
const restoredFrom = 'restored-from'
const restoredFor = 'restored-for'

/** On a restored disk, before the instance is stopped: where it will be attached, and the state before the swap. */
const swapTags = {
  instance: 'swap-instance',
  path: 'swap-path',
  previous: 'swap-previous',
  wasRunning: 'swap-started',
  state: 'swap-state',
} as const

/** The tags that only restore/ may set on a restored disk. */
export const restoreTagKeys: ReadonlySet<string> = new Set([
  restoredFrom,
  restoredFor,
  ...Object.values(swapTags),
  lineageTags.replaces,
  lineageTags.replacesArn,
  lineageTags.replacedBy,
])

/** The values of a restored disk's tags. */
interface RestoreTagValues extends Pick<Step, 'run' | 'newId'> {
  readonly commitSha: string
  readonly snapshotName: string
  /** The original of the snapshot's source. */
  readonly originalName: string | undefined
  readonly userTags: readonly Tag[]
}

/** Returns all tags of a restored disk, for the request that creates it. */
export function restoreTags(marking: RestoreTagValues): Tag[] {
  const { run, newId, commitSha, snapshotName, originalName, userTags } = marking
  return [
    ...ownTags({ ...run, commitSha, clientToken: newId() }),
    { key: restoredFrom, value: snapshotName },
    ...(originalName === undefined ? [] : [{ key: restoredFor, value: originalName }]),
    ...userTags,
  ]
}

/** Returns the name of the snapshot that a disk was restored from. */
export function snapshotOf(disk: Disk): string | undefined {
  return tagOf(disk, restoredFrom)
}

/** Returns the original that a disk was restored for. */
export function originalOf(disk: Disk): string | undefined {
  return tagOf(disk, restoredFor)
}

/** Whether this run of this repository created the disk, in any attempt. */
export function isOfRun(disk: Disk, run: Run): boolean {
  return isMadeBy(disk, run.repository) && tagOf(disk, 'run-id') === run.runId
}

/** Returns the tags of a swap that has begun, to be set before the instance is stopped. */
export function beginTags({ instanceName, path }: Attachment, swap: Swap): Tag[] {
  return [
    { key: swapTags.instance, value: instanceName },
    { key: swapTags.path, value: path },
    { key: swapTags.previous, value: swap.previousDiskName },
    { key: swapTags.wasRunning, value: swap.wasRunning ? 'yes' : 'no' },
    { key: swapTags.state, value: 'begun' },
  ]
}

/** The tags of a swap that was abandoned: the instance runs as before. */
const abandonedTags: readonly Tag[] = [{ key: swapTags.state, value: 'abandoned' }]

/** Returns the tags of a disk that has replaced another. */
function finishedTags(original: Pick<Lineage, 'name' | 'arn'>): Tag[] {
  return [
    { key: lineageTags.replaces, value: original.name },
    ...(original.arn === undefined ? [] : [{ key: lineageTags.replacesArn, value: original.arn }]),
    { key: swapTags.state, value: 'finished' },
  ]
}

/** Returns the tag of the disk that was replaced. */
function replacedTags(newDiskName: string): Tag[] {
  return [{ key: lineageTags.replacedBy, value: newDiskName }]
}

/** A swap whose end hasn't been recorded. */
export interface BegunSwap {
  readonly disk: Disk
  readonly attachment: Attachment
  readonly previousDiskName: string
  readonly wasRunning: boolean
}

/** Returns the swap that has begun by a disk's tags; undefined if there is none, or it is finished or abandoned. */
export function begunSwap(disk: Disk): BegunSwap | undefined {
  const [instanceName, path, previousDiskName, started, state] = Object.values(swapTags).map((key) =>
    tagOf(disk, key),
  )
  if (state !== 'begun' || !instanceName || !path || !previousDiskName) return undefined
  return { disk, attachment: { instanceName, path }, previousDiskName, wasRunning: started !== 'no' }
}

/** Whether a disk is or was part of a swap, finished or not. */
export function isOfSwap(disk: Disk): boolean {
  return tagOf(disk, swapTags.state) !== undefined || wasSwappedIn(disk)
}

/** Whether a disk has ever replaced another. */
export function wasSwappedIn(disk: Disk): boolean {
  return tagOf(disk, lineageTags.replaces) !== undefined
}

type TagService = Pick<Lightsail, 'region' | 'tagResource' | 'getDiskSnapshot' | 'getDisk'>
type Tools = Pick<Step, 'run' | 'log'>

/** Tags the snapshot that this run has chosen, so that its next attempt uses it and not a newer one. */
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

/** Removes that tag. The next attempt also looks at the disk in use, so a failure is only a warning. */
export async function untagChoice(
  { snapshot, isChosen }: RestorePlan,
  service: TagService,
  patience: Patience,
  { run, log, clock }: Tools & Pick<Step, 'clock'>,
): Promise<void> {
  if (!isChosen) return
  try {
    const now = await service.getDiskSnapshot(snapshot.name, patience)
    if (now === undefined || !isChosenBy(now, run)) return
    await service.tagResource(now.name, choiceTags(now, run, false), patience)
    // Another run's roll-back changes the value that it sees, and would bring this run's part of it back.
    await becomesVisible(
      async () => {
        const seen = await service.getDiskSnapshot(now.name, patience)
        return seen === undefined || !isChosenBy(seen, run)
      },
      patience,
      clock,
    )
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    log.warning(
      `The tag roll-back-runs of snapshot "${snapshot.name}" could not be updated: ${error.message}`,
    )
  }
}

/**
 * Records in tags that the new disk has replaced the previous one: from now on, the original's name means the new disk. The
 * previous disk is tagged first, so that a swap interrupted between the two still counts as begun. Returns when the tags are
 * visible. Throws a Failure with the commands that do the same by hand.
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
      // A deleted previous disk needs no tag.
      if (name === diskName || error.errorClass !== 'not-found')
        throw notRecorded(diskName, swap, error, service.region)
    }
  }
  if (await becomesVisible(() => areVisible(writings, service, patience), patience, clock)) return
  log.warning(
    `The tags that say that disk "${diskName}" replaces disk "${swap.original.name}" can't be seen yet. Start no deploy in the next minutes.`,
  )
}

/** Whether the disks have these tags. A deleted disk needs none. */
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

/** Returns the commands that do the same by hand, without the ARN: it has the account id, which the log may mask. */
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

/** Records that a swap was abandoned. This only helps later steps, so a failure doesn't matter. */
export async function abandonSwap(diskName: string, service: TagService, patience: Patience): Promise<void> {
  await orServiceFailure(service.tagResource(diskName, abandonedTags, { ...patience, attempts: 3 }))
}
