import { Failure, throwAll } from '../../basics/failure.js'
import { textMember } from '../../basics/member.js'
import { count, durationText } from '../../basics/text.js'
import { waitStep } from '../../domain/next-steps.js'
import {
  arnsOutput,
  namedRecord,
  recordsOutput,
  type SnapshotRecord,
  sizeText,
  stateText,
  watchedRecord,
  worstState,
} from '../../domain/snapshot-record.js'
import { readStatusPlan, type StatusPlan, setCommitStatus } from '../../github/commit-status.js'
import type { Step } from '../../github/entry-point.js'
import { InputReader } from '../../github/inputs.js'
import { parseList } from '../../github/parse.js'
import { markdownTable } from '../../github/summary.js'
import { timeline } from '../../github/timeline.js'
import { type Lightsail, openLightsail } from '../../lightsail/client.js'
import { consoleUrl, isSourceName } from '../../lightsail/names.js'
import { operationReader } from '../../lightsail/reader.js'
import type { Operation } from '../../lightsail/types.js'
import type { Target } from '../../watch/target.js'
import { type WaitLimits, type Watched, watchSnapshots } from '../../watch/watch.js'
import { readCommit } from '../shared/commit.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { readRegion } from '../shared/region.js'
import { checkRehearsal } from '../shared/rehearsal.js'
import { barOf, resultHeading } from '../shared/result.js'
import { type WaitOutputName, waitInputDefaults } from './interface.js'

/** What a step of wait/ is told. */
interface WaitInputs extends WaitLimits {
  readonly operationIds: readonly string[]
  readonly snapshotNames: readonly string[]
  readonly region: string
  readonly status: StatusPlan | undefined
}

/** wait/: gates a later step on snapshots that an earlier step only started. Throws a Failure where one isn't good. */
export async function waitForSnapshots(step: Step): Promise<void> {
  const inputs = readInputs(step)
  checkRehearsal(step)
  const lightsail = openLightsail(inputs.region, step.clock, step.agents)
  const untilMs = step.clock.monotonic() + inputs.timeoutMs
  try {
    await warnOfExpiry(lightsail, inputs.timeoutMs, { untilMs, signal: step.signal }, step)
    await setCommitStatus(inputs.status, 'pending', 'Waiting for the snapshot', step)
    const targets = await findTargets(inputs, lightsail, untilMs, step).catch(async (thrown: unknown) => {
      await setCommitStatus(inputs.status, 'error', textMember(thrown, 'message'), step)
      throw thrown
    })
    await waitForTargets(targets, inputs, untilMs, lightsail, step)
  } finally {
    lightsail.close()
  }
}

/** The operation of an adopted snapshot can be too old to be found again. */
const ifNull =
  'has a null: the operation of that snapshot could not be found. Give the output snapshot-names as snapshot-name instead'

function readInputs({ input, environment, run }: Step): WaitInputs {
  const inputs = new InputReader(input, waitInputDefaults)
  const list = (name: 'operation-id' | 'snapshot-name', rules = {}) => {
    const items = inputs.read(name, (text) => parseList(text, { commas: true, ...rules }), undefined)
    return items && [...new Set(items)]
  }
  const [operationIds, snapshotNames] = [list('operation-id', { ifNull }), list('snapshot-name')]
  if (operationIds?.length === 0 && snapshotNames?.length === 0) {
    inputs.missing('operation-id', 'is missing, and so is snapshot-name: give exactly one of the two')
  }
  if (operationIds?.length && snapshotNames?.length) {
    inputs.missing('operation-id', 'is given together with snapshot-name: give exactly one of the two')
  }
  for (const id of (operationIds ?? []).filter((item) => !/^[\w-]+$/.test(item))) {
    inputs.problem('operation-id', id, 'is not an operation id: letters, digits, "_" and "-"')
  }
  for (const name of (snapshotNames ?? []).filter((item) => !isSourceName(item))) {
    inputs.problem('snapshot-name', name, 'is not a name that a snapshot can have')
  }
  const read = {
    operationIds: operationIds ?? [],
    snapshotNames: snapshotNames ?? [],
    region: readRegion(inputs, environment),
    // The commit is asked for only where it has a use.
    status: readStatusPlan(inputs, input, inputs.text('commit-status') === '' ? '' : readCommit(inputs, run)),
    timeoutMs: inputs.duration('wait-timeout'),
    pollIntervalMs: inputs.duration('poll-interval'),
  }
  inputs.finish()
  return read
}

