import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { sayOnce } from '../basics/once.js'
import { Progress } from '../basics/progress.js'
import { capital, durationText } from '../basics/text.js'
import type { Log } from '../github/log.js'
import type { ErrorClass } from '../lightsail/error-classes.js'
import { isUncertain, mayPass } from '../lightsail/error-table.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Operation } from '../lightsail/types.js'
import type { ResourceTracker, Tracked } from './resource-tracker.js'
import {
  cancelled,
  type Reached,
  type Sent,
  type Stage,
  StageFailure,
  type StageService,
  type StageState,
} from './stage.js'

/** What carrying out a stage needs. */
export interface StageTools {
  readonly service: StageService
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
  readonly patience: Patience
  /** Called with the operation that a request has started, as soon as it is known. */
  readonly onOperation: (operation: Operation) => void
}

/** Refusals that may pass: the service may not know the latest state yet. */
const refusals: ReadonlySet<ErrorClass> = new Set(['invalid', 'other', 'not-found', 'name-taken'])

/** How long to keep resending a request whose responses are lost, in milliseconds. */
const uncertainMs = 120_000

/** After a lost response, a refusal may be caused by our own earlier request; its result can stay invisible this long (ms). */
const hiddenMs = 60_000

/** How long (ms) Lightsail may hold the name of a deleted disk. */
const nameHeldMs = 120_000

/** Pause after a refused request, in milliseconds. */
const usualPauseMs = 2000

/**
 * Carries out one stage: looks, sends the request if needed, and looks again until the stage is reached. It depends on states
 * and never on responses, so a lost response does no harm. Throws StageFailure.
 */
export async function carryOut<R extends Tracked<R>>(
  stage: Stage<R>,
  tracker: ResourceTracker<R>,
  tools: StageTools,
): Promise<Reached> {
  const run = new StageRun(stage, tracker, tools)
  try {
    return await run.toEnd()
  } catch (error) {
    if (tools.patience.signal?.aborted) throw cancelled(stage, run.sent)
    if (!(error instanceof Failure) || error instanceof StageFailure) throw error
    const passes = error instanceof ServiceFailure && mayPass(error.errorClass)
    throw new StageFailure(
      `Could not ${stage.toDo}. ${error.message}`,
      error.advice,
      { stage: stage.name, open: passes || run.sent !== 'no', sent: run.sent },
      error,
    )
  }
}

class StageRun<R extends Tracked<R>> {
  readonly #stage: Stage<R>
  readonly #tracker: ResourceTracker<R>
  readonly #tools: StageTools
  readonly #progress: Progress
  readonly #say: (text: string) => void
  readonly #startedAt: number
  #sent: Sent = 'no'
  #operation: Operation | undefined
  #acceptedAtMs: number | undefined
  #uncertainSince: number | undefined
  #refusedSince: number | undefined
  /** The refusal of the last request. */
  #refusal: ServiceFailure | undefined
  /** Lightsail's last objection to the request. */
  #objection = ''

  constructor(stage: Stage<R>, tracker: ResourceTracker<R>, tools: StageTools) {
    this.#stage = stage
    this.#tracker = tracker
    this.#tools = tools
    this.#progress = new Progress(tools.log.info, tools.clock)
    this.#say = sayOnce(tools.log.info)
    this.#startedAt = tools.clock.monotonic()
  }

  /** What became of its request. A refused one counts as not sent. */
  get sent(): Sent {
    return this.#refusal === undefined ? this.#sent : 'no'
  }

  async toEnd(): Promise<Reached> {
    const { clock, patience } = this.#tools
    for (let round = 0; ; round += 1) {
      if (this.#refusal !== undefined) await this.#tracker.refreshContested(patience)
      const resources = await this.#tracker.refresh(this.#stage.looksAt, patience)
      const state = this.#stage.stateIn(resources)
      if (state === 'reached') return this.#reached(round === 0 && this.#stage.request !== undefined)
      await this.#checkOperation(state, round)
      if (typeof state === 'object') throw this.#failed(state.brokenBecause)
      if (clock.monotonic() >= patience.untilMs) throw this.#timedOut()
      if (state === 'ready' && this.#sent !== 'accepted') await this.#send()
      // A status from before the request says nothing about its progress.
      else this.#progress.note(...this.#status)
      await this.#pause()
    }
  }

  get #status(): [subject: string, status: string] {
    const [subject, status] = this.#tracker.statusOf(this.#stage.looksAt)
    return [subject, `${status}${this.#stage.waitsFor ?? ''}`]
  }

  async #reached(already: boolean): Promise<Reached> {
    const { clock, patience } = this.#tools
    const reachedAtMs = clock.monotonic()
    const operation =
      this.#operation ??
      (this.#stage.name === 'create' ? await this.#tracker.findCreation(patience) : undefined)
    const durationMs = reachedAtMs - this.#startedAt
    return { already, durationMs, acceptedAtMs: this.#acceptedAtMs, reachedAtMs, operation }
  }

  async #send(): Promise<void> {
    const { service, clock, patience } = this.#tools
    const { request } = this.#stage
    if (request === undefined) return
    this.#refusal = undefined
    this.#say(capital(this.#stage.toDo))
    const now = clock.monotonic()
    try {
      this.#acceptedAtMs ??= now
      const own = { ...patience, retriesNotNow: false }
      this.#operation = await request(service, this.#isUrgent ? briefly(patience, clock) : own)
      this.#sent = 'accepted'
      this.#tools.onOperation(this.#operation)
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (isUncertain(error.errorClass)) this.#uncertain(error)
      else this.#refused(error)
    }
  }

  /** Whether the stage does its own retries, because it can't wait for the usual ones. */
  get #isUrgent(): boolean {
    return this.#stage.refusableMs >= uncertainMs
  }

