import { usualBehaviour } from './behaviour.js'
import { type Life, snapshotAt } from './lifecycle.js'
import { capturedSize, emptyContent, type StoredDisk, type StoredInstance } from './machines.js'
import { newResource, newTags, type Particulars } from './resource.js'
import type { TagHistory } from './tags.js'
import type { Disk, DiskSnapshot, Instance, Tag } from './wire.js'

/** A snapshot as it is kept; its state is computed when it is read. */
export interface StoredSnapshot {
  readonly fixed: Omit<DiskSnapshot, 'state' | 'progress' | 'tags'>
  readonly tags: TagHistory
  /** What was written on its source when it was taken. */
  readonly content: string
  readonly life: Life
}

/** A snapshot that is there from the start, in whatever state and of whatever age. */
export interface SnapshotSeed {
  readonly name: string
  /** What it was made of, which needn't be there any more. The ARN is that of the disk or instance of this name, unless another is given. */
  readonly source: { readonly type: 'disk' | 'instance'; readonly name: string; readonly arn?: string }
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Default: none. */
  readonly tags?: readonly Tag[]
  /** Default: `completed`. A `pending` or `unknown` one stays so. */
  readonly state?: DiskSnapshot['state']
  /** Default: false. */
  readonly isFromAutoSnapshot?: boolean
  /** Default: the size of its source, or 8 where that isn't there. */
  readonly sizeInGb?: number
  /** What was written on its source. Default: `empty`. */
  readonly content?: string
}

/** A snapshot's size and source, as its own members carry them. */
export type Origin = Pick<
  DiskSnapshot,
  'sizeInGb' | 'fromDiskName' | 'fromDiskArn' | 'fromInstanceName' | 'fromInstanceArn'
>

/** A snapshot to keep. */
export function newSnapshot(
  particulars: Particulars,
  origin: Origin,
  life: Life,
  {
    content = emptyContent,
    isFromAutoSnapshot = false,
  }: Pick<SnapshotSeed, 'content' | 'isFromAutoSnapshot'> = {},
): StoredSnapshot {
  return {
    fixed: { ...newResource('DiskSnapshot', particulars), isFromAutoSnapshot, ...origin },
    tags: newTags(particulars),
    content,
    life,
  }
}

/** The snapshot as it is at `now` (milliseconds since the epoch). */
export function readSnapshot({ fixed, tags, life }: StoredSnapshot, now: number): DiskSnapshot {
  return { ...fixed, tags: tags.shownAt(now), ...snapshotAt(life, now) }
}

/** What a snapshot of `source` says of it. */
export function originOf(source: StoredDisk['fixed'] | StoredInstance['fixed']): Origin {
  return originNamed(source.resourceType, source.name, source.arn, capturedSize(source))
}

/** The same for a source of which no more is known than this. */
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

/** The life of a snapshot that is in this state for good. */
export function lifeIn(state: DiskSnapshot['state'], startedAt: number): Life {
  return { startedAt, behaviour: behaviourIn[state] }
}

const behaviourIn: Readonly<Record<DiskSnapshot['state'], Life['behaviour']>> = {
  completed: { ...usualBehaviour, snapshotDurationMs: 0 },
  error: { ...usualBehaviour, snapshotDurationMs: 0, snapshotEnd: 'error' },
  pending: { ...usualBehaviour, snapshotEnd: 'stuck' },
  unknown: { ...usualBehaviour, unknownMs: Number.POSITIVE_INFINITY },
}
