import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { groupOf, type Lineage, ownGroup } from '../domain/lineage.js'
import { choosingAttempt, isMadeBy, lineageTags, type Tagged, tagOf } from '../domain/tags.js'
import type { Run } from '../github/run-context.js'
import type { Lightsail } from '../lightsail/client.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import { SnapshotReader } from '../lightsail/reader.js'
import type { Patience } from '../lightsail/retry.js'
import { snapshotTypes } from '../lightsail/snapshot-types.js'
import type { DiskSnapshot } from '../lightsail/types.js'
import type { RestoreInputs } from './plan.js'
import { isOfRun, snapshotOf, wasSwappedIn } from './swap-tags.js'

/** The requests of the search. */
export type SearchService = Pick<
  Lightsail,
  | 'region'
  | 'listDisks'
  | 'listDiskSnapshots'
  | 'listInstanceSnapshots'
  | 'getDiskSnapshot'
  | 'getInstanceSnapshot'
  | 'getDisk'
  | 'getInstance'
  | 'listInstances'
  | 'operationsOf'
>

/** What is searched for, and with what. */
export interface Search {
  readonly inputs: RestoreInputs
  readonly run: Run
  readonly lightsail: SearchService
  readonly patience: Patience
  /** The snapshot that snapshot-name names. */
  readonly named: DiskSnapshot | undefined
}

/** Returns the snapshot of this name and of the type in the inputs. Throws a Failure if there is none. */
export async function namedSnapshot(
  name: string,
  { inputs, lightsail, patience, named }: Search,
): Promise<DiskSnapshot> {
  if (named?.name === name) return named
  const snapshot = await lightsail[snapshotTypes[inputs.snapshotType].get](name, patience)
  if (snapshot !== undefined) return snapshot
  throw noSuchSnapshot(name, lightsail.region)
}

/** Returns the snapshot that the input names, of either type. Throws a Failure if there is none. */
export async function snapshotNamed(
  name: string,
  lightsail: SearchService,
  patience: Patience,
): Promise<DiskSnapshot> {
  const found = await new SnapshotReader(lightsail).read([{ name, type: undefined }], patience)
  const snapshot = found.get(name)
  if (snapshot === undefined) throw noSuchSnapshot(name, lightsail.region)
  return snapshot
}

function noSuchSnapshot(name: string, region: string): Failure {
  return new Failure(
    `There is no snapshot "${name}" in ${region}.`,
    'Check the spelling and aws-region. Nothing was changed.',
    { isMissing: true },
  )
}

/**
 * Returns the snapshot to roll back to: the one that an earlier attempt of this run chose and didn't finish with, otherwise the
 * newest complete one of the lineage, for the commit if one is given, that this repository took. `live` is what is in
 * use: the roll-back that put it there is finished.
 */
export async function chooseSnapshot(
  lineage: Lineage,
  live: Tagged | undefined,
  { inputs: { commitSha, snapshotType }, run, lightsail, patience }: Search,
): Promise<DiskSnapshot> {
  const { list } = snapshotTypes[snapshotType]
  const all = await readWholeList((pageToken) => lightsail[list](pageToken, patience), arnOf)
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

/** Whether what is in use was restored from the snapshot by a roll-back that this attempt of the run, or a later one, began. */
function isDone({ name }: DiskSnapshot, attempt: number, live: Tagged | undefined, run: Run): boolean {
  const isOfThisRun = live !== undefined && isOfRun(live, run) && wasSwappedIn(live)
  return isOfThisRun && snapshotOf(live) === name && Number(tagOf(live, 'run-attempt')) >= attempt
}

/** When it was created, in milliseconds since the epoch; minus infinity if that is unknown. */
export function timeOf(thing: { readonly createdAt: Date | null } | undefined): number {
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

/** Returns the name of what is restored from this snapshot. Throws a Failure if nothing can have it. */
export function nameOf({ inputs, run }: Search, snapshot: DiskSnapshot): string {
  const { source, name } = snapshot
  const { snapshotType: type } = inputs
  const rendered = inputs.nameFor[type]({
    source: inputs.source?.name ?? tagOf(snapshot, lineageTags.lineage) ?? source?.name ?? name,
    sha: inputs.commitSha ?? tagOf(snapshot, 'commit-sha') ?? run.commit ?? '',
    runAttempt: run.runAttempt,
  })
  if (rendered.ok) return rendered.value
  throw new Failure(
    `restored-${type}-name ${rendered.problem}.`,
    `Change restored-${type}-name so that it makes a name that ${type === 'disk' ? 'a disk' : 'an instance'} can have. Nothing was changed.`,
  )
}