/** What to wait for: by name as it is, by operation id what that operation makes. */
async function findTargets(
  { operationIds, snapshotNames, region }: WaitInputs,
  lightsail: Lightsail,
  untilMs: number,
  { clock, log, signal }: Step,
): Promise<Target[]> {
  if (operationIds.length === 0) {
    return snapshotNames.map((snapshotName) => ({ snapshotName, operation: undefined, ageMs: undefined }))
  }
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  const found = await operationReader(lightsail).read(operationIds, patience)
  const operations = operationIds.flatMap((id) => found.get(id) ?? [])
  const unknown = operationIds.filter((id) => !found.has(id))
  if (unknown.length > 0) {
    throw unknownOperations(unknown, region)
  }
  const other = operations.filter((operation) => !makesSnapshot(operation))
  if (other.length > 0) {
    throw new Failure(
      other.map(otherOperation).join('\n'),
      'Give the output operation-id of the step that took the snapshot: it is the operation on the snapshot itself.',
    )
  }
  return operations.map((operation) => ({
    snapshotName: operation.resourceName,
    operation,
    ageMs:
      operation.createdAt === null
        ? undefined
        : (lightsail.serviceTime() ?? clock.now()) - operation.createdAt.getTime(),
  }))
}

export function unknownOperations(ids: readonly string[], region: string): Failure {
  return new Failure(
    `There is no operation ${ids.join(', no operation ')} in ${region}.`,
    'Give the output operation-id of the step that took the snapshot, and the same aws-region.',
  )
}

/** Whether an operation makes a snapshot; the deletion of one is on it as well. */
function makesSnapshot({ resourceType, operationType }: Operation): boolean {
  return resourceType === 'DiskSnapshot' && ['CreateDiskSnapshot', ''].includes(operationType)
}

function otherOperation({ id, resourceType, resourceName, operationType }: Operation): string {
  return resourceType === 'DiskSnapshot'
    ? `The operation ${id} is a ${operationType} of the snapshot "${resourceName}" and makes no snapshot.`
    : `The operation ${id} is one on the ${resourceType || 'unknown resource'} "${resourceName}" and not on a disk snapshot.`
}

async function waitForTargets(
  targets: readonly Target[],
  { timeoutMs, pollIntervalMs, status }: WaitInputs,
  untilMs: number,
  lightsail: Lightsail,
  step: Step,
): Promise<void> {
  const { clock, log, signal } = step
  const records = targets.map(({ snapshotName, operation }) =>
    namedRecord(snapshotName, operation?.id ?? null, lightsail.region),
  )
  setOutputs(records, step)
  log.info(
    `Waiting up to ${durationText(timeoutMs)} for ${count(targets.length, 'snapshot')} in ${lightsail.region}`,
  )
  log.info(`In the Lightsail console: ${consoleUrl}`)
  const limits = { timeoutMs: Math.max(0, untilMs - clock.monotonic()), pollIntervalMs }
  const watched = await watchSnapshots(targets, limits, { lightsail, clock, log, signal })
  const ended = records.map((record, place) => {
    const end = watched[place]
    return end === undefined ? record : watchedRecord(record, end)
  })
  setOutputs(ended, step)
  await summarize(ended, watched, step)
  const failures = watched.flatMap(({ failure }) => failure ?? [])
  if (failures.length === 0) {
    const complete = `${count(ended.length, 'snapshot')} complete`
    log.info(complete)
    await setCommitStatus(status, 'success', complete, step)
    return
  }
  const state = watched.some(({ stage }) => stage === 'failed') ? 'failure' : 'error'
  await setCommitStatus(status, state, failures.map(({ message }) => message).join(' '), step)
  const running = ended.filter(
    ({ state }, place) => state === 'pending' && watched[place]?.failure !== undefined,
  )
  throwAll(failures, waitStep(running, lightsail.region, step.run))
}

function setOutputs(records: readonly SnapshotRecord[], { setOutput }: Step): void {
  const names = records.map(({ snapshotName }) => snapshotName)
  const values: Record<WaitOutputName, string> = {
    state: worstState(records.map(({ state }) => state)),
    'snapshot-name': names[0] ?? '',
    'snapshot-names': JSON.stringify(names),
    'snapshot-arn': records[0]?.arn ?? '',
    'snapshot-arns': arnsOutput(records),
    snapshots: recordsOutput(records),
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
}

async function summarize(
  records: readonly SnapshotRecord[],
  watched: readonly Watched[],
  { appendSummary, clock }: Step,
): Promise<void> {
  const rows = records.map((record) => [
    { text: [record.sourceType, record.sourceName].filter(Boolean).join(' ') },
    { text: record.snapshotName, url: consoleUrl },
    { text: stateText(record) },
    { text: sizeText(record) },
  ])
  const epoch = clock.now() - clock.monotonic()
  const bars = records.flatMap((record, place) => {
    const end = watched[place]
    if (end?.sawRunning !== true || record.createdAt === null) return []
    return [barOf(record, 'snapshot', Date.parse(record.createdAt), epoch + end.endedAtMs)]
  })
  const bad = watched.filter(({ failure }) => failure !== undefined).length
  const parts = [
    resultHeading({ records, planned: records.length, bad, not: 'complete' }),
    markdownTable(['Source', 'Snapshot', 'State', 'Size'], rows),
    timeline(bars),
  ]
  await appendSummary(parts.filter(Boolean).join('\n\n'))
}