  /** Handles a lost response: the next look shows whether the request was carried out. */
  #uncertain(failure: ServiceFailure): void {
    const now = this.#tools.clock.monotonic()
    this.#sent = 'uncertain'
    this.#objection = ` ${failure.message}`
    this.#uncertainSince ??= now
    const allowedMs = Math.max(uncertainMs, this.#stage.refusableMs)
    if (failure.errorClass === 'cancelled' || now - this.#uncertainSince > allowedMs) throw failure
    this.#say(`${failure.message} Checking whether it took effect.`)
  }

  #refused(failure: ServiceFailure): void {
    const now = this.#tools.clock.monotonic()
    this.#refusal = failure
    this.#refusedSince ??= now
    this.#objection = ` ${failure.message}`
    const isRefusal = refusals.has(failure.errorClass) || mayPass(failure.errorClass)
    if (!isRefusal || now - this.#refusedSince >= this.#refusableMs(failure.errorClass)) throw failure
    this.#say(`${failure.message} Retrying.`)
  }

  #refusableMs(errorClass: ErrorClass): number {
    const { refusableMs, notNowMs } = this.#stage
    if (errorClass === 'not-now') return Math.max(notNowMs, refusableMs)
    if (this.#sent === 'uncertain') return Math.max(hiddenMs, refusableMs)
    return errorClass === 'name-taken' ? Math.max(nameHeldMs, refusableMs) : refusableMs
  }

  /** Throws if the operation failed, unless the stage is vital. Polled now and then, and more often if the state doesn't change. */
  async #checkOperation(state: StageState, round: number): Promise<void> {
    const { service, patience } = this.#tools
    const isDue = state === 'in progress' ? round % 5 === 4 : round % 2 === 1 || typeof state === 'object'
    if (this.#stage.name === 'create' && typeof state === 'object') {
      this.#operation ??= await this.#tracker.findCreation(patience)
    }
    if (this.#operation === undefined || !isDue) return
    const found = await orServiceFailure(
      service.getOperation(this.#operation.id, { ...patience, attempts: 1 }),
    )
    const seen = found instanceof ServiceFailure ? undefined : found
    const { status, errorCode, errorDetails } = seen ?? this.#operation
    if (status !== 'failed') return
    const said = [errorCode, errorDetails].filter(Boolean).join(': ')
    const broken = typeof state === 'object' ? `; ${state.brokenBecause}` : ''
    const reason = `${said.replace(/\.$/, '') || 'Lightsail gave no reason'}${broken}`
    if (!this.#stage.isVital) throw this.#failed(reason)
    this.#objection = ` ${reason}.`
    this.#say(`Could not ${this.#stage.toDo}: ${reason}. Retrying.`)
    this.#sent = 'no'
    this.#operation = undefined
  }

  #failed(reason: string): StageFailure {
    return new StageFailure(`Could not ${this.#stage.toDo}: ${reason}.`, '', {
      stage: this.#stage.name,
      open: false,
      sent: 'no',
    })
  }

  #timedOut(): StageFailure {
    const [subject, status] = this.#status
    const lasted = durationText(this.#tools.clock.monotonic() - this.#startedAt)
    return new StageFailure(
      `wait-timeout ran out before this step could ${this.#stage.toDo}. After ${lasted}, ${subject} is ${status}.${this.#objection}`,
      'Increase wait-timeout for next time.',
      { stage: this.#stage.name, open: true, sent: this.sent, operation: this.#operation },
    )
  }

  async #pause(): Promise<void> {
    const { clock, patience } = this.#tools
    const { share, leastMs, mostMs } = this.#stage.pace
    const lastedMs = clock.monotonic() - this.#startedAt
    const wantedMs = Math.min(mostMs, Math.max(leastMs, lastedMs * share))
    const { afterRefusalMs = usualPauseMs } = this.#stage
    const refusedMs = this.#refusal && Math.max(afterRefusalMs, this.#refusal.retryAfterMs ?? 0)
    const ms = Math.ceil(Math.max(wantedMs, refusedMs ?? 0))
    const leftMs = Math.max(1, patience.untilMs - clock.monotonic())
    await this.#progress.sleep(Math.min(ms, leftMs), patience.signal)
  }
}

/** Long enough (ms) for a throttled request to get through. */
const briefMs = 10_000

/** Returns the patience for one of many attempts. */
export function briefly(patience: Patience, clock: Clock): Patience {
  const untilMs = Math.min(patience.untilMs, clock.monotonic() + briefMs)
  return { ...patience, untilMs, retriesNotNow: false }
}
