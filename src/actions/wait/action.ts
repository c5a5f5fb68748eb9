import { Failure } from '../../basics/failure.js'
import { count, durationText } from '../../basics/text.js'
import { waitStep } from '../../domain/next-steps.js'
import { namedRecord, watchedRecord } from '../../domain/snapshot-record.js'
import type { Step } from '../../github/entry-point.js'
import type { Lightsail } from '../../lightsail/client.js'
import { consoleUrl } from '../../lightsail/names.js'
import { operationReader } from '../../lightsail/reader.js'
import { snapshotTypeOf, snapshotTypes } from '../../lightsail/snapshot-types.js'
import type { Operation } from '../../lightsail/types.js'
import { watchSnapshots } from '../../watch/watch.js'
import type { Target } from '../../watch/watched-snapshot.js'
import { connect } from '../shared/connect.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { type StepEnd, withStatus } from '../shared/with-status.js'
import { readInputs, type WaitInputs } from './inputs.js'
import { setRecordOutputs, summarize } from './report.js'

/** wait/: gates a later step on snapshots that an earlier step started. Throws a Failure if one isn't good. */
export async function waitForSnapshots(step: Step): Promise<void> {
  const inputs = readInputs(step)
  const lightsail = connect(inputs.region, step)
  const untilMs = step.clock.monotonic() + inputs.timeoutMs
  try {
    warnOfExpiry(lightsail, inputs.timeoutMs, step)
    await withStatus(inputs.status, 'Waiting for the snapshot', step, async () => {
      const targets = await findTargets(inputs, lightsail, untilMs, step)
      return waitForTargets(targets, inputs, untilMs, lightsail, step)
    })
  } finally {
    lightsail.close()
  }
}

/** Returns what to wait for: the named snapshots, or those that the operations create. */
async function findTargets(
  { operationIds, snapshotNames, region }: WaitInputs,
  lightsail: Lightsail,
  untilMs: number,
  { clock, log, signal }: Step,
): Promise<Target[]> {
  if (operationIds.length === 0) {
    return snapshotNames.map((snapshotName) => ({
      snapshotName,
      snapshotType: undefined,
      operation: undefined,
      ageMs: undefined,
    }))
  }
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  const found = await operationReader(lightsail).read(operationIds, patience)
  const operations = operationIds.flatMap((id) => found.get(id) ?? [])
  const unknown = operationIds.filter((id) => !found.has(id))
  if (unknown.length > 0) {
    throw unknownOperations(unknown, region)
  }
  const other = operations.filter((operation) => !createsSnapshot(operation))
  if (other.length > 0) {
    throw new Failure(
      other.map(otherOperation).join('\n'),
      'Give the output operation-id of the step that took the snapshot: it is the operation on the snapshot itself.',
    )
  }
  return operations.map((operation) => ({
    snapshotName: operation.resourceName,
    snapshotType: snapshotTypeOf(operation.resourceType),
    operation,
    ageMs:
      operation.createdAt === null
        ? undefined
        : (lightsail.serviceTime() ?? clock.now()) - operation.createdAt.getTime(),
  }))
}

/** The failure for operation ids that don't exist. */
export function unknownOperations(ids: readonly string[], region: string): Failure {
  return new Failure(
    `There is no operation ${ids.join(', no operation ')} in ${region}.`,
    'Give the output operation-id of the step that took the snapshot, and the same aws-region.',
    { isMissing: true },
  )
}

/** Whether an operation creates a snapshot, and doesn't delete one. */
function createsSnapshot({ resourceType, operationType }: Operation): boolean {
  const type = snapshotTypeOf(resourceType)
  return type !== undefined && [snapshotTypes[type].creation, ''].includes(operationType)
}

function otherOperation({ id, resourceType, resourceName, operationType }: Operation): string {
  return snapshotTypeOf(resourceType) !== undefined
    ? `Operation ${id} is a ${operationType} of snapshot "${resourceName}" and creates no snapshot.`
    : `Operation ${id} is on ${resourceType || 'unknown resource'} "${resourceName}", not on a snapshot.`
}

async function waitForTargets(
  targets: readonly Target[],
  { timeoutMs, pollIntervalMs }: WaitInputs,
  untilMs: number,
  lightsail: Lightsail,
  step: Step,
): Promise<StepEnd> {
  const { clock, random, log, signal } = step
  const records = targets.map(({ snapshotName, operation }) =>
    namedRecord(snapshotName, operation?.id ?? null, lightsail.region),
  )
  setRecordOutputs(records, step)
  log.info(
    `Waiting up to ${durationText(timeoutMs)} for ${count(targets.length, 'snapshot')} in ${lightsail.region}`,
  )
  log.info(`In the Lightsail console: ${consoleUrl}`)
  const limits = { timeoutMs: Math.max(0, untilMs - clock.monotonic()), pollIntervalMs }
  const watched = await watchSnapshots(targets, limits, { lightsail, clock, random, log, signal })
  const ended = records.map((record, index) => {
    const end = watched[index]
    return end === undefined ? record : watchedRecord(record, end)
  })
  setRecordOutputs(ended, step)
  await summarize(ended, watched, step)
  const failures = watched.flatMap(({ failure }) => failure ?? [])
  const success = `${count(ended.length, 'snapshot')} complete`
  if (failures.length === 0) log.info(success)
  const running = ended.filter(
    ({ state }, index) => state === 'pending' && watched[index]?.failure !== undefined,
  )
  return {
    failures,
    isBad: watched.some(({ state }) => state === 'error'),
    success,
    nextSteps: waitStep(running, lightsail.region, step.run),
  }
}
