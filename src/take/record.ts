import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import { namedRecord, type SnapshotRecord, watchedRecord } from '../domain/snapshot-record.js'
import type { Operation } from '../lightsail/types.js'
import type { Found } from './snapshot-request.js'

/** Returns the record of a snapshot that has just been started. */
export function startedRecord(
  planned: PlannedSnapshot,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  return {
    ...plannedRecord(planned, operation, region),
    // A finished operation doesn't mean that the snapshot is complete.
    state: operation?.status === 'failed' ? 'error' : 'pending',
    consistency: 'crash',
    createdAt: operation?.createdAt?.toISOString() ?? null,
  }
}

/** Returns the record of an existing snapshot under the planned name. */
export function foundRecord(
  planned: PlannedSnapshot,
  { snapshot, adopted }: Found,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  const { state } = snapshot
  return {
    ...watchedRecord(plannedRecord(planned, operation, region), { snapshot, state }),
    consistency: 'crash',
    adopted,
  }
}

/** Returns the record of a snapshot that was not started, as far as is known. */
export function failedRecord(planned: PlannedSnapshot, region: string): SnapshotRecord {
  return { ...plannedRecord(planned, undefined, region), state: 'error' }
}

function plannedRecord(
  { source, snapshotType, requestedName, snapshotName }: PlannedSnapshot,
  operation: Operation | undefined,
  region: string,
): SnapshotRecord {
  const named = namedRecord(snapshotName, operation?.id ?? null, region)
  return { ...named, sourceType: source.type, snapshotType, sourceName: source.name, requestedName }
}
