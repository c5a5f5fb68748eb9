import type { Clock } from '../basics/clock.js'
import { sayOnce } from '../basics/once.js'
import type { Log } from '../github/log.js'
import { mayPass } from '../lightsail/error-table.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { briefly } from './carry-out.js'
import { isAt, type Place, type Swap, type World } from './plan.js'
import type { Scene } from './scene.js'
import type { StageFailure } from './stage-failure.js'
import type { StageService } from './stages.js'

/** What a site is brought back with. */
export interface BringBackTools {
  readonly service: StageService
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
  readonly patience: Patience
  /** The stage whose request was sent and may still take effect. */
  readonly inProgress?: Pick<StageFailure, 'stage' | 'operation'> | undefined
}

/** How the site is in the end. */
export interface BroughtBack {
  readonly isUp: boolean
  /** The disk that has the place; undefined if none of the two has. */
  readonly disk: 'restored' | 'previous' | undefined
}

/** How long the previous disk may be refused before the instance is started without it, in milliseconds. */
const attachMs = 120_000

/** How long a request without a known operation may still change things, in milliseconds. */
const settlingMs = 60_000

/** How often an instance that was there may be missing from a response before it counts as gone. */
const mostMisses = 5

const pauseMs = 2000

/**
 * Gets the instance running again after a swap that stopped it: with the new disk if that has the place, else with the
 * previous one, which is attached again. Goes by what it sees, and by no response. Never throws for what the service does.
 */
export async function bringBack(
  place: Place,
  swap: Pick<Swap, 'wasRunning'>,
  scene: Scene,
  tools: BringBackTools,
): Promise<BroughtBack> {
  return new BringBack(place, swap, scene, tools).toEnd()
}

type Step = 'attach' | 'start' | 'wait' | 'done'

class BringBack {
  readonly #place: Place
  readonly #wasRunning: boolean
  readonly #scene: Scene
  readonly #tools: BringBackTools
  readonly #say: (text: string) => void
  readonly #startedAt: number
  #attachingSince: number | undefined
  #misses = 0
  #operationEnded = false
  /** Why an attachment or a start is out of the question. */
  readonly #hopeless = new Set<'attach' | 'start'>()

  constructor(place: Place, { wasRunning }: Pick<Swap, 'wasRunning'>, scene: Scene, tools: BringBackTools) {
    this.#place = place
    this.#wasRunning = wasRunning
    this.#scene = scene
    this.#tools = tools
    this.#say = sayOnce(tools.log.info)
    this.#startedAt = tools.clock.monotonic()
  }

  async toEnd(): Promise<BroughtBack> {
    const { clock, patience } = this.#tools
    for (;;) {
      await this.#lookAtOperation()
      const world = await this.#look()
      const step = world === undefined ? 'wait' : this.#next(world)
      const isOver = step === 'done' || this.#hopeless.has('start') || patience.signal?.aborted
      if (isOver || clock.monotonic() >= patience.untilMs) return this.#result()
      if (step === 'attach') await this.#attach()
      if (step === 'start') await this.#start()
      await clock.sleep(pauseMs, patience.signal).catch(() => {})
    }
  }

  /** Whether the operation that was in progress has ended, well or not. */
  async #lookAtOperation(): Promise<void> {
    const { service, clock, patience, inProgress } = this.#tools
    if (inProgress?.operation === undefined || this.#operationEnded) return
    try {
      const seen = await service.getOperation(inProgress.operation.id, briefly(patience, clock))
      this.#operationEnded = seen === undefined || seen.status !== 'started'
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      // Without permission to read it, only time tells.
      this.#operationEnded = error.errorClass === 'denied' && clock.monotonic() - this.#startedAt > settlingMs
    }
  }

