import { type Life, snapshotAt } from './lifecycle.js'
import { capturedSize, emptyContent, readDisk, type StoredDisk, type StoredInstance } from './machines.js'
import { defaultRules } from './ports.js'
import { newResource, newTags, type ResourceFields } from './resource.js'
import type { SnapshotSeed } from './snapshots.js'
import type { TagHistory } from './tags.js'
import type { Disk, DiskSnapshot, InstanceSnapshot, PortRule } from './wire.js'

/** What a machine holds when its snapshot is taken. */
export interface Captured {
  /** The content of the system disk. */
  readonly content: string
  readonly disks: readonly { readonly disk: Disk; readonly content: string }[]
  readonly rules: readonly PortRule[]
}

/** A stored instance snapshot; its state is computed when it is read. */
export interface StoredInstanceSnapshot {
  readonly fixed: Omit<InstanceSnapshot, 'state' | 'tags'>
  readonly tags: TagHistory
  readonly captured: Captured
  readonly life: Life
}

/** An instance snapshot that exists from the start, in any state and of any age, without attached disks. */
export interface InstanceSnapshotSeed extends Omit<SnapshotSeed, 'source' | 'state'> {
  /** Its source, which needn't exist any more. */
  readonly instanceName: string
  /** Default: that of the instance of this name. */
  readonly instanceArn?: string
  /** Default: `available`. A `pending` one stays so. */
  readonly state?: InstanceSnapshot['state']
}

/** The members of an instance snapshot for its size and source. */
export type InstanceOrigin = Pick<
  InstanceSnapshot,
  'sizeInGb' | 'fromInstanceName' | 'fromInstanceArn' | 'fromBlueprintId' | 'fromBundleId'
>

/** The members of a snapshot of this instance. */
export function originOfInstance(fixed: StoredInstance['fixed']): InstanceOrigin {
  return {
    sizeInGb: capturedSize(fixed),
    fromInstanceName: fixed.name,
    fromInstanceArn: fixed.arn,
    fromBlueprintId: fixed.blueprintId,
    fromBundleId: fixed.bundleId,
  }
}

/** Returns what the instance with these disks and rules holds at `now` (milliseconds since the epoch). */
export function capture(
  { volume }: StoredInstance,
  disks: readonly StoredDisk[],
  rules: readonly PortRule[],
  now: number,
): Captured {
  return {
    content: volume.content,
    disks: disks.map((disk) => ({ disk: readDisk(disk, now), content: disk.volume.content })),
    rules,
  }
}

/** What a snapshot holds if only the content of the system disk is known. */
export function capturedContent(content = emptyContent): Captured {
  return { content, disks: [], rules: defaultRules }
}

/** Returns an instance snapshot to store. */
export function newInstanceSnapshot(
  fields: ResourceFields,
  origin: InstanceOrigin,
  captured: Captured,
  life: Life,
  isFromAutoSnapshot = false,
): StoredInstanceSnapshot {
  const fromAttachedDisks = captured.disks.map(({ disk }) => disk)
  return {
    fixed: { ...newResource('InstanceSnapshot', fields), ...origin, fromAttachedDisks, isFromAutoSnapshot },
    tags: newTags(fields),
    captured,
    life,
  }
}

const states = {
  completed: 'available',
  error: 'error',
  pending: 'pending',
  unknown: 'pending',
} as const satisfies Record<DiskSnapshot['state'], InstanceSnapshot['state']>

/** The state of an instance snapshot at `now` (milliseconds since the epoch). */
export function instanceSnapshotState(
  { life }: StoredInstanceSnapshot,
  now: number,
): InstanceSnapshot['state'] {
  return states[snapshotAt(life, now).state]
}

/** The instance snapshot at `now` (milliseconds since the epoch). */
export function readInstanceSnapshot(stored: StoredInstanceSnapshot, now: number): InstanceSnapshot {
  return { ...stored.fixed, tags: stored.tags.shownAt(now), state: instanceSnapshotState(stored, now) }
}
