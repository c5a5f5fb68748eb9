import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { sayOnce } from '../basics/once.js'
import type { Log } from '../github/log.js'
import { mayPass } from '../lightsail/error-table.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { briefly } from './carry-out.js'
import { type Attachment, type BroughtBack, intruderAt, isAt, type Resources, type Swap } from './plan.js'
import type { ResourceTracker } from './resource-tracker.js'
import { StageFailure, type StageService } from './stage.js'

/** What bringing back a site needs. */
export interface BringBackTools {
  readonly service: StageService
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
  readonly patience: Patience
  /** The stage whose request was sent and may still take effect. */
  readonly inProgress?: Pick<StageFailure, 'stage' | 'operation'> | undefined
}

/** How long (ms) attaching the previous disk may be refused before the instance is started without it. */
const attachMs = 120_000

/** How long (ms) a request whose operation is unknown may still take effect. */
const settlingMs = 60_000

/** How many times in a row an instance may be missing before it counts as gone. */
const mostMisses = 5

const pauseMs = 2000

/**
 * Gets the instance running again after a swap that stopped it: with the new disk if that is attached, otherwise with the
 * previous one, which is attached again. Depends on states, never on responses. Never throws for what the service does.
 */
export async function bringBack(
  attachment: Attachment,
  swap: Pick<Swap, 'wasRunning'>,
  tracker: ResourceTracker,
  tools: BringBackTools,
): Promise<BroughtBack> {
  return new BringBack(attachment, swap, tracker, tools).toEnd()
}

type Step = 'attach' | 'start' | 'wait' | 'done'

class BringBack {
  readonly #attachment: Attachment
  readonly #wasRunning: boolean
  readonly #tracker: ResourceTracker
  readonly #tools: BringBackTools
  readonly #say: (text: string) => void
  readonly #startedAt: number
  #attachingSince: number | undefined
  #misses = 0
  #operationEnded = false
  /** The requests that can't succeed any more. */
  readonly #hopeless = new Set<'attach' | 'start'>()

  constructor(
    attachment: Attachment,
    { wasRunning }: Pick<Swap, 'wasRunning'>,
    tracker: ResourceTracker,
    tools: BringBackTools,
  ) {
    this.#attachment = attachment
    this.#wasRunning = wasRunning
    this.#tracker = tracker
    this.#tools = tools
    this.#say = sayOnce(tools.log.info)
    this.#startedAt = tools.clock.monotonic()
  }

  async toEnd(): Promise<BroughtBack> {
    const { clock, patience } = this.#tools
    for (;;) {
      await this.#lookAtOperation()
      const resources = await this.#look()
      const step = resources === undefined ? 'wait' : this.#next(resources)
      const isOver = step === 'done' || this.#hopeless.has('start') || patience.signal?.aborted
      if (isOver || clock.monotonic() >= patience.untilMs) return this.#resultIn(resources)
      if (step === 'attach') await this.#attach()
      if (step === 'start') await this.#start()
      await clock.sleep(pauseMs, patience.signal).catch(() => {})
    }
  }

  /** Notes whether the operation that was in progress has ended, successfully or not. */
  async #lookAtOperation(): Promise<void> {
    const { service, clock, patience, inProgress } = this.#tools
    if (inProgress?.operation === undefined || this.#operationEnded) return
    try {
      const seen = await service.getOperation(inProgress.operation.id, briefly(patience, clock))
      this.#operationEnded = seen === undefined || seen.status !== 'started'
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      // Without permission to read it, wait long enough.
      this.#operationEnded = error.errorClass === 'denied' && clock.monotonic() - this.#startedAt > settlingMs
    }
  }

