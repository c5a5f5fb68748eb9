import type { DiskSnapshot, SnapshotState, SnapshotType, SourceType } from '../lightsail/types.js'
import { lineageTags, tagOf } from './tags.js'

/** What a snapshot holds of its file systems: all, because they were frozen, or what had been written by chance. */
export type Consistency = (typeof weakestFirst)[number]

const weakestFirst = ['crash', 'file-system'] as const

/** What is known of a snapshot; null for what isn't. An object in the output `snapshots`, but for the ARN. */
export interface SnapshotRecord {
  readonly sourceType: SourceType | null
  readonly snapshotType: SnapshotType | null
  readonly sourceName: string | null
  /** The name that the workflow uses for the source. After a roll-back, the disk that it means has a different one. */
  readonly requestedName: string | null
  readonly snapshotName: string
  readonly operationId: string | null
  readonly arn: string | null
  readonly state: SnapshotState
  readonly consistency: Consistency | null
  readonly progress: string | null
  readonly sizeInGb: number | null
  /** ISO 8601. */
  readonly createdAt: string | null
  readonly region: string
  readonly adopted: boolean
}

/** Returns the record of a snapshot that is known only by its name, and perhaps its operation. */
export function namedRecord(
  snapshotName: string,
  operationId: string | null,
  region: string,
): SnapshotRecord {
  return {
    sourceType: null,
    snapshotType: null,
    sourceName: null,
    requestedName: null,
    snapshotName,
    operationId,
    arn: null,
    state: 'pending',
    consistency: null,
    progress: null,
    sizeInGb: null,
    createdAt: null,
    region,
    adopted: false,
  }
}

/** Returns the record updated with what the wait saw last. */
export function watchedRecord(
  record: SnapshotRecord,
  { snapshot, state }: { readonly snapshot: DiskSnapshot | undefined; readonly state: SnapshotState },
): SnapshotRecord {
  return {
    ...record,
    sourceType: record.sourceType ?? snapshot?.source?.type ?? null,
    snapshotType: record.snapshotType ?? snapshot?.type ?? null,
    sourceName: record.sourceName ?? snapshot?.source?.name ?? null,
    requestedName: record.requestedName ?? requestedNameOf(snapshot),
    arn: snapshot?.arn ?? record.arn,
    state,
    progress: snapshot?.progress ?? record.progress,
    sizeInGb: snapshot?.sizeInGb ?? record.sizeInGb,
    createdAt: snapshot?.createdAt?.toISOString() ?? record.createdAt,
  }
}

/** For a snapshot that another step took: the original of its source. */
function requestedNameOf(snapshot: DiskSnapshot | undefined): string | null {
  if (snapshot === undefined) return null
  return tagOf(snapshot, lineageTags.lineage) ?? snapshot.source?.name ?? null
}

/** Returns the output `snapshots`. It has no ARN: GitHub drops a job output that contains a masked account id. */
export function recordsOutput(records: readonly SnapshotRecord[]): string {
  return JSON.stringify(records.map(({ arn: _, ...shown }) => shown))
}

/** Returns the output `snapshot-arns`, of the snapshots that were looked up. */
export function arnsOutput(records: readonly SnapshotRecord[]): string {
  return JSON.stringify(records.flatMap(({ arn }) => arn ?? []))
}

const worstFirst = ['error', 'pending', 'completed'] as const

/** Returns the worst of several states; an empty string if there is none. */
export function worstState(states: readonly SnapshotState[]): SnapshotState | '' {
  return worstFirst.find((state) => states.includes(state)) ?? ''
}

/** Returns the weaker of several consistencies; an empty string if none is known. */
export function weakestConsistency(records: readonly SnapshotRecord[]): Consistency | '' {
  const known = records.map(({ consistency }) => consistency)
  return weakestFirst.find((consistency) => known.includes(consistency)) ?? ''
}

/** Returns a record's state for the summary, with the progress while it is pending. */
export function stateText({ state, progress }: SnapshotRecord): string {
  return state === 'pending' && progress !== null ? `${state}, ${progress}` : state
}

/** Returns `32 GB`; an empty string if the size is unknown. */
export function sizeText({ sizeInGb }: SnapshotRecord): string {
  return sizeInGb === null ? '' : `${sizeInGb} GB`
}
