import type { Disk, SnapshotType, Source, Tag } from '../lightsail/types.js'
import type { Lineage } from './lineage.js'

/** A source to capture, and the name that the workflow uses for it. */
export interface PlannedSource {
  readonly source: Source
  /** The name asked for. After a roll-back, the disk that it means has a different one. */
  readonly requestedName: string
  /** The source's own ARN; undefined if it wasn't looked up. */
  readonly arn: string | undefined
  /** The source's lineage; undefined if it wasn't looked up. */
  readonly lineage: Lineage | undefined
  /** The disk; undefined if the source is none, or wasn't looked up. */
  readonly disk?: Disk
}

/** Returns a source that is known only by its name. */
export function sourceAsNamed(source: Source): PlannedSource {
  return { source, requestedName: source.name, arn: undefined, lineage: undefined }
}

/** One snapshot to take. */
export interface PlannedSnapshot extends PlannedSource {
  readonly snapshotType: SnapshotType
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}
