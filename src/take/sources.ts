import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import {
  diskLookup,
  type Found,
  findNamed,
  instanceLookup,
  type Lineage,
  type Lookup,
  lineageOf,
} from '../domain/lineage.js'
import { type PlannedSource, sourceAsNamed } from '../domain/planned-snapshot.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import { type Disk, type Instance, type Source, type SourceType, subjectOf } from '../lightsail/types.js'

type SourceService = Pick<Lightsail, 'region' | 'getDisk' | 'listDisks' | 'getInstance' | 'listInstances'>
type Tools = Pick<Step, 'log' | 'run'>

/** How many instances are looked up at once. */
const atOnce = 5

/** The sources in the inputs. */
interface Wanted {
  readonly sources: readonly PlannedSource[]
  readonly attachedDisks: boolean
}

/**
 * Returns the sources that the names mean: the disk or instance in use for each, and with `attached-disks` the disks of each
 * instance after it. All are known to exist, unless a single one may not be looked up: then its snapshot request would fail.
 * Throws a Failure that names every missing source.
 */
export async function lookUpSources(
  { sources: named, attachedDisks: withDisks }: Wanted,
  lightsail: SourceService,
  patience: Patience,
  tools: Tools,
): Promise<readonly PlannedSource[]> {
  const names = named.map(({ requestedName }) => requestedName)
  const { region } = lightsail
  const disks = diskLookup(lightsail, patience)
  if (named[0]?.source.type === 'disk') return meantSources(names, region, disks, tools)
  const instances = instanceLookup(lightsail, patience)
  if (!withDisks) return meantSources(names, region, instances, tools)
  // A list may leave out what is attached, so each is read by itself.
  await mapBounded(names, atOnce, (name) => instances.get(name), patience.signal)
  const sources: PlannedSource[] = []
  for (const source of await meantSources(names, region, instances, tools)) {
    const instance = await instances.get(source.source.name)
    sources.push(source, ...(instance === undefined ? [] : await attachedDisks(instance, disks, tools)))
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

/** Returns what each name means. */
async function meantSources<T extends Disk | Instance>(
  names: readonly string[],
  region: string,
  lookup: Lookup<T>,
  { log, run }: Tools,
): Promise<PlannedSource[]> {
  const { type } = lookup
  const [only = '', ...others] = names
  if (others.length > 0) await lookup.prefetch(names)
  else if (!(await mayLookUp(type, () => lookup.get(only), log))) {
    return [sourceAsNamed({ type, name: only })]
  }
  const found: PlannedSource[] = []
  const absent: Source[] = []
  for (const name of names) {
    let meant: Found<T> | undefined
    const isKnown = await mayLookUp(
      type,
      async () => {
        meant = await findNamed(name, run.repository, lookup)
      },
      log,
    )
    if (!isKnown && (await lookup.get(name)) !== undefined) found.push(sourceAsNamed({ type, name }))
    else if (meant === undefined) absent.push({ type, name })
    else found.push({ ...plannedSource(meant.resource, meant.lineage), requestedName: name })
    if (meant?.remark !== undefined) log[meant.remark.kind](meant.remark.text)
  }
  if (absent.length > 0) throw noSuchSources(absent, region)
  refuseTheSameTwice(found)
  return found
}

function plannedSource(resource: Disk | Instance, lineage: Lineage): PlannedSource {
  return {
    ...sourceAsNamed({ type: lineage.type, name: resource.name }),
    arn: resource.arn ?? undefined,
    lineage,
    ...('attachedTo' in resource ? { disk: resource } : {}),
  }
}

function refuseTheSameTwice(found: readonly PlannedSource[]): void {
  for (const { source, requestedName } of found) {
    const other = found.find(
      (candidate) => candidate.source.name === source.name && candidate.requestedName !== requestedName,
    )
    if (other === undefined) continue
    throw new Failure(
      `${source.type}-name: "${requestedName}" and "${other.requestedName}" both mean ${subjectOf(source)}.`,
      'Give one of the two. No snapshot was taken.',
    )
  }
}

/** What a step doesn't know without permission to look a source up. */
const unknowns: Readonly<Record<SourceType, string>> = {
  disk: 'the disk is attached or was replaced in a roll-back, and deletes no old snapshots',
  instance: 'the instance was replaced in a roll-back',
}

/** Whether the role may do this. If not, warns of the missing permission. Throws any other failure. */
async function mayLookUp(type: SourceType, look: () => Promise<unknown>, log: Step['log']): Promise<boolean> {
  try {
    await look()
    return true
  } catch (error) {
    if (!(error instanceof ServiceFailure) || error.errorClass !== 'denied') throw error
    log.warning(
      `${error.message}\nThe step continues without knowing whether ${unknowns[type]}. ${error.advice}`,
    )
    return false
  }
}

/** Returns the block storage disks of an instance, in the service's order. */
async function attachedDisks(
  instance: Instance,
  lookup: Lookup<Disk>,
  { log }: Tools,
): Promise<PlannedSource[]> {
  const names: string[] = []
  for (const { isSystemDisk, name, path } of instance.disks) {
    if (!isSystemDisk) names.push(name || (await nameOfDiskAt(instance.name, path, lookup)))
  }
  const isKnown = names.length === 0 || (await mayLookUp('disk', () => lookup.prefetch(names), log))
  const sources: PlannedSource[] = []
  for (const name of names) {
    const disk = isKnown ? await lookup.get(name) : undefined
    sources.push(
      disk === undefined ? sourceAsNamed({ type: 'disk', name }) : plannedSource(disk, lineageOf(disk)),
    )
  }
  return sources
}

/** The service may list an attached disk without a name. It must not be left out. */
async function nameOfDiskAt(
  instanceName: string,
  path: string | null,
  lookup: Lookup<Disk>,
): Promise<string> {
  const attached = (await lookup.all()).filter((disk) => disk.attachedTo === instanceName)
  const found = attached.filter((disk) => path !== null && disk.path === path)
  const [disk, ...others] = found
  if (disk !== undefined && others.length === 0) return disk.name
  throw new Failure(
    `Instance "${instanceName}" has a disk at ${path ?? 'an unknown path'} that Lightsail lists without a name, and no disk says that it is attached there.`,
    'Name the disks in disk-name instead of using attached-disks. No snapshot was taken.',
  )
}
