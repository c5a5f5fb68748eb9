import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import { namedRecord, type SnapshotRecord, watchedRecord } from '../domain/snapshot-record.js'
import type { Operation } from '../lightsail/types.js'
import type { Found } from './snapshot-request.js'

/** The record of a snapshot that has been started, before the service was asked about it. */
export function startedRecord(
  planned: PlannedSnapshot,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  return {
    ...plannedRecord(planned, operation, region),
    // An operation that is over already doesn't make its snapshot complete.
    state: operation?.status === 'failed' ? 'error' : 'pending',
    createdAt: operation?.createdAt?.toISOString() ?? null,
  }
}

/** The record of a snapshot that was there already, under the planned name. */
export function foundRecord(
  planned: PlannedSnapshot,
  { snapshot, adopted }: Found,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  const { state } = snapshot
  return { ...watchedRecord(plannedRecord(planned, operation, region), { snapshot, state }), adopted }
}

/** The record of a snapshot that was not started, as far as anybody knows. */
export function failedRecord(planned: PlannedSnapshot, region: string): SnapshotRecord {
  return { ...plannedRecord(planned, undefined, region), state: 'error' }
}

function plannedRecord(
  { source, requestedName, snapshotName }: PlannedSnapshot,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  const named = namedRecord(snapshotName, operation?.id ?? null, region)
  return { ...named, sourceType: source.type, sourceName: source.name, requestedName }
}
