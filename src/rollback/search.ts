import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { groupOf, type Lineage, ownGroup } from '../domain/lineage.js'
import { choosingAttempt, isMadeBy, lineageTags, tagOf } from '../domain/tags.js'
import type { Run } from '../github/run-context.js'
import type { Lightsail } from '../lightsail/client.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, Operation } from '../lightsail/types.js'
import type { RestoreInputs } from './plan.js'
import { begunSwap, isOfRun, isOfSwap, originalOf, snapshotOf, wasSwappedIn } from './swap-tags.js'

/** The requests of the search. */
export type SearchService = Pick<
  Lightsail,
  | 'region'
  | 'listDisks'
  | 'listDiskSnapshots'
  | 'getDiskSnapshot'
  | 'getDisk'
  | 'getInstance'
  | 'operationsOf'
>

/** What is searched for, and with what. */
export interface Search {
  readonly inputs: RestoreInputs
  readonly run: Run
  readonly lightsail: SearchService
  readonly patience: Patience
}

/**
 * Returns the disk that an earlier attempt of this run restored for the same inputs, to continue with. The name doesn't identify
 * it, because the attempt may be part of it. Throws a Failure if there are several.
 */
export function earlierDisk(disks: readonly Disk[], { inputs, run }: Search): Disk | undefined {
  const found = disks.filter((disk) => isOfRun(disk, run) && couldBeOf(disk, inputs) && !isOfSwap(disk))
  const [first, ...others] = found
  if (others.length === 0) return first
  throw new Failure(
    `Earlier attempts of this run restored more than one disk that this step could continue with: ${found.map(({ name }) => `"${name}"`).join(', ')}.`,
    'Nothing was changed. Give the right one as restored-disk-name, or delete those that are not needed.',
  )
}

/**
 * Returns the disk that this run created from the snapshot and that was certainly never attached, so that it holds only the
 * snapshot's data.
 */
export async function unusedDisk(
  disks: readonly Disk[],
  snapshotName: string,
  search: Search,
): Promise<Disk | undefined> {
  const candidates = disks.filter(
    (disk) =>
      isOfRun(disk, search.run) &&
      couldBeOf(disk, search.inputs) &&
      snapshotOf(disk) === snapshotName &&
      disk.attachedTo === null &&
      !wasSwappedIn(disk) &&
      ['pending', 'available'].includes(disk.state),
  )
  for (const disk of candidates) if (!(await mayHaveBeenAttached(disk, search))) return disk
  return undefined
}

