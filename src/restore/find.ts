import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import type { LightsailMachines } from '../lightsail/machines.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import { type Disk, type DiskSnapshot, type Source, snapshotStage, subjectOf } from '../lightsail/types.js'
import { isMadeBy, tagOf } from '../shared/tags.js'
import type { Run } from '../workflow/run.js'
import type { RestoreInputs } from './inputs.js'
import { isOfRun } from './marks.js'

/** What the search asks of the service. */
export type SearchService = Pick<
  LightsailMachines,
  'region' | 'listDisks' | 'listDiskSnapshots' | 'getDiskSnapshot' | 'getDisk'
>

/**
 * The disk that an earlier attempt of this run restored for the same inputs. The name alone doesn't find it, because the
 * attempt's number may be part of it. Undefined in a first attempt, and where there is none.
 */
export async function findEarlierDisk(
  inputs: RestoreInputs,
  run: Run,
  lightsail: SearchService,
  patience: Patience,
): Promise<Disk | undefined> {
  if (!(Number(run.runAttempt) > 1)) return undefined
  const found: Disk[] = []
  await readPages(
    (pageToken) => lightsail.listDisks(pageToken, patience),
    (disks) => {
      found.push(...disks.filter((disk) => isOfRun(disk, run) && isFor(disk, inputs)))
      return 'more'
    },
  )
  const [first, ...others] = found
  if (others.length === 0) return first
  throw new Failure(
    `Earlier attempts of this run have restored more than one disk that this step could go on with: ${found.map(({ name }) => `"${name}"`).join(', ')}.`,
    'Nothing was changed. Give the right one as restored-disk-name, or delete those that are not needed.',
  )
}

/** Whether the step could have made the disk, by its inputs: from that snapshot, for that source, under a name of that template. */
function isFor(disk: Disk, { snapshotName, source, commitSha, nameFor }: RestoreInputs): boolean {
  const [from, origin, commit, attempt] = ['restored-from', 'restored-for', 'commit-sha', 'run-attempt'].map(
    (key) => tagOf(disk, key),
  )
  if (from === undefined || disk.state === 'error') return false
  if ((snapshotName ?? from) !== from || (source?.name ?? origin) !== origin) return false
  if ((commitSha ?? commit) !== commit) return false
  const values = { source: origin ?? '', sha: commit ?? '', runAttempt: attempt ?? '' }
  const [name, long] = [nameFor(values), nameFor({ ...values, time: new Date(0) })]
  // A name with the time in it can't be made again.
  return name.ok && (name.value === disk.name || (long.ok && long.value !== name.value))
}

/** The snapshot that is restored: the one that is named, or that an earlier attempt chose, else the newest that fits. */
export async function findSnapshot(
  { snapshotName, source, commitSha }: RestoreInputs,
  earlier: Disk | undefined,
  run: Run,
  lightsail: SearchService,
  patience: Patience,
): Promise<DiskSnapshot> {
  const name = snapshotName ?? (earlier && tagOf(earlier, 'restored-from'))
  if (name !== undefined) {
    const snapshot = await lightsail.getDiskSnapshot(name, patience)
    if (snapshot !== undefined) return snapshot
    throw new Failure(
      `There is no snapshot "${name}" in ${lightsail.region}.`,
      'Check the spelling and aws-region. Nothing was changed.',
    )
  }
  if (source === undefined) throw new Error('neither a snapshot nor a source is given')
  return newest({ source, commitSha }, run, lightsail, patience)
}

interface Wanted {
  readonly source: Source
  readonly commitSha: string | undefined
}

async function newest(
  wanted: Wanted,
  run: Run,
  lightsail: SearchService,
  patience: Patience,
): Promise<DiskSnapshot> {
  const ofSource: DiskSnapshot[] = []
  await readPages(
    (pageToken) => lightsail.listDiskSnapshots(pageToken, patience),
    (snapshots) => {
      const { type, name } = wanted.source
      ofSource.push(...snapshots.filter(({ source }) => source?.type === type && source.name === name))
      return 'more'
    },
  )
  const fitting = ofSource.filter((snapshot) => fits(snapshot, wanted, run))
  const complete = fitting.filter(({ state }) => snapshotStage(state) === 'done')
  const [found] = complete.sort((a, b) => timeOf(b) - timeOf(a))
  if (found !== undefined) return found
  throw noneFound(wanted, run, lightsail.region, ofSource.length, fitting.length)
}

function fits(snapshot: DiskSnapshot, { commitSha }: Wanted, run: Run): boolean {
  return (
    isMadeBy(snapshot, run.repository) &&
    (commitSha === undefined || tagOf(snapshot, 'commit-sha') === commitSha)
  )
}

function timeOf({ createdAt }: DiskSnapshot): number {
  return createdAt?.getTime() ?? Number.NEGATIVE_INFINITY
}

function noneFound(
  { source, commitSha }: Wanted,
  { repository }: Run,
  region: string,
  all: number,
  fitting: number,
): Failure {
  const forCommit = commitSha === undefined ? '' : ` for commit ${commitSha}`
  const others = `${count(all, 'snapshot')} of it in all, ${fitting} of them made so and not complete`
  return new Failure(
    `There is no complete snapshot of ${subjectOf(source)} in ${region} that ${repository} took${forCommit}: ${others}.`,
    'Check the name, commit-sha and aws-region; any other snapshot can be given as snapshot-name. Nothing was changed.',
  )
}
