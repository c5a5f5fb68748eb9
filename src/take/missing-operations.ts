import { Failure } from '../basics/failure.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import { findOperation } from './operation-lookup.js'
import type { Taken } from './take.js'

/** Looks once more for operations that were not found with their snapshots, and warns of each that is still missing. */
export async function findMissingOperations(
  taken: readonly Taken[],
  lightsail: Lightsail,
  patience: Patience,
  { clock, log }: Step,
): Promise<readonly Taken[]> {
  if (taken.every(({ started, record }) => started !== 'yes' || record.operationId !== null)) return taken
  const whole: Taken[] = []
  for (const snapshot of taken) {
    const { snapshotName, operationId, createdAt } = snapshot.record
    const isMissing = snapshot.started === 'yes' && operationId === null
    const { snapshotType: type } = snapshot.planned
    const made = { type, name: snapshotName, createdAt: createdAt === null ? null : new Date(createdAt) }
    const found = isMissing ? await findOperation(made, lightsail, patience, clock) : undefined
    const isFound = found !== undefined && !(found instanceof Failure)
    if (isMissing && !isFound) log.warning(withoutOperation(snapshotName, found))
    whole.push(
      isFound
        ? { ...snapshot, operation: found, record: { ...snapshot.record, operationId: found.id } }
        : snapshot,
    )
  }
  return whole
}

function withoutOperation(snapshotName: string, failure: Failure | undefined): string {
  const why = failure === undefined ? 'Lightsail no longer lists it.' : `${failure.message} ${failure.advice}`
  return `operation-id is empty: the operation that created snapshot "${snapshotName}" could not be found. ${why} Later steps can wait for the snapshot's name instead.`
}