  /** Returns undefined if the states can't be read at the moment. */
  async #look(): Promise<Resources | undefined> {
    const { patience, clock } = this.#tools
    try {
      return await this.#tracker.refreshAsIs(briefly(patience, clock))
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (!mayPass(error.errorClass)) this.#hopeless.add('start')
      return undefined
    }
  }

  #next(resources: Resources): Step {
    const { instance } = resources
    this.#misses = instance === undefined ? this.#misses + 1 : 0
    if (instance === undefined) return this.#misses < mostMisses ? 'wait' : 'done'
    if (this.#mayStillChange(resources)) return 'wait'
    if (this.#mayAttach(resources)) return 'attach'
    if (instance.state === 'running') return 'done'
    if (instance.state !== 'stopped' || !this.#isSettled(resources)) return 'wait'
    return this.#wasRunning ? 'start' : 'done'
  }

  #mayAttach(resources: Resources): boolean {
    const isFree = spareDisk(resources)?.attachedTo === null
    if (this.#hasDisk(resources) || !isFree || this.#gaveUpAttaching) return false
    return ['stopped', 'running'].includes(resources.instance?.state ?? '')
  }

  /** Whether attaching was denied, or has been tried for long enough. */
  get #gaveUpAttaching(): boolean {
    const since = this.#attachingSince ?? Number.POSITIVE_INFINITY
    return this.#hopeless.has('attach') || this.#tools.clock.monotonic() - since > attachMs
  }

  #hasDisk(resources: Resources): boolean {
    return this.#diskIn(resources) !== undefined || this.#isAttachmentTaken(resources)
  }

  /** Whether no disk is being attached or detached that the start has to wait for. */
  #isSettled(resources: Resources): boolean {
    const isLate = this.#tools.clock.monotonic() - this.#startedAt > attachMs
    return isLate || this.#hasDisk(resources) || this.#gaveUpAttaching || spareDisk(resources) === undefined
  }

  /** Whether an earlier request may still take effect: it would undo what is done here. */
  #mayStillChange({ restored, previous, instance }: Resources): boolean {
    const { clock, inProgress } = this.#tools
    if (inProgress === undefined || this.#operationEnded) return false
    if (inProgress.operation === undefined && clock.monotonic() - this.#startedAt > settlingMs) return false
    if (inProgress.stage === 'stop') return instance?.state === 'running'
    if (inProgress.stage === 'detach') return isAt(previous, this.#attachment)
    return inProgress.stage === 'attach' && !isAt(restored, this.#attachment)
  }

  #diskIn({ restored, previous }: Resources): BroughtBack['disk'] {
    if (isAt(restored, this.#attachment)) return 'restored'
    return isAt(previous, this.#attachment) ? 'previous' : undefined
  }

  /** Whether another disk is attached there: another step may have attached its own. */
  #isAttachmentTaken(resources: Resources): boolean {
    const ours = [resources.restored?.name, resources.previous?.name]
    return intruderAt(this.#attachment, resources, ours) !== undefined
  }

  async #attach(): Promise<void> {
    const { service, clock, patience } = this.#tools
    const disk = spareDisk(this.#tracker.resources)
    if (disk === undefined) return
    const { instanceName, path } = this.#attachment
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
    const { instanceName } = this.#attachment
    const without = this.#hasDisk(this.#tracker.resources)
      ? ''
      : `, without a disk at ${this.#attachment.path}`
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

  #resultIn(resources: Resources | undefined): BroughtBack {
    if (resources === undefined) return { isUp: false, disk: undefined }
    const isUp =
      resources.instance?.state === 'running' || (!this.#wasRunning && resources.instance !== undefined)
    return { isUp, disk: this.#diskIn(resources) }
  }
}

/** The disk to attach: the previous one, or the new one if that is gone. */
function spareDisk({ previous, restored }: Resources): Disk | undefined {
  return previous ?? restored
}

/** A failed swap, and the state in which the site was left. */
export class SwapFailure extends Failure {
  readonly failure: Failure
  readonly site: BroughtBack

  constructor(failure: Failure, site: BroughtBack) {
    const { message, advice, copyables } = failure
    super(message, advice, { cause: failure, copyables })
    this.name = 'SwapFailure'
    this.failure = failure
    this.site = site
  }
}

/** Whether the instance may be stopped after this failure, if its state can't be read. */
export function mayBeDown(failure: Failure): boolean {
  if (failure instanceof SwapFailure) return !failure.site.isUp
  return failure instanceof StageFailure && failure.stage === 'stop' && failure.sent !== 'no'
}

/** Returns the state in which a failed swap left the site; undefined if the failure is another one. */
export function siteAfter(failure: Failure): BroughtBack | undefined {
  return failure instanceof SwapFailure ? failure.site : undefined
}