  /** Undefined if the states can't be read at the moment. */
  async #look(): Promise<World | undefined> {
    const { patience, clock } = this.#tools
    try {
      return await this.#scene.takeAll(briefly(patience, clock))
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (!mayPass(error.errorClass)) this.#hopeless.add('start')
      return undefined
    }
  }

  #next(world: World): Step {
    const { instance } = world
    this.#misses = instance === undefined ? this.#misses + 1 : 0
    if (instance === undefined) return this.#misses < mostMisses ? 'wait' : 'done'
    if (this.#mayStillChange(world)) return 'wait'
    if (this.#mayAttach(world)) return 'attach'
    if (instance.state === 'running') return 'done'
    if (instance.state !== 'stopped' || !this.#isSettled(world)) return 'wait'
    return this.#wasRunning ? 'start' : 'done'
  }

  #mayAttach(world: World): boolean {
    const isFree = spareDisk(world)?.attachedTo === null
    if (this.#hasDisk(world) || !isFree || this.#gaveUpAttaching) return false
    return ['stopped', 'running'].includes(world.instance?.state ?? '')
  }

  /** Attaching was denied, or has been tried for long enough. */
  get #gaveUpAttaching(): boolean {
    const since = this.#attachingSince ?? Number.POSITIVE_INFINITY
    return this.#hopeless.has('attach') || this.#tools.clock.monotonic() - since > attachMs
  }

  #hasDisk(world: World): boolean {
    return this.#diskIn(world) !== undefined || this.#isPlaceTaken(world)
  }

  /** Whether no disk is on its way to the place, or out of it, for which the start has to wait. */
  #isSettled(world: World): boolean {
    const isLate = this.#tools.clock.monotonic() - this.#startedAt > attachMs
    return isLate || this.#hasDisk(world) || this.#gaveUpAttaching || spareDisk(world) === undefined
  }

  /** Whether a request that was sent may still take effect: it would undo what is done here. */
  #mayStillChange({ restored, previous, instance }: World): boolean {
    const { clock, inProgress } = this.#tools
    if (inProgress === undefined || this.#operationEnded) return false
    if (inProgress.operation === undefined && clock.monotonic() - this.#startedAt > settlingMs) return false
    if (inProgress.stage === 'stop') return instance?.state === 'running'
    if (inProgress.stage === 'detach') return isAt(previous, this.#place)
    return inProgress.stage === 'attach' && !isAt(restored, this.#place)
  }

  #diskIn({ restored, previous }: World): BroughtBack['disk'] {
    if (isAt(restored, this.#place)) return 'restored'
    return isAt(previous, this.#place) ? 'previous' : undefined
  }

  /** Another step may have put its own disk there. */
  #isPlaceTaken({ instance }: World): boolean {
    return instance?.disks.some(({ path }) => path === this.#place.path) === true
  }

  async #attach(): Promise<void> {
    const { service, clock, patience } = this.#tools
    const disk = spareDisk(this.#scene.world)
    if (disk === undefined) return
    const { instanceName, path } = this.#place
    this.#say(
      `Attaching disk "${disk.name}" to instance "${instanceName}" at ${path}, to bring the site back`,
    )
    this.#attachingSince ??= clock.monotonic()
    try {
      await service.attachDisk(disk.name, instanceName, path, briefly(patience, clock))
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      this.#say(error.message)
      const isFinal = error.errorClass === 'denied' || error.errorClass.startsWith('credentials-')
      if (isFinal) this.#hopeless.add('attach')
    }
  }

  async #start(): Promise<void> {
    const { service, patience, clock } = this.#tools
    const { instanceName } = this.#place
    const without = this.#hasDisk(this.#scene.world) ? '' : `, without a disk at ${this.#place.path}`
    this.#say(`Starting instance "${instanceName}" again${without}`)
    try {
      await service.startInstance(instanceName, briefly(patience, clock))
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      this.#say(error.message)
      const isFinal = error.errorClass === 'denied' || error.errorClass === 'credentials-expired'
      if (isFinal) this.#hopeless.add('start')
    }
  }

  #result(): BroughtBack {
    const { world } = this.#scene
    const isUp = world.instance?.state === 'running' || (!this.#wasRunning && world.instance !== undefined)
    return { isUp, disk: this.#diskIn(world) }
  }
}

/** The disk to put into an empty place: the previous one, or the new one if that is gone. */
function spareDisk({ previous, restored }: World): Disk | undefined {
  return previous ?? restored
}
