import { Failure } from '../basics/failure.js'
import type { LightsailMachines } from '../lightsail/machines.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, Instance, Source } from '../lightsail/types.js'
import { tagOf } from '../shared/tags.js'
import type { Run } from '../workflow/run.js'
import { findEarlierDisk, findSnapshot, type SearchService } from './find.js'
import type { RestoreInputs } from './inputs.js'
import { markedSwap } from './marks.js'
import type { Place, Swap, World } from './plan.js'

/** What the survey asks of the service: nothing of it changes anything. */
export type SurveyService = SearchService & Pick<LightsailMachines, 'getInstance'>

/** Everything that is known before anything is decided. */
export interface Facts {
  readonly inputs: RestoreInputs
  readonly run: Run
  readonly region: string
  readonly snapshot: DiskSnapshot
  readonly source: Source | undefined
  readonly commitSha: string
  readonly diskName: string
  readonly world: World
  readonly place: Place | undefined
  readonly swap: Swap | undefined
  /** Undefined where nothing says which: the source is gone, and no instance is named. */
  readonly availabilityZone: string | undefined
  readonly sizeInGb: number | undefined
}

/** Looks up the snapshot and everything that the step would work on. Throws a Failure where there is no such snapshot. */
export async function survey(
  inputs: RestoreInputs,
  run: Run,
  lightsail: SurveyService,
  patience: Patience,
): Promise<Facts> {
  const earlier = await findEarlierDisk(inputs, run, lightsail, patience)
  const snapshot = await findSnapshot(inputs, earlier, run, lightsail, patience)
  const source = inputs.source ?? snapshot.source ?? undefined
  const commitSha = inputs.commitSha ?? tagOf(snapshot, 'commit-sha') ?? run.commit ?? ''
  const diskName = earlier?.name ?? nameOf(inputs, source?.name ?? snapshot.name, commitSha, run)
  const restored = earlier ?? (await lightsail.getDisk(diskName, patience))
  const current = await currentOf(source, lightsail, patience)
  const previous = inputs.swap ? current.disk : undefined
  const place = inputs.swap ? swapPlace(restored, previous) : inputs.attach
  const instance = place && (await lightsail.getInstance(place.instanceName, patience))
  return {
    inputs,
    run,
    region: lightsail.region,
    snapshot,
    source,
    commitSha,
    diskName,
    world: { restored, previous, instance },
    place,
    swap: inputs.swap && source !== undefined ? swapOf(source.name, restored, instance) : undefined,
    availabilityZone:
      restored?.availabilityZone ??
      inputs.availabilityZone ??
      current.disk?.availabilityZone ??
      current.instance?.availabilityZone ??
      instance?.availabilityZone ??
      undefined,
    sizeInGb: inputs.sizeInGb ?? snapshot.sizeInGb ?? undefined,
  }
}

function nameOf({ nameFor }: RestoreInputs, source: string, sha: string, { runAttempt }: Run): string {
  const name = nameFor({ source, sha, runAttempt })
  if (name.ok) return name.value
  throw new Failure(
    `restored-disk-name ${name.problem}.`,
    'Change restored-disk-name so that it makes a name that a disk can have. Nothing was changed.',
  )
}

/** What the snapshot is of, as it is now; it may be gone. */
async function currentOf(
  source: Source | undefined,
  lightsail: SurveyService,
  patience: Patience,
): Promise<{ readonly disk?: Disk | undefined; readonly instance?: Instance | undefined }> {
  if (source === undefined) return {}
  return source.type === 'disk'
    ? { disk: await lightsail.getDisk(source.name, patience) }
    : { instance: await lightsail.getInstance(source.name, patience) }
}

/** Where the current disk is; once it is detached, where the restored one was made for. */
function swapPlace(restored: Disk | undefined, previous: Disk | undefined): Place | undefined {
  const marked = restored && markedSwap(restored)
  if (marked !== undefined) return marked.place
  const { attachedTo = null, path = null } = previous ?? {}
  return attachedTo === null || path === null ? undefined : { instanceName: attachedTo, path }
}

function swapOf(previousDiskName: string, restored: Disk | undefined, instance: Instance | undefined): Swap {
  const marked = restored && markedSwap(restored)
  return { previousDiskName, wasRunning: marked?.wasRunning ?? instance?.state === 'running' }
}
