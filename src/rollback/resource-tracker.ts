import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { tagOf } from '../domain/tags.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, Instance, Operation, SourceType, Tag } from '../lightsail/types.js'
import type { Resources, RestorePlan } from './plan.js'
import { creatorText } from './site.js'
import type { StageService } from './stage.js'
import { isCreation } from './swap-tags.js'

/** How often a missing resource is looked for again, and the pause between (ms). */
const looksAgain = 5
const lookAgainMs = 1000

/** How long (ms) the states may take to read for the report. */
const lastLookMs = 1500

/** The resources of a roll-back, by what they are in it. */
export type Tracked<R> = { readonly [At in keyof R]: { readonly name: string } | undefined }

/** How one of the resources is read, and how a person is told of it. */
interface Reading<T> {
  readonly kind: string
  readonly read: (patience: Patience) => Promise<T>
  readonly status: (resource: NonNullable<T>) => string
}

/** Reads the resources of a roll-back, and keeps them as they were last seen. */
export class ResourceTracker<R extends Tracked<R> = Resources> {
  #resources: R
  readonly #readings: { readonly [At in keyof R]: Reading<R[At]> }
  readonly #rules: TrackerRules<R>
  readonly #service: Pick<StageService, 'region' | 'operationsOf'>
  readonly #clock: Clock

  constructor(
    resources: R,
    readings: { readonly [At in keyof R]: Reading<R[At]> },
    rules: TrackerRules<R>,
    service: Pick<StageService, 'region' | 'operationsOf'>,
    clock: Clock,
  ) {
    this.#resources = resources
    this.#readings = readings
    this.#rules = rules
    this.#service = service
    this.#clock = clock
  }

  get resources(): R {
    return this.#resources
  }

  /** Reads one of them again. Throws ServiceFailure, and a Failure if one that is needed is gone. */
  async refresh(at: keyof R, patience: Patience): Promise<R> {
    const before = this.#resources[at]
    let seen = await this.#readings[at].read(patience)
    // A single miss may be eventual consistency.
    for (let again = 0; before !== undefined && seen === undefined && again < looksAgain; again += 1) {
      await this.#clock.sleep(lookAgainMs, patience.signal).catch(() => {})
      seen = await this.#readings[at].read(patience)
    }
    if (before !== undefined && seen === undefined && !this.#rules.mayBeGone.includes(at)) {
      throw this.#gone(before.name)
    }
    return this.#keep(at, seen)
  }

  /** Reads the one again that somebody else may have changed if a request is refused. */
  refreshContested(patience: Patience): Promise<R> {
    return this.refresh(this.#rules.contested, patience)
  }

  /** Reads all of them again. Throws as `refresh` does. */
  async refreshAll(patience: Patience): Promise<R> {
    for (const at of this.#all) await this.refresh(at, patience)
    return this.#resources
  }

  /** Reads all of them again, even if one is gone or is another one now. Throws ServiceFailure. */
  async refreshAsIs(patience: Patience): Promise<R> {
    for (const at of this.#all) {
      const seen = await this.#readings[at].read(patience).catch((error: unknown) => {
        if (error instanceof Failure && !(error instanceof ServiceFailure)) return undefined
        throw error
      })
      if (seen === undefined) this.#resources = { ...this.#resources, [at]: undefined }
      else this.#keep(at, seen)
    }
    return this.#resources
  }

