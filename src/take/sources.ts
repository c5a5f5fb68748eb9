import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import {
  type DiskLookup,
  diskLookup,
  type FoundDisk,
  findDisk,
  type Lineage,
  lineageOf,
} from '../domain/lineage.js'
import { type PlannedSource, sourceAsNamed } from '../domain/planned-snapshot.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import { Reader } from '../lightsail/reader.js'
import type { Patience } from '../lightsail/retry.js'
import { type Disk, type Instance, type Source, subjectOf } from '../lightsail/types.js'

type SourceService = Pick<Lightsail, 'region' | 'getDisk' | 'listDisks' | 'getInstance' | 'listInstances'>
type Tools = Pick<Step, 'log' | 'run'>

/** How many instances are looked up at once. */
const atOnce = 5

/** The sources in the inputs. */
interface Wanted {
  readonly sources: readonly PlannedSource[]
  readonly attachedDisks: boolean
  readonly dryRun: boolean
}

/**
 * Returns the sources that the names mean: the live disk for each disk name, and with `attached-disks` the disks of each
 * instance after it. All are known to exist, except a single instance: its snapshot request would fail.
 * Throws a Failure that names every missing source.
 */
export async function lookUpSources(
  { sources: named, attachedDisks: withDisks, dryRun }: Wanted,
  lightsail: SourceService,
  patience: Patience,
  tools: Tools,
): Promise<readonly PlannedSource[]> {
  const lookup = diskLookup(lightsail, patience)
  const names = named.map(({ requestedName }) => requestedName)
  if (named[0]?.source.type === 'disk') return meantDisks(names, lightsail.region, lookup, tools)
  if (names.length === 1 && !withDisks && !dryRun) return named
  const instances = await existingInstances(names, lightsail, patience, withDisks)
  const sources: PlannedSource[] = []
  for (const instance of instances) {
    const arn = instance.arn ?? undefined
    sources.push({ ...sourceAsNamed({ type: 'instance', name: instance.name }), arn })
    if (withDisks) sources.push(...(await attachedDisks(instance, lookup, tools)))
  }
  return sources
}

function noSuchSources(absent: readonly Source[], region: string): Failure {
  return new Failure(
    `There is no ${absent.map(subjectOf).join(', no ')} in ${region}.`,
    'Check the spelling and aws-region, and that a disk is given as disk-name and an instance as instance-name. No snapshot was taken.',
    { isMissing: true },
  )
}

/** Returns the disks that the names in `disk-name` mean. */
async function meantDisks(
  names: readonly string[],
  region: string,
  lookup: DiskLookup,
  { log, run }: Tools,
): Promise<PlannedSource[]> {
  const [only = '', ...others] = names
  if (others.length > 0) await lookup.prefetch(names)
  else if (!(await mayLookUp(() => lookup.get(only), log))) {
    return [sourceAsNamed({ type: 'disk', name: only })]
  }
  const found: PlannedSource[] = []
  const absent: Source[] = []
  for (const name of names) {
    let meant: FoundDisk | undefined
    const isKnown = await mayLookUp(async () => {
      meant = await findDisk(name, run.repository, lookup)
    }, log)
    if (!isKnown && (await lookup.get(name)) !== undefined) found.push(sourceAsNamed({ type: 'disk', name }))
    else if (meant === undefined) absent.push({ type: 'disk', name })
    else found.push({ ...plannedDisk(meant.disk, meant.lineage), requestedName: name })
    if (meant?.remark !== undefined) log[meant.remark.kind](meant.remark.text)
  }
  if (absent.length > 0) throw noSuchSources(absent, region)
  refuseTheSameTwice(found)
  return found
}

function plannedDisk(disk: Disk, lineage: Lineage): PlannedSource {
  const isDetached = disk.attachedTo === null
  return {
    ...sourceAsNamed({ type: 'disk', name: disk.name }),
    arn: disk.arn ?? undefined,
    lineage,
    isDetached,
  }
}

function refuseTheSameTwice(found: readonly PlannedSource[]): void {
  for (const { source, requestedName } of found) {
    const other = found.find(
      (candidate) => candidate.source.name === source.name && candidate.requestedName !== requestedName,
    )
    if (other === undefined) continue
    throw new Failure(
      `disk-name: "${requestedName}" and "${other.requestedName}" both mean disk "${source.name}".`,
      'Give one of the two. No snapshot was taken.',
    )
  }
}

/** Whether the role may do this. If not, warns of the missing permission. Throws any other failure. */
async function mayLookUp(look: () => Promise<unknown>, log: Step['log']): Promise<boolean> {
  try {
    await look()
    return true
  } catch (error) {
    if (!(error instanceof ServiceFailure) || error.errorClass !== 'denied') throw error
    log.warning(
      `${error.message}\nThe step continues without knowing whether the disk is attached or was replaced in a roll-back, and deletes no old snapshots. ${error.advice}`,
    )
    return false
  }
}

async function existingInstances(
  names: readonly string[],
  lightsail: SourceService,
  patience: Patience,
  oneByOne: boolean,
): Promise<Instance[]> {
  const each = () =>
    mapBounded(
      names,
      atOnce,
      (name, signal) => lightsail.getInstance(name, { ...patience, signal }),
      patience.signal,
    )
  const together = async () => {
    const reader = new Reader(lightsail.getInstance, lightsail.listInstances, ({ name }) => name)
    const found = await reader.read(names, patience)
    return names.map((name) => found.get(name))
  }
  const instances = await (oneByOne ? each() : together())
  const absent = names.filter((_, index) => instances[index] === undefined)
  if (absent.length === 0) return instances.filter((instance) => instance !== undefined)
  throw noSuchSources(
    absent.map((name) => ({ type: 'instance', name })),
    lightsail.region,
  )
}

/** Returns the block storage disks of an instance, in the service's order. */
async function attachedDisks(
  instance: Instance,
  lookup: DiskLookup,
  { log }: Tools,
): Promise<PlannedSource[]> {
  const names: string[] = []
  for (const { isSystemDisk, name, path } of instance.disks) {
    if (!isSystemDisk) names.push(name || (await nameOfDiskAt(instance.name, path, lookup)))
  }
  const isKnown = names.length === 0 || (await mayLookUp(() => lookup.prefetch(names), log))
  const sources: PlannedSource[] = []
  for (const name of names) {
    const disk = isKnown ? await lookup.get(name) : undefined
    sources.push(
      disk === undefined ? sourceAsNamed({ type: 'disk', name }) : plannedDisk(disk, lineageOf(disk)),
    )
  }
  return sources
}

/** The service may list an attached disk without a name. It must not be left out. */
async function nameOfDiskAt(instanceName: string, path: string | null, lookup: DiskLookup): Promise<string> {
  const attached = (await lookup.all()).filter((disk) => disk.attachedTo === instanceName)
  const found = attached.filter((disk) => path !== null && disk.path === path)
  const [disk, ...others] = found
  if (disk !== undefined && others.length === 0) return disk.name
  throw new Failure(
    `Instance "${instanceName}" has a disk at ${path ?? 'an unknown path'} that Lightsail lists without a name, and no disk says that it is attached there.`,
    'Name the disks in disk-name instead of using attached-disks. No snapshot was taken.',
  )
}
