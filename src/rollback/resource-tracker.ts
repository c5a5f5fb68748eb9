import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { tagOf } from '../domain/tags.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, Operation } from '../lightsail/types.js'
import {
  type BroughtBack,
  intruderAt,
  isAt,
  type Resources,
  type RestorePlan,
  type StageService,
} from './plan.js'
import { snapshotOf } from './swap-tags.js'

/** How often a missing resource is looked for again, and the pause between (ms). */
const looksAgain = 5
const lookAgainMs = 1000

/** How long (ms) the states may take to read for the report. */
const lastLookMs = 1500

/** The resources to track. */
export type TrackedResources = Pick<RestorePlan, 'region' | 'diskName' | 'tags' | 'attachment'> & {
  readonly swap: { readonly previousDiskName: string } | undefined
}

/** Reads the three resources of a roll-back, and keeps them as they were last seen. */
export class ResourceTracker {
  #resources: Resources
  readonly #plan: TrackedResources
  readonly #service: StageService
  readonly #clock: Clock

  constructor(plan: TrackedResources, resources: Resources, service: StageService, clock: Clock) {
    this.#plan = plan
    this.#resources = resources
    this.#service = service
    this.#clock = clock
  }

  get resources(): Resources {
    return this.#resources
  }

  /** Reads one of them again. Throws ServiceFailure, and a Failure if one that is needed is gone. */
  async refresh(at: keyof Resources, patience: Patience): Promise<Resources> {
    const before = this.#resources[at]
    let seen = await this.#read(at, patience)
    // A single miss may be eventual consistency.
    for (let again = 0; before !== undefined && seen[at] === undefined && again < looksAgain; again += 1) {
      await this.#clock.sleep(lookAgainMs, patience.signal).catch(() => {})
      seen = await this.#read(at, patience)
    }
    // The previous disk is needed only to go back.
    if (before !== undefined && seen[at] === undefined && at !== 'previous') throw this.#gone(before.name)
    this.#resources = { ...this.#resources, ...seen }
    return this.#resources
  }

  /** Reads all of them again. Throws as `refresh` does. */
  async refreshAll(patience: Patience): Promise<Resources> {
    for (const at of ['restored', 'previous', 'instance'] as const) await this.refresh(at, patience)
    return this.#resources
  }

  /** Reads all of them again, even if one is gone. Throws ServiceFailure. */
  async refreshAsIs(patience: Patience): Promise<Resources> {
    const restored = await this.#read('restored', patience).catch((error: unknown) => {
      if (error instanceof Failure && !(error instanceof ServiceFailure)) return { restored: undefined }
      throw error
    })
    const others = [await this.#read('previous', patience), await this.#read('instance', patience)]
    this.#resources = Object.assign({ ...this.#resources }, restored, ...others)
    return this.#resources
  }

  /**
   * Reads all of them for a report, within a moment and whatever happened to the step. What can't be read stays as it was last
   * seen. Returns whether all could be read.
   */
  async refreshForReport(): Promise<boolean> {
    const patience = { untilMs: this.#clock.monotonic() + lastLookMs, attempts: 1 }
    const parts = (['restored', 'previous', 'instance'] as const).map(async (at) => {
      try {
        return await this.#read(at, patience)
      } catch (error) {
        if (error instanceof Failure) return undefined
        throw error
      }
    })
    const seen = await Promise.all(parts)
    for (const part of seen) this.#resources = { ...this.#resources, ...part }
    return !seen.includes(undefined)
  }

  /** Returns the operation that created the restored disk, if the service lists it: its response was lost, or an earlier attempt's. */
  async findCreation(patience: Patience): Promise<Operation | undefined> {
    const { restored } = this.#resources
    if (restored === undefined) return undefined
    let found: Operation | undefined
    const read = readPages(
      (pageToken) => this.#service.operationsOf(restored.name, pageToken, { ...patience, attempts: 1 }),
      (items) => {
        found ??= items.find(({ operationType }) => operationType === 'CreateDiskFromSnapshot')
        return found === undefined ? 'more' : 'enough'
      },
    )
    await orServiceFailure(read)
    return found
  }

  async #read(at: keyof Resources, patience: Patience): Promise<Partial<Resources>> {
    const { diskName, swap, attachment } = this.#plan
    if (at === 'restored') return { restored: this.#own(await this.#service.getDisk(diskName, patience)) }
    if (at === 'instance') {
      return attachment === undefined
        ? {}
        : { instance: await this.#service.getInstance(attachment.instanceName, patience) }
    }
    return swap === undefined
      ? {}
      : { previous: await this.#service.getDisk(swap.previousDiskName, patience) }
  }

  /** Returns the disk if it is this roll-back's. Throws a Failure if another disk has the name. */
  #own(disk: Disk | undefined): Disk | undefined {
    const { tags, diskName } = this.#plan
    const agrees = (key: string) => disk !== undefined && tagOf(disk, key) === tagOf({ tags }, key)
    // The tags of a disk that was just created may not be visible yet.
    if (disk === undefined || disk.tags.length === 0) return undefined
    if (['repository', 'run-id', 'restored-from'].every(agrees)) return disk
    throw new Failure(
      `The name "${diskName}" has since been given to a disk ${creatorText(disk)}.`,
      'That disk is untouched. Give another restored-disk-name.',
    )
  }

  #gone(name: string): Failure {
    return new ServiceFailure(
      'not-found',
      `"${name}" no longer exists in ${this.#plan.region}.`,
      'It was deleted during this step.',
      undefined,
    )
  }
}

