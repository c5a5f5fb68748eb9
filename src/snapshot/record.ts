import { type Operation, operationStage } from '../lightsail/types.js'
import { namedRecord, type SnapshotRecord } from '../wait/record.js'
import type { PlannedSnapshot } from './plan.js'

/** The record of a snapshot that has been started, before the service was asked about it. */
export function startedRecord(
  { source, snapshotName }: PlannedSnapshot,
  operation: Operation,
  region: string,
): SnapshotRecord {
  return {
    ...namedRecord(snapshotName, operation.id, region),
    sourceType: source.type,
    sourceName: source.name,
    // An operation that is over already doesn't make its snapshot complete.
    state: operationStage(operation.status) === 'failed' ? 'error' : 'pending',
    createdAt: operation.createdAt?.toISOString() ?? null,
  }
}