  /**
   * Reads all of them for a report, within a moment and whatever happened to the step. What can't be read stays as it was last
   * seen. Returns whether all could be read.
   */
  async refreshForReport(): Promise<boolean> {
    const patience = { untilMs: this.#clock.monotonic() + lastLookMs, attempts: 1 }
    const reads = this.#all.map(async (at) => {
      try {
        this.#keep(at, await this.#readings[at].read(patience))
        return true
      } catch (error) {
        if (error instanceof Failure) return false
        throw error
      }
    })
    return (await Promise.all(reads)).every(Boolean)
  }

  /** Returns the operation that created the new resource, if the service lists it: its response was lost, or an earlier attempt's. */
  async findCreation(patience: Patience): Promise<Operation | undefined> {
    const created = this.#resources[this.#rules.created]
    if (created === undefined) return undefined
    let found: Operation | undefined
    const read = readPages(
      (pageToken) => this.#service.operationsOf(created.name, pageToken, { ...patience, attempts: 1 }),
      (items) => {
        found ??= items.find(isCreation)
        return found === undefined ? 'more' : 'enough'
      },
    )
    await orServiceFailure(read)
    return found
  }

  /** Returns what one of them is and its status, for the log. */
  statusOf(at: keyof R): [subject: string, status: string] {
    const { kind, status } = this.#readings[at]
    const resource = this.#resources[at]
    if (resource === undefined) return [`the ${kind}`, 'not visible yet']
    return [`${kind} "${resource.name}"`, status(resource)]
  }

  get #all(): readonly (keyof R)[] {
    return this.#rules.all
  }

  #keep(at: keyof R, seen: R[keyof R]): R {
    this.#resources = { ...this.#resources, [at]: seen }
    return this.#resources
  }

  #gone(name: string): Failure {
    return new ServiceFailure(
      'not-found',
      `"${name}" no longer exists in ${this.#service.region}.`,
      'It was deleted during this step.',
      undefined,
    )
  }
}

/** What the resources of a roll-back mean to it. */
interface TrackerRules<R> {
  readonly all: readonly (keyof R)[]
  /** The one that the roll-back creates. */
  readonly created: keyof R
  readonly contested: keyof R
  /** Those that it can do without. */
  readonly mayBeGone: readonly (keyof R)[]
}

/** The disks and the instance to track. */
export type TrackedDisks = Pick<RestorePlan, 'diskName' | 'tags' | 'attachment'> & {
  readonly swap: { readonly previousDiskName: string } | undefined
}

const diskRules: TrackerRules<Resources> = {
  all: ['restored', 'previous', 'instance'],
  created: 'restored',
  contested: 'instance',
  // The previous disk is needed only to go back.
  mayBeGone: ['previous'],
}

/** Tracks the disks and the instance of a roll-back. */
export function trackDisks(
  { diskName, tags, attachment, swap }: TrackedDisks,
  resources: Resources,
  service: StageService,
  clock: Clock,
): ResourceTracker {
  const status = ({ state }: { readonly state: string }) => state
  const readings = {
    restored: {
      kind: 'disk',
      read: async (patience: Patience) =>
        own(await service.getDisk(diskName, patience), diskName, tags, 'disk'),
      status,
    },
    previous: {
      kind: 'disk',
      read: async (patience: Patience) => swap && service.getDisk(swap.previousDiskName, patience),
      status,
    },
    instance: {
      kind: 'instance',
      read: async (patience: Patience) =>
        attachment && service.getInstance(attachment.instanceName, patience),
      status,
    },
  }
  return new ResourceTracker(resources, readings, diskRules, service, clock)
}

/** Returns the resource if it is this roll-back's. Throws a Failure if another one has the name. */
export function own<T extends Disk | Instance>(
  resource: T | undefined,
  name: string,
  tags: readonly Tag[],
  type: SourceType,
): T | undefined {
  const agrees = (key: string) => resource !== undefined && tagOf(resource, key) === tagOf({ tags }, key)
  // The tags of one that was just created may not be visible yet.
  if (resource === undefined || resource.tags.length === 0) return undefined
  if (['repository', 'run-id', 'restored-from'].every(agrees)) return resource
  throw new Failure(
    `The name "${name}" has since been given to ${type === 'disk' ? 'a disk' : 'an instance'} ${creatorText(resource)}.`,
    `That ${type} is untouched. Give another restored-${type}-name.`,
  )
}
