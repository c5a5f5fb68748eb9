import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { sayOnce } from '../basics/once.js'
import { capital, durationText } from '../basics/text.js'
import type { ErrorClass } from '../lightsail/error-classes.js'
import { ServiceFailure } from '../lightsail/errors.js'
import { isUncertain, mayPass, type Patience } from '../lightsail/retry.js'
import { type Operation, operationStage } from '../lightsail/types.js'
import { Progress } from '../wait/progress.js'
import type { Log } from '../workflow/log.js'
import { findCreation } from './creation.js'
import type { World } from './plan.js'
import type { Scene } from './scene.js'
import type { Stage, StageService, StageState } from './stages.js'

/** What a stage is carried out with. */
export interface StageTools {
  readonly service: StageService
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
  readonly patience: Patience
  /** Told of the operation that a request has started, as soon as it is known. */
  readonly onOperation: (operation: Operation) => void
}

/** A stage that has been reached. */
export interface Reached {
  /** Whether it was so before this step did anything for it. */
  readonly already: boolean
  readonly durationMs: number
  /** When the request was accepted, on the clock's monotonic time in milliseconds; undefined where none was. */
  readonly acceptedAtMs: number | undefined
  readonly reachedAtMs: number
  readonly operation: Operation | undefined
}

/** What has become of a stage's request: `accepted` and not known to have failed, `uncertain` where the answer was lost. */
export type Sent = 'no' | 'accepted' | 'uncertain'

/** The end of a stage that wasn't reached. */
export class StageFailure extends Failure {
  /** Whether it may still be reached: nothing has failed for good. */
  readonly open: boolean
  readonly sent: Sent

  constructor(message: string, advice: string, end: { open: boolean; sent: Sent }, cause?: unknown) {
    super(message, advice, { cause, copyables: cause instanceof Failure ? cause.copyables : [] })
    this.name = 'StageFailure'
    this.open = end.open
    this.sent = end.sent
  }
}

/** What the service says to what it can't do now: the state that it goes by may be another in a moment. */
const refusals: ReadonlySet<ErrorClass> = new Set(['invalid', 'other', 'not-found', 'name-taken'])

/** For so long a request is sent again whose answers don't come, in milliseconds. */
const uncertainMs = 120_000

/** After a lost answer a refusal may come of the request itself: what it made can be hidden for so long, in milliseconds. */
const hiddenMs = 60_000

/** Between two requests of which the first was refused, in milliseconds. */
const afterRefusalMs = 2000

/**
 * Carries out one stage: looks, sends the request where it is needed, and looks again until the stage is reached. It goes by
 * what it sees and by no answer, so a lost one does no harm. Throws StageFailure.
 */
export async function carryOut(stage: Stage, scene: Scene, tools: StageTools): Promise<Reached> {
  const run = new StageRun(stage, scene, tools)
  try {
    return await run.toEnd()
  } catch (error) {
    if (tools.patience.signal?.aborted) throw cancelled(stage, run.sent)
    if (!(error instanceof Failure) || error instanceof StageFailure) throw error
    const passes = error instanceof ServiceFailure && mayPass(error.errorClass)
    throw new StageFailure(
      `Could not ${stage.toDo}. ${error.message}`,
      error.advice,
      { open: passes || run.sent !== 'no', sent: run.sent },
      error,
    )
  }
}

class StageRun {
  readonly #stage: Stage
  readonly #scene: Scene
  readonly #tools: StageTools
  readonly #progress: Progress
  readonly #say: (text: string) => void
  readonly #startedAt: number
  #sent: Sent = 'no'
  #operation: Operation | undefined
  #acceptedAtMs: number | undefined
  #uncertainSince: number | undefined
  #refusedSince: number | undefined
  #wasRefused = false

  constructor(stage: Stage, scene: Scene, tools: StageTools) {
    this.#stage = stage
    this.#scene = scene
    this.#tools = tools
    this.#progress = new Progress(tools.log.info, tools.clock)
    this.#say = sayOnce(tools.log.info)
    this.#startedAt = tools.clock.monotonic()
  }

  /** What has become of its request; one that was refused is as good as never sent. */
  get sent(): Sent {
    return this.#wasRefused ? 'no' : this.#sent
  }