/** Returns the states of the instance and both disks, in words for a person. */
export function statesText(plan: RestorePlan, { restored, previous, instance }: Resources): string {
  const parts = [
    ...(plan.attachment === undefined
      ? []
      : [`instance "${plan.attachment.instanceName}" is ${instance?.state ?? 'not to be found'}`]),
    `the restored disk "${plan.diskName}" is ${diskText(restored, 'not there')}`,
    ...(plan.swap === undefined
      ? []
      : [`the previous disk "${plan.swap.previousDiskName}" is ${diskText(previous, 'not to be found')}`]),
  ]
  return `${parts.join('; ')}.`
}

function diskText(disk: Disk | undefined, missing: string): string {
  if (disk === undefined) return missing
  const { state, attachedTo, path } = disk
  return attachedTo === null
    ? `${state} and attached to nothing`
    : `${state}, attached to instance "${attachedTo}" at ${path ?? 'an unknown path'}`
}

/**
 * The state of the site, which comes first: nothing matters more to its owner. `isUncertain`: the resources are those from before
 * the instance was stopped.
 */
export function siteLines(
  site: BroughtBack | undefined,
  { attachment, swap }: Pick<RestorePlan, 'attachment' | 'swap'>,
  { instance, restored, previous }: Partial<Resources>,
  isUncertain: boolean,
): string[] {
  if (attachment === undefined || swap === undefined) return []
  const name = `instance "${attachment.instanceName}"`
  if (swap.wasRunning && instance?.state !== 'running') {
    return [`The site is down: ${name} is ${instance?.state ?? 'gone'}.`]
  }
  if (swap.wasRunning && isUncertain) {
    return [`The site may be down: ${name} was being stopped when its state could no longer be read.`]
  }
  const holder =
    [restored, previous].find((disk) => isAt(disk, attachment))?.name ??
    intruderAt(attachment, { instance }, [restored?.name, previous?.name])
  if (swap.wasRunning && holder === undefined) {
    return [`The site may not work: ${name} is running without a disk at ${attachment.path}.`]
  }
  if (site === undefined) return []
  if (site.disk !== 'previous') {
    return [
      `The roll-back failed: ${name} is ${instance?.state} with disk "${holder}" at ${attachment.path}.`,
    ]
  }
  const is = swap.wasRunning ? 'is running' : 'is stopped'
  return [
    `The roll-back failed, and everything is as before it: ${name} ${is} with the previous disk "${swap.previousDiskName}".`,
  ]
}

/** Describes by its tags who created a disk. */
export function creatorText(disk: Disk): string {
  const [run, repository] = ['run-id', 'repository'].map((key) => tagOf(disk, key))
  const from = snapshotOf(disk)
  if (from === undefined) return 'which this action did not create'
  return `which run ${run ?? 'unknown'} of ${repository ?? 'an unknown repository'} created from snapshot "${from}"`
}
