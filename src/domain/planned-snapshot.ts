import type { Source, Tag } from '../lightsail/types.js'
import type { Lineage } from './lineage.js'

/** What is captured, and the name that the workflow has for it. */
export interface PlannedSource {
  readonly source: Source
  /** The name asked for: after a roll-back the disk that it means has another one. */
  readonly requestedName: string
  /** The source's own ARN; undefined if it wasn't looked up. */
  readonly arn: string | undefined
  /** What the source's snapshots are counted by; undefined if it wasn't looked up. */
  readonly lineage: Lineage | undefined
  /** Whether it is a disk that is attached to nothing: then it may not be the live one. */
  readonly isDetached?: boolean
}

/** A source of which nothing but its name is known. */
export function sourceAsNamed(source: Source): PlannedSource {
  return { source, requestedName: source.name, arn: undefined, lineage: undefined }
}

/** One snapshot to take. */
export interface PlannedSnapshot extends PlannedSource {
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}