  async toEnd(): Promise<Reached> {
    const { clock, patience } = this.#tools
    for (let round = 0; ; round += 1) {
      const world = await this.#scene.look(this.#stage.looksAt, patience)
      const state = this.#stage.stateIn(world)
      if (state === 'reached') return this.#reached(round === 0 && this.#stage.request !== undefined)
      await this.#checkOperation(state, round)
      if (typeof state === 'object') throw this.#failed(state.brokenBecause)
      if (clock.monotonic() >= patience.untilMs) throw this.#timedOut(world)
      if (state === 'ready' && this.#sent !== 'accepted') await this.#send()
      // What was seen before the request went out says nothing of how it goes.
      else this.#progress.note(...statusOf(this.#stage, world))
      await this.#pause()
    }
  }

  async #reached(already: boolean): Promise<Reached> {
    const { service, clock, patience } = this.#tools
    const reachedAtMs = clock.monotonic()
    const operation =
      this.#operation ??
      (this.#stage.name === 'create' ? await findCreation(this.#scene, service, patience) : undefined)
    const durationMs = reachedAtMs - this.#startedAt
    return { already, durationMs, acceptedAtMs: this.#acceptedAtMs, reachedAtMs, operation }
  }

  async #send(): Promise<void> {
    const { service, clock, patience } = this.#tools
    const { request } = this.#stage
    if (request === undefined) return
    this.#wasRefused = false
    this.#say(capital(this.#stage.toDo))
    const now = clock.monotonic()
    try {
      this.#acceptedAtMs ??= now
      this.#operation = await request(service, patience)
      this.#sent = 'accepted'
      this.#tools.onOperation(this.#operation)
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (isUncertain(error.errorClass)) this.#uncertain(error)
      else this.#refused(error)
    }
  }

  /** Nobody knows whether it was carried out: the next look tells. */
  #uncertain(failure: ServiceFailure): void {
    const now = this.#tools.clock.monotonic()
    this.#sent = 'uncertain'
    this.#uncertainSince ??= now
    if (failure.errorClass === 'cancelled' || now - this.#uncertainSince > uncertainMs) throw failure
    this.#say(`${failure.message} Whether it was carried out is looked at.`)
  }

  #refused(failure: ServiceFailure): void {
    const now = this.#tools.clock.monotonic()
    this.#wasRefused = true
    this.#refusedSince ??= now
    const allowedMs = this.#sent === 'uncertain' ? hiddenMs : this.#stage.refusableMs
    if (!refusals.has(failure.errorClass) || now - this.#refusedSince >= allowedMs) throw failure
    this.#say(`${failure.message} It is tried again for some seconds.`)
  }

  /** A failed operation is the end. It is asked for now and then, and more often while the state doesn't tell of it. */
  async #checkOperation(state: StageState, round: number): Promise<void> {
    const { service, patience } = this.#tools
    const isDue = state === 'under way' ? round % 5 === 4 : round % 2 === 1 || typeof state === 'object'
    if (this.#stage.name === 'create' && typeof state === 'object') {
      this.#operation ??= await findCreation(this.#scene, service, patience)
    }
    if (this.#operation === undefined || !isDue) return
    const seen = await service
      .getOperation(this.#operation.id, { ...patience, attempts: 1 })
      .catch((error: unknown) => {
        if (error instanceof ServiceFailure) return undefined
        throw error
      })
    const { status, errorCode, errorDetails } = seen ?? this.#operation
    if (operationStage(status) !== 'failed') return
    const said = [errorCode, errorDetails].filter(Boolean).join(': ')
    const broken = typeof state === 'object' ? `; ${state.brokenBecause}` : ''
    throw this.#failed(`${said.replace(/\.$/, '') || 'Lightsail gave no reason'}${broken}`)
  }

  #failed(reason: string): StageFailure {
    return new StageFailure(`Could not ${this.#stage.toDo}: ${reason}.`, '', { open: false, sent: 'no' })
  }

  #timedOut(world: World): StageFailure {
    const [subject, status] = statusOf(this.#stage, world)
    const lasted = durationText(this.#tools.clock.monotonic() - this.#startedAt)
    return new StageFailure(
      `The time of this step (wait-timeout) is over, and it still had to ${this.#stage.toDo}: after ${lasted} of that, ${subject} is ${status}.`,
      'Raise wait-timeout for the next time.',
      { open: true, sent: this.sent },
    )
  }

  async #pause(): Promise<void> {
    const { clock, patience } = this.#tools
    const { share, leastMs, mostMs } = this.#stage.pace
    const lastedMs = clock.monotonic() - this.#startedAt
    const wantedMs = Math.min(mostMs, Math.max(leastMs, lastedMs * share))
    const ms = Math.ceil(this.#wasRefused ? Math.max(wantedMs, afterRefusalMs) : wantedMs)
    const leftMs = Math.max(1, patience.untilMs - clock.monotonic())
    await this.#progress.sleep(Math.min(ms, leftMs), patience.signal)
  }
}

function statusOf({ looksAt, name }: Stage, world: World): [subject: string, status: string] {
  const thing = world[looksAt]
  if (thing === undefined) return [looksAt === 'instance' ? 'the instance' : 'the disk', 'not visible yet']
  const kind = looksAt === 'instance' ? 'instance' : 'disk'
  return [
    `${kind} "${thing.name}"`,
    name === 'check' ? `${thing.state}, and does not show the disk yet` : thing.state,
  ]
}

const alsoSent: Readonly<Record<Sent, string>> = {
  no: '',
  accepted: ' Lightsail is at it and goes on.',
  uncertain: ' The request had been sent: Lightsail may still carry it out.',
}

function cancelled(stage: Stage, sent: Sent): StageFailure {
  const message = `This step was cancelled before it could ${stage.toDo}.${alsoSent[sent]}`
  return new StageFailure(message, '', { open: true, sent })
}
