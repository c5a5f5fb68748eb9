import type { Lineage } from '../domain/lineage.js'
import { isMadeBy, lineageTags, ownTags, type Tagged, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Run } from '../github/run-context.js'
import type { Lightsail } from '../lightsail/client.js'
import { orServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, Instance, Operation, SourceType, Tag } from '../lightsail/types.js'
import type { Attachment, InstanceSwap, Swap } from './plan.js'

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
  /** On a restored instance: the static IP that moves. */
  staticIp: 'swap-static-ip',
} as const

/** The tags that only restore/ may set on a restored disk or instance. */
export const restoreTagKeys: ReadonlySet<string> = new Set([
  restoredFrom,
  restoredFor,
  ...Object.values(swapTags),
  lineageTags.replaces,
  lineageTags.replacesArn,
  lineageTags.replacedBy,
  lineageTags.swapNext,
])

/** How many of them a restored disk or instance has at most: the other type has the tags of where it is attached, or of its static IP. */
export const mostRestoreTags = restoreTagKeys.size - [swapTags.instance, swapTags.path].length

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
export function snapshotOf(disk: Tagged): string | undefined {
  return tagOf(disk, restoredFrom)
}

/** Whether an operation created a disk or an instance from a snapshot. Its type for instances has changed over the years. */
export function isCreation({ operationType }: Pick<Operation, 'operationType'>): boolean {
  return operationType === 'CreateDiskFromSnapshot' || operationType.startsWith('CreateInstance')
}

/** Returns the original that a disk was restored for. */
export function originalOf(disk: Tagged): string | undefined {
  return tagOf(disk, restoredFor)
}

/** Whether this run of this repository created the disk, in any attempt. */
export function isOfRun(disk: Tagged, run: Run): boolean {
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

/** Returns the tags of a restored instance whose swap has begun, to be set before the static IP moves. */
export function beginInstanceTags({ previousName, wasRunning, staticIpName }: InstanceSwap): Tag[] {
  return [
    { key: swapTags.staticIp, value: staticIpName },
    { key: swapTags.previous, value: previousName },
    { key: swapTags.wasRunning, value: wasRunning ? 'yes' : 'no' },
    { key: swapTags.state, value: 'begun' },
  ]
}

/** Returns the tag for the previous instance: the name of the one that may soon have its static IP. */
export function nextTag(next: string | undefined): Tag {
  return { key: lineageTags.swapNext, value: next ?? 'none' }
}

/** Returns the tag with the state of a swap. `moved`: the static IP has moved, and the previous instance isn't stopped yet. */
export function stateTag(state: 'finished' | 'moved' | 'abandoned'): Tag {
  return { key: swapTags.state, value: state }
}

/** Returns the tags of what has replaced another. */
export function replacesTags(
  { name, arn }: Pick<Lineage, 'name' | 'arn'>,
  state: 'finished' | 'moved',
): Tag[] {
  return [
    { key: lineageTags.replaces, value: name },
    ...(arn === undefined ? [] : [{ key: lineageTags.replacesArn, value: arn }]),
    stateTag(state),
  ]
}

/** Returns the tags of what was replaced. */
export function replacedTags(type: SourceType, newName: string): Tag[] {
  return [
    { key: lineageTags.replacedBy, value: newName },
    ...(type === 'instance' ? [nextTag(undefined)] : []),
  ]
}

/** A swap of instances that the tags call begun or moved. */
export type OpenInstanceSwap = Pick<InstanceSwap, 'previousName' | 'wasRunning' | 'staticIpName'> & {
  readonly restored: Instance
  readonly state: string
}

/** Returns the swap of instances whose end isn't recorded in an instance's tags; undefined if there is none. */
export function openInstanceSwap(restored: Instance): OpenInstanceSwap | undefined {
  const [staticIpName, previousName, state = ''] = [swapTags.staticIp, swapTags.previous, swapTags.state].map(
    (key) => tagOf(restored, key),
  )
  if (!staticIpName || !previousName || !['begun', 'moved'].includes(state)) return undefined
  return {
    restored,
    staticIpName,
    previousName,
    state,
    wasRunning: tagOf(restored, swapTags.wasRunning) !== 'no',
  }
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
  const { instance, path: place, previous, wasRunning, state: stateKey } = swapTags
  const [instanceName, path, previousDiskName, started, state] = [
    instance,
    place,
    previous,
    wasRunning,
    stateKey,
  ].map((key) => tagOf(disk, key))
  if (state !== 'begun' || !instanceName || !path || !previousDiskName) return undefined
  return { disk, attachment: { instanceName, path }, previousDiskName, wasRunning: started !== 'no' }
}

/** Whether a swap has begun and its end hasn't been recorded. */
export function isBegun(restored: Tagged): boolean {
  return tagOf(restored, swapTags.state) === 'begun'
}

/** Whether a disk is or was part of a swap, finished or not. */
export function isOfSwap(disk: Tagged): boolean {
  return tagOf(disk, swapTags.state) !== undefined || wasSwappedIn(disk)
}

/** Whether a disk has ever replaced another. */
export function wasSwappedIn(disk: Tagged): boolean {
  return tagOf(disk, lineageTags.replaces) !== undefined
}

/** Records that a swap was abandoned. This only helps later steps, so a failure doesn't matter. */
export async function abandonSwap(
  diskName: string,
  service: Pick<Lightsail, 'tagResource'>,
  patience: Patience,
): Promise<void> {
  await orServiceFailure(service.tagResource(diskName, [stateTag('abandoned')], { ...patience, attempts: 3 }))
}
