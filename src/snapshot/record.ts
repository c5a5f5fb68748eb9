import { type Operation, operationStage, snapshotStage } from '../lightsail/types.js'
import { namedRecord, type SnapshotRecord, watchedRecord } from '../wait/record.js'
import type { PlannedSnapshot } from './plan.js'
import type { Found } from './request.js'

/** The record of a snapshot that has been started, before the service was asked about it. */
export function startedRecord(
  { source, snapshotName }: PlannedSnapshot,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  return {
    ...namedRecord(snapshotName, operation?.id ?? null, region),
    sourceType: source.type,
    sourceName: source.name,
    // An operation that is over already doesn't make its snapshot complete.
    state: operationStage(operation?.status ?? '') === 'failed' ? 'error' : 'pending',
    createdAt: operation?.createdAt?.toISOString() ?? null,
  }
}

/** The record of a snapshot that was there already, under the planned name. */
export function foundRecord(
  { snapshot, adopted }: Found,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  const named = namedRecord(snapshot.name, operation?.id ?? null, region)
  return { ...watchedRecord(named, { snapshot, stage: snapshotStage(snapshot.state) }), adopted }
}