/** Goes by its operations. If the service lists none, only a disk of this attempt counts as never attached. */
async function mayHaveBeenAttached(disk: Disk, search: Search): Promise<boolean> {
  const isOfAttempt = tagOf(disk, 'run-attempt') === search.run.runAttempt && begunSwap(disk) === undefined
  const operations = await operationsOf(disk.name, search)
  if (operations.some(({ operationType }) => operationType === 'AttachDisk')) return true
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

/** Whether the operations of a disk go back to its creation. */
function isWhole(operations: readonly Operation[]): boolean {
  return operations.some(({ operationType }) => operationType === 'CreateDiskFromSnapshot')
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

/** Whether this step could have created the disk, by its snapshot, source, commit and name. */
function couldBeOf(disk: Disk, { snapshotName, source, commitSha, nameFor }: RestoreInputs): boolean {
  const from = snapshotOf(disk)
  const [commit, attempt] = ['commit-sha', 'run-attempt'].map((key) => tagOf(disk, key))
  if (from === undefined || disk.state === 'error') return false
  if ((snapshotName ?? from) !== from || (commitSha ?? commit) !== commit) return false
  const values = {
    source: source?.name ?? originalOf(disk) ?? '',
    sha: commit ?? '',
    runAttempt: attempt ?? '',
  }
  const [name, long] = [nameFor(values), nameFor({ ...values, time: new Date(0) })]
  // A name with the time in it can't be rendered again.
  return name.ok && (isNumbered(disk.name, name.value) || (long.ok && long.value !== name.value))
}

/** Whether a name is this one, or this one followed by a number. */
function isNumbered(name: string, base: string): boolean {
  return name === base || (name.startsWith(`${base}-`) && /^\d+$/.test(name.slice(base.length + 1)))
}

/** Returns the snapshot that the input names. Throws a Failure if there is none. */
export async function namedSnapshot(name: string, { lightsail, patience }: Search): Promise<DiskSnapshot> {
  const snapshot = await lightsail.getDiskSnapshot(name, patience)
  if (snapshot !== undefined) return snapshot
  throw new Failure(
    `There is no snapshot "${name}" in ${lightsail.region}.`,
    'Check the spelling and aws-region. Nothing was changed.',
    { isMissing: true },
  )
}

/**
 * Returns the snapshot to roll back to: the one that an earlier attempt of this run chose and didn't finish with, otherwise the
 * newest complete one of the lineage, for the commit if one is given, that this repository took. `live` is the disk in
 * use: the roll-back that attached it is finished.
 */
export async function chooseSnapshot(
  lineage: Lineage,
  live: Disk | undefined,
  { inputs: { commitSha }, run, lightsail, patience }: Search,
): Promise<DiskSnapshot> {
  const all = await readWholeList((pageToken) => lightsail.listDiskSnapshots(pageToken, patience), arnOf)
  const ofSource = all.filter((snapshot) => {
    const group = groupOf(snapshot, lineage)
    return group === ownGroup || (group !== undefined && lineage.arn === undefined)
  })
  const fitting = ofSource.filter(
    (snapshot) =>
      isMadeBy(snapshot, run.repository) &&
      (commitSha === undefined || tagOf(snapshot, 'commit-sha') === commitSha),
  )
  const newestFirst = fitting
    .filter(({ state }) => state === 'completed')
    .sort((a, b) => timeOf(b) - timeOf(a))
  const begun = newestFirst.find((snapshot) => {
    const attempt = choosingAttempt(snapshot, run)
    return attempt !== undefined && !isDone(snapshot, attempt, live, run)
  })
  const found = begun ?? newestFirst[0]
  if (found !== undefined) return found
  throw noneFound(lineage, commitSha, run, lightsail.region, [ofSource.length, fitting.length])
}

/** Whether the disk in use is what a roll-back to the snapshot made of it that this attempt of the run, or a later one, began. */
function isDone({ name }: DiskSnapshot, attempt: number, live: Disk | undefined, run: Run): boolean {
  const isOfThisRun = live !== undefined && isOfRun(live, run) && wasSwappedIn(live)
  return isOfThisRun && snapshotOf(live) === name && Number(tagOf(live, 'run-attempt')) >= attempt
}

function timeOf(thing: { readonly createdAt: Date | null } | undefined): number {
  return thing?.createdAt?.getTime() ?? Number.NEGATIVE_INFINITY
}

function noneFound(
  { type, name }: Lineage,
  commitSha: string | undefined,
  { repository }: Run,
  region: string,
  [all, fitting]: readonly [number, number],
): Failure {
  const forCommit = commitSha === undefined ? '' : ` for commit ${commitSha}`
  const others =
    all === 0
      ? 'none of it exists'
      : `${count(all, 'snapshot')} of it exist${all === 1 ? 's' : ''}, ${fitting} of them taken so but not complete`
  return new Failure(
    `${repository} has no complete snapshot of ${type} "${name}" in ${region}${forCommit}: ${others}.`,
    'Check the name, commit-sha and aws-region. Any other snapshot can be given as snapshot-name. Nothing was changed.',
    { isMissing: true },
  )
}

/** Returns the name of a disk restored from this snapshot. Throws a Failure if no disk can have it. */
export function nameOf({ inputs, run }: Search, snapshot: DiskSnapshot): string {
  const { source, name } = snapshot
  const rendered = inputs.nameFor({
    source: inputs.source?.name ?? tagOf(snapshot, lineageTags.lineage) ?? source?.name ?? name,
    sha: inputs.commitSha ?? tagOf(snapshot, 'commit-sha') ?? run.commit ?? '',
    runAttempt: run.runAttempt,
  })
  if (rendered.ok) return rendered.value
  throw new Failure(
    `restored-disk-name ${rendered.problem}.`,
    'Change restored-disk-name so that it makes a name that a disk can have. Nothing was changed.',
  )
}
