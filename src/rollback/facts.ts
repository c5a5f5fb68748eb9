import { diskLookup, findNamed, instanceLookup, type Lookup, lineageNamed } from '../domain/lineage.js'
import { tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Run } from '../github/run-context.js'
import { orUndefined } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, Instance } from '../lightsail/types.js'
import { type Findings, type NamedDisk, swapFacts } from './earlier-swaps.js'
import { earlierRestored } from './leftovers.js'
import type { RestoreInputs } from './plan.js'
import { chooseSnapshot, namedSnapshot, nameOf, type Search, type SearchService } from './search.js'
import { snapshotOf } from './swap-tags.js'

/** Everything that is known before anything is decided. */
export interface Facts extends Findings {
  readonly inputs: RestoreInputs
  readonly run: Run
  readonly region: string
  /** Whether the step has chosen the snapshot; if not, the input names it. */
  readonly isChosen: boolean
  readonly commitSha: string
  /** Undefined if unknown: the source is gone, and no instance is named. */
  readonly availabilityZone: string | undefined
  readonly sizeInGb: number | undefined
}

/** Looks up the snapshot and everything the step works on. Throws a Failure if there is no such snapshot. */
export async function gatherFacts(
  inputs: RestoreInputs,
  { run, log }: Pick<Step, 'run' | 'log'>,
  { lightsail, patience, named }: Pick<Search, 'lightsail' | 'patience' | 'named'>,
): Promise<Facts> {
  const search = { inputs, run, lightsail, patience, named }
  const lookup = diskLookup(lightsail, patience)
  const meant = await meantBy(search, lookup)
  if (meant.notice !== undefined) log.notice(meant.notice)
  const facts = inputs.swap ? await swapFacts(meant, search, lookup) : await copyFacts(meant, search, lookup)
  const { resources, snapshot } = facts
  return {
    ...facts,
    inputs,
    run,
    region: lightsail.region,
    isChosen: inputs.snapshotName === undefined,
    commitSha: inputs.commitSha ?? tagOf(snapshot, 'commit-sha') ?? run.commit ?? '',
    availabilityZone:
      resources.restored?.availabilityZone ??
      inputs.availabilityZone ??
      facts.current?.availabilityZone ??
      resources.instance?.availabilityZone ??
      undefined,
    sizeInGb: inputs.sizeInGb ?? snapshot.sizeInGb ?? undefined,
  }
}

async function meantBy(search: Search, lookup: Lookup<Disk>): Promise<NamedDisk> {
  const { inputs, run } = search
  const { source } = inputs
  if (source === undefined) return { disk: undefined, lineage: undefined }
  if (source.type === 'instance') return { disk: undefined, ...(await meantInstance(source.name, search)) }
  const found = await findNamed(source.name, run.repository, lookup)
  if (found === undefined) return { disk: undefined, lineage: lineageNamed('disk', source.name) }
  const { resource: disk, lineage, remark } = found
  return { disk, lineage, notice: remark?.kind === 'notice' ? remark.text : undefined }
}

/** A role that restores disks may lack the permission to list instances. */
async function meantInstance(
  name: string,
  { run, lightsail, patience }: Search,
): Promise<Omit<NamedDisk, 'disk'>> {
  const lookup = instanceLookup(lightsail, patience)
  const found = await orUndefined(findNamed(name, run.repository, lookup), 'denied')
  if (found !== undefined) {
    return { instance: found.resource, lineage: found.lineage, notice: found.remark?.text }
  }
  const instance = await lookup.get(name)
  return { instance, lineage: lineageNamed('instance', name, instance?.arn) }
}

/** The facts of a restore without a swap. A disk of an earlier attempt is used as it is. */
async function copyFacts(meant: NamedDisk, search: Search, lookup: Lookup<Disk>): Promise<Findings> {
  const { inputs, run, lightsail, patience } = search
  const { source } = inputs
  const earlier = Number(run.runAttempt) > 1 ? earlierRestored(await lookup.all(), search) : undefined
  const current = meant.instance ?? meant.disk
  const { lineage } = meant
  const name = inputs.snapshotName ?? (earlier && snapshotOf(earlier))
  const snapshot =
    name !== undefined || lineage === undefined
      ? await namedSnapshot(name ?? '', search)
      : await chooseSnapshot(lineage, undefined, search)
  const diskName = earlier?.name ?? nameOf(search, snapshot)
  const [restored, instance, origin] = await Promise.all([
    earlier ?? lightsail.getDisk(diskName, patience),
    inputs.attach && lightsail.getInstance(inputs.attach.instanceName, patience),
    current ?? sourceOf(snapshot, lightsail, patience),
  ])
  return {
    snapshot,
    source: source ?? snapshot.source ?? undefined,
    lineage,
    diskName,
    resources: { restored, previous: undefined, instance },
    attachment: inputs.attach,
    swap: undefined,
    repairs: [],
    current: origin,
  }
}

/** Returns a snapshot's source, if it still exists. */
async function sourceOf(
  { source }: DiskSnapshot,
  lightsail: SearchService,
  patience: Patience,
): Promise<Disk | Instance | undefined> {
  if (source === null) return undefined
  return source.type === 'disk'
    ? lightsail.getDisk(source.name, patience)
    : lightsail.getInstance(source.name, patience)
}
