import type { DiskSnapshot, SnapshotState, SourceType } from '../lightsail/types.js'
import { lineageTags, tagOf } from './tags.js'

/** What is known of a snapshot; null where the service hasn't said. All but the ARN is an object of the output `snapshots`. */
export interface SnapshotRecord {
  readonly sourceType: SourceType | null
  readonly sourceName: string | null
  /** The name that the workflow has for the source. After a roll-back the disk that it means has another one. */
  readonly requestedName: string | null
  readonly snapshotName: string
  readonly operationId: string | null
  readonly arn: string | null
  readonly state: SnapshotState
  readonly progress: string | null
  readonly sizeInGb: number | null
  /** ISO 8601. */
  readonly createdAt: string | null
  readonly region: string
  readonly adopted: boolean
}

/** The record of a snapshot of which only its name and perhaps its operation are known. */
export function namedRecord(
  snapshotName: string,
  operationId: string | null,
  region: string,
): SnapshotRecord {
  return {
    sourceType: null,
    sourceName: null,
    requestedName: null,
    snapshotName,
    operationId,
    arn: null,
    state: 'pending',
    progress: null,
    sizeInGb: null,
    createdAt: null,
    region,
    adopted: false,
  }
}

/** The record with what the wait saw last. */
export function watchedRecord(
  record: SnapshotRecord,
  { snapshot, state }: { readonly snapshot: DiskSnapshot | undefined; readonly state: SnapshotState },
): SnapshotRecord {
  return {
    ...record,
    sourceType: record.sourceType ?? snapshot?.source?.type ?? null,
    sourceName: record.sourceName ?? snapshot?.source?.name ?? null,
    requestedName: record.requestedName ?? requestedNameOf(snapshot),
    arn: snapshot?.arn ?? record.arn,
    state,
    progress: snapshot?.progress ?? record.progress,
    sizeInGb: snapshot?.sizeInGb ?? record.sizeInGb,
    createdAt: snapshot?.createdAt?.toISOString() ?? record.createdAt,
  }
}

/** Of a snapshot that another step took: the original of the disk that it is of. */
function requestedNameOf(snapshot: DiskSnapshot | undefined): string | null {
  if (snapshot === undefined) return null
  return tagOf(snapshot, lineageTags.lineage) ?? snapshot.source?.name ?? null
}

/** The output `snapshots`. It has no ARN: GitHub drops a whole job output that contains a masked account id. */
export function recordsOutput(records: readonly SnapshotRecord[]): string {
  return JSON.stringify(records.map(({ arn: _, ...shown }) => shown))
}

/** The output `snapshot-arns`, of the snapshots that the service has been asked about. */
export function arnsOutput(records: readonly SnapshotRecord[]): string {
  return JSON.stringify(records.flatMap(({ arn }) => arn ?? []))
}

const worstFirst = ['error', 'pending', 'completed'] as const

/** Of several states, the worst; an empty text where there is none. */
export function worstState(states: readonly SnapshotState[]): SnapshotState | '' {
  return worstFirst.find((state) => states.includes(state)) ?? ''
}

/** How a record's state reads in the summary: with the progress while it is pending. */
export function stateText({ state, progress }: SnapshotRecord): string {
  return state === 'pending' && progress !== null ? `${state}, ${progress}` : state
}

/** `32 GB`; an empty text where the size isn't known. */
export function sizeText({ sizeInGb }: SnapshotRecord): string {
  return sizeInGb === null ? '' : `${sizeInGb} GB`
}
