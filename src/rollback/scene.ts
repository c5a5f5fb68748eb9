import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { tagOf } from '../domain/tags.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { makerOf } from './marks.js'
import type { RestorePlan, World } from './plan.js'
import type { StageService } from './stages.js'

/** How often a thing that was there is looked for again when a response lacks it, and the pause between (ms). */
const looksAgain = 5
const lookAgainMs = 1000

/** How long the states may take to read once more when the step has ended, in milliseconds. */
const lastLookMs = 1500

/** What a scene needs of a plan. */
export type Subjects = Pick<RestorePlan, 'region' | 'diskName' | 'tags' | 'place'> & {
  readonly swap: { readonly previousDiskName: string } | undefined
}

/** The three things that a roll-back works on, as they were last seen. */
export class Scene {
  #world: World
  readonly #plan: Subjects
  readonly #service: StageService
  readonly #clock: Clock

  constructor(plan: Subjects, world: World, service: StageService, clock: Clock) {
    this.#plan = plan
    this.#world = world
    this.#service = service
    this.#clock = clock
  }

  get world(): World {
    return this.#world
  }

  /** Looks at one of them again. Throws ServiceFailure, and a Failure where one that must be there is gone. */
  async look(at: keyof World, patience: Patience): Promise<World> {
    const before = this.#world[at]
    let seen = await this.#read(at, patience)
    // One answer without a thing that was there doesn't mean that it is gone.
    for (let again = 0; before !== undefined && seen[at] === undefined && again < looksAgain; again += 1) {
      await this.#clock.sleep(lookAgainMs, patience.signal).catch(() => {})
      seen = await this.#read(at, patience)
    }
    // The previous disk isn't needed any more, except to undo all this.
    if (before !== undefined && seen[at] === undefined && at !== 'previous') throw this.#gone(before.name)
    this.#world = { ...this.#world, ...seen }
    return this.#world
  }

  /** Looks at all of them again. Throws as `look` does. */
  async lookAtAll(patience: Patience): Promise<World> {
    for (const at of ['restored', 'previous', 'instance'] as const) await this.look(at, patience)
    return this.#world
  }

  /** Takes all of them as they are now, also if one is gone. Throws ServiceFailure. */
  async takeAll(patience: Patience): Promise<World> {
    const restored = await this.#read('restored', patience).catch((error: unknown) => {
      if (error instanceof Failure && !(error instanceof ServiceFailure)) return { restored: undefined }
      throw error
    })
    const others = [await this.#read('previous', patience), await this.#read('instance', patience)]
    this.#world = Object.assign({ ...this.#world }, restored, ...others)
    return this.#world
  }

  /**
   * Looks at all of them for a report, for a moment and whatever has happened to the step. What can't be read stays as it was
   * seen; gives whether all of it could.
   */
  async lookOnceMore(): Promise<boolean> {
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
    for (const part of seen) this.#world = { ...this.#world, ...part }
    return !seen.includes(undefined)
  }

  async #read(at: keyof World, patience: Patience): Promise<Partial<World>> {
    const { diskName, swap, place } = this.#plan
    if (at === 'restored') return { restored: this.#own(await this.#service.getDisk(diskName, patience)) }
    if (at === 'instance') {
      return place === undefined
        ? {}
        : { instance: await this.#service.getInstance(place.instanceName, patience) }
    }
    return swap === undefined
      ? {}
      : { previous: await this.#service.getDisk(swap.previousDiskName, patience) }
  }

  /** The name is what keeps a second disk from being made: whatever has it must be this roll-back's. */
  #own(disk: Disk | undefined): Disk | undefined {
    const { tags, diskName } = this.#plan
    const agrees = (key: string) => disk !== undefined && tagOf(disk, key) === tagOf({ tags }, key)
    // A disk without tags may be the one that was just created: they are not visible yet.
    if (disk === undefined || disk.tags.length === 0) return undefined
    if (['repository', 'run-id', 'restored-from'].every(agrees)) return disk
    throw new Failure(
      `The name "${diskName}" has since been given to a disk ${makerOf(disk)}.`,
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
