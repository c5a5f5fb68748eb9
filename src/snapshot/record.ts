import {
  type DiskSnapshot,
  type Operation,
  operationStage,
  type SourceType,
  type Stage,
} from '../lightsail/types.js'
import type { PlannedSnapshot } from './plan.js'

/** One object of the output `snapshots`; null where the service hasn't said. */
export interface SnapshotRecord {
  readonly sourceType: SourceType
  readonly sourceName: string
  readonly snapshotName: string
  readonly operationId: string
  readonly arn: string | null
  readonly state: 'completed' | 'pending' | 'error'
  readonly progress: string | null
  readonly sizeInGb: number | null
  /** ISO 8601. */
  readonly createdAt: string | null
  readonly region: string
  readonly adopted: boolean
}

const stateOfStage: Readonly<Record<Stage, SnapshotRecord['state']>> = {
  running: 'pending',
  done: 'completed',
  failed: 'error',
}

/** The record of a snapshot that has been started, before the service was asked about it. */
export function startedRecord(
  { source, snapshotName }: PlannedSnapshot,
  operation: Operation,
  region: string,
): SnapshotRecord {
  return {
    sourceType: source.type,
    sourceName: source.name,
    snapshotName,
    operationId: operation.id,
    arn: null,
    // An operation that is over already doesn't make its snapshot complete.
    state: operationStage(operation.status) === 'failed' ? 'error' : 'pending',
    progress: null,
    sizeInGb: null,
    createdAt: operation.createdAt?.toISOString() ?? null,
    region,
    adopted: false,
  }
}

/** The record with what the wait saw last. */
export function watchedRecord(
  record: SnapshotRecord,
  { snapshot, stage }: { readonly snapshot: DiskSnapshot | undefined; readonly stage: Stage },
): SnapshotRecord {
  return {
    ...record,
    arn: snapshot?.arn ?? record.arn,
    state: stateOfStage[stage],
    progress: snapshot?.progress ?? record.progress,
    sizeInGb: snapshot?.sizeInGb ?? record.sizeInGb,
    createdAt: snapshot?.createdAt?.toISOString() ?? record.createdAt,
  }
}
