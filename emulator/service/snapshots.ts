import { usualBehaviour } from './behaviour.js'
import { type Life, snapshotAt } from './lifecycle.js'
import { capturedSize, emptyContent, type StoredDisk, type StoredInstance } from './machines.js'
import { newResource, newTags, type ResourceFields } from './resource.js'
import type { TagHistory } from './tags.js'
import type { Disk, DiskSnapshot, Instance, Tag } from './wire.js'

/** A stored snapshot; its state is computed when it is read. */
export interface StoredSnapshot {
  readonly fixed: Omit<DiskSnapshot, 'state' | 'progress' | 'tags'>
  readonly tags: TagHistory
  /** The content of its source when it was taken. */
  readonly content: string
  readonly life: Life
}

/** A snapshot that exists from the start, in any state and of any age. */
export interface SnapshotSeed {
  readonly name: string
  /** Its source, which needn't exist any more. The ARN is that of the disk or instance of this name, unless given. */
  readonly source: { readonly type: 'disk' | 'instance'; readonly name: string; readonly arn?: string }
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Default: none. */
  readonly tags?: readonly Tag[]
  /** Default: `completed`. A `pending` or `unknown` one stays so. */
  readonly state?: DiskSnapshot['state']
  /** Default: false. */
  readonly isFromAutoSnapshot?: boolean
  /** Default: the size of its source, or 8 if that doesn't exist. */
  readonly sizeInGb?: number
  /** The content of its source. Default: `empty`. */
  readonly content?: string
}

/** The members of a snapshot for its size and source. */
export type Origin = Pick<
  DiskSnapshot,
  'sizeInGb' | 'fromDiskName' | 'fromDiskArn' | 'fromInstanceName' | 'fromInstanceArn'
>

/** Returns a snapshot to store. */
export function newSnapshot(
  fields: ResourceFields,
  origin: Origin,
  life: Life,
  {
    content = emptyContent,
    isFromAutoSnapshot = false,
  }: Pick<SnapshotSeed, 'content' | 'isFromAutoSnapshot'> = {},
): StoredSnapshot {
  return {
    fixed: { ...newResource('DiskSnapshot', fields), isFromAutoSnapshot, ...origin },
    tags: newTags(fields),
    content,
    life,
  }
}

/** The snapshot at `now` (milliseconds since the epoch). */
export function readSnapshot({ fixed, tags, life }: StoredSnapshot, now: number): DiskSnapshot {
  return { ...fixed, tags: tags.shownAt(now), ...snapshotAt(life, now) }
}

/** The members of a snapshot of `source`. */
export function originOf(source: StoredDisk['fixed'] | StoredInstance['fixed']): Origin {
  return originNamed(source.resourceType, source.name, source.arn, capturedSize(source))
}

/** The same for a source that needn't exist. */
export function originNamed(
  kind: (Disk | Instance)['resourceType'],
  name: string,
  arn: string,
  sizeInGb: number,
): Origin {
  return kind === 'Disk'
    ? { sizeInGb, fromDiskName: name, fromDiskArn: arn }
    : { sizeInGb, fromInstanceName: name, fromInstanceArn: arn }
}

/** The life of a snapshot that stays in this state. */
export function lifeIn(state: DiskSnapshot['state'], startedAt: number): Life {
  return { startedAt, behaviour: behaviourIn[state] }
}

const behaviourIn: Readonly<Record<DiskSnapshot['state'], Life['behaviour']>> = {
  completed: { ...usualBehaviour, snapshotDurationMs: 0 },
  error: { ...usualBehaviour, snapshotDurationMs: 0, snapshotEnd: 'error' },
  pending: { ...usualBehaviour, snapshotEnd: 'stuck' },
  unknown: { ...usualBehaviour, unknownMs: Number.POSITIVE_INFINITY },
}
