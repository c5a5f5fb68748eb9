import { Failure } from '../basics/failure.js'
import { tagOf } from '../domain/tags.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { readWholeList } from '../lightsail/pages.js'
import type { Disk, Instance, Operation } from '../lightsail/types.js'
import type { RestoreInputs } from './plan.js'
import { type Search, timeOf } from './search.js'
import { isBegun, isCreation, isOfRun, isOfSwap, originalOf, snapshotOf, wasSwappedIn } from './swap-tags.js'

// What earlier steps have restored, and whether this one can use it.

/** What a snapshot is restored to. */
type Restored = Pick<Disk | Instance, 'name' | 'state' | 'tags'>

/**
 * Returns what an earlier attempt of this run restored for the same inputs, to continue with. The name doesn't identify it,
 * because the attempt may be part of it. Throws a Failure if there are several.
 */
export function earlierRestored<T extends Restored>(
  all: readonly T[],
  { inputs, run }: Search,
): T | undefined {
  const found = all.filter((each) => isOfRun(each, run) && couldBeOf(each, inputs) && !isOfSwap(each))
  const [first, ...others] = found
  if (others.length === 0) return first
  const { snapshotType: type } = inputs
  throw new Failure(
    `Earlier attempts of this run restored more than one ${type} that this step could continue with: ${found.map(({ name }) => `"${name}"`).join(', ')}.`,
    `Nothing was changed. Give the right one as restored-${type}-name, or delete those that are not needed.`,
  )
}

/**
 * Returns what this run created from the snapshot and what certainly never was in use, so that it holds only the snapshot's
 * data. `attaching` is the operation that would have put it into use.
 */
export async function unused<T extends Restored>(
  free: readonly T[],
  snapshotName: string,
  attaching: 'AttachDisk' | 'AttachStaticIp',
  search: Search,
): Promise<T | undefined> {
  const candidates = free.filter(
    (each) =>
      isOfRun(each, search.run) &&
      couldBeOf(each, search.inputs) &&
      snapshotOf(each) === snapshotName &&
      !wasSwappedIn(each),
  )
  for (const each of candidates) if (!(await mayHaveBeenUsed(each, attaching, search))) return each
  return undefined
}

/** Goes by its operations. If the service lists none, only one of this attempt counts as never used. */
export async function mayHaveBeenUsed(
  restored: Restored,
  attaching: 'AttachDisk' | 'AttachStaticIp',
  search: Search,
): Promise<boolean> {
  const isOfAttempt = tagOf(restored, 'run-attempt') === search.run.runAttempt && !isBegun(restored)
  const operations = await operationsOf(restored.name, search)
  if (operations.some(({ operationType }) => operationType === attaching)) return true
  return !isOfAttempt && !isWhole(operations)
}

/**
 * Whether an instance may have run with the disk and written to it: the disk was attached, and the instance was running or has
 * been started since. If the operations don't show that, it may have.
 */
export async function mayHaveRun(disk: Disk, instanceName: string, search: Search): Promise<boolean> {
  const ofDisk = await operationsOf(disk.name, search)
  if (!isWhole(ofDisk)) return true
  const attached = ofDisk.filter(({ operationType }) => operationType === 'AttachDisk')
  if (attached.length === 0) return false
  // Attached more than once, or detached since: an instance may have run with it in between.
  if (attached.length > 1 || disk.attachedTo !== instanceName) return true
  const since = timeOf(attached[0])
  const started = (await operationsOf(instanceName, search)).filter(
    ({ operationType }) => operationType === 'StartInstance' || operationType === 'RebootInstance',
  )
  return started.some((operation) => timeOf(operation) >= since)
}

/** Whether the operations of a resource go back to its creation. */
function isWhole(operations: readonly Operation[]): boolean {
  return operations.some(isCreation)
}

/** Returns the operations on a resource; none if the service doesn't list them. */
async function operationsOf(name: string, { lightsail, patience }: Search): Promise<Operation[]> {
  const read = readWholeList(
    (pageToken) => lightsail.operationsOf(name, pageToken, { ...patience, attempts: 3 }),
    ({ id }) => id,
  )
  const operations = await orServiceFailure(read)
  if (!(operations instanceof ServiceFailure)) {
    // A failed operation changed nothing.
    return operations.filter(({ status }) => status !== 'failed')
  }
  if (patience.signal?.aborted) throw operations
  return []
}

/** Whether this step could have created it, by its snapshot, source, commit and name. */
function couldBeOf(
  restored: Restored,
  { snapshotName, source, snapshotType, commitSha, nameFor }: RestoreInputs,
): boolean {
  const from = snapshotOf(restored)
  const [commit, attempt] = ['commit-sha', 'run-attempt'].map((key) => tagOf(restored, key))
  if (from === undefined || restored.state === 'error') return false
  if ((snapshotName ?? from) !== from || (commitSha ?? commit) !== commit) return false
  const values = {
    source: source?.name ?? originalOf(restored) ?? '',
    sha: commit ?? '',
    runAttempt: attempt ?? '',
  }
  const makeName = nameFor[snapshotType]
  const [name, long] = [makeName(values), makeName({ ...values, time: new Date(0) })]
  // A name with the time in it can't be rendered again.
  return name.ok && (isNumbered(restored.name, name.value) || (long.ok && long.value !== name.value))
}

/** Whether a name is this one, or this one followed by a number. */
function isNumbered(name: string, base: string): boolean {
  return name === base || (name.startsWith(`${base}-`) && /^\d+$/.test(name.slice(base.length + 1)))
}
