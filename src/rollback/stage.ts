import { Failure } from '../basics/failure.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Operation } from '../lightsail/types.js'
import type { Resources } from './plan.js'

/** A command of the AWS CLI. */
export interface Command {
  readonly text: string
  /** A shell line that waits until the command has taken effect, before which the next would be refused. Empty if not needed. */
  readonly wait: string
}

/** The requests of the stages. */
export type StageService = Pick<
  Lightsail,
  | 'region'
  | 'getDisk'
  | 'getInstance'
  | 'getOperation'
  | 'operationsOf'
  | 'createDiskFromSnapshot'
  | 'createInstanceFromSnapshot'
  | 'getPorts'
  | 'putPorts'
  | 'getStaticIp'
  | 'attachStaticIp'
  | 'detachStaticIp'
  | 'stopInstance'
  | 'detachDisk'
  | 'attachDisk'
  | 'startInstance'
  | 'tagResource'
  | 'serviceTime'
  | 'credentialsExpireAt'
>

export type StageName = 'create' | 'stop' | 'detach' | 'attach' | 'start' | 'check' | 'ports' | 'move'

/** The state of a stage: reached, to be requested, in progress, or impossible. */
export type StageState = 'reached' | 'ready' | 'in progress' | { readonly brokenBecause: string }

/** Pauses between two looks, in milliseconds: a share of the time that the stage has taken so far. */
export interface Pace {
  readonly share: number
  readonly leastMs: number
  readonly mostMs: number
}

/** One stage of a roll-back. It depends only on states, so that it can be resumed at any point. */
export interface Stage<R = Resources> {
  readonly name: StageName
  /** The resource that shows the progress of the stage. */
  readonly looksAt: keyof R
  readonly pace: Pace
  /** How long (ms) refusals are retried: earlier changes may not have propagated. */
  readonly refusableMs: number
  /** The same for a refusal that says "not now". */
  readonly notNowMs: number
  /** The least pause (ms) after a refusal; 2 seconds if it isn't given. */
  readonly afterRefusalMs?: number
  /** Whether it continues beyond wait-timeout and after a failed operation, because the site is down without it. */
  readonly isVital: boolean
  /** The words for a person, before it and when it is reached. */
  readonly toDo: string
  readonly done: string
  /** What to add to the status while it waits. */
  readonly waitsFor?: string
  stateIn(resources: R): StageState
  /** Returns the resources once the stage is reached, as far as other stages depend on them. */
  after(resources: R): R
  /** Sends the request; undefined for a stage that only waits. */
  readonly request: ((service: StageService, patience: Patience) => Promise<Operation>) | undefined
  /** The command that does the same by hand, if there is one. */
  readonly command: Command | undefined
}

/** What became of a stage's request: `accepted` (not known to have failed), or `uncertain` (the response was lost). */
export type Sent = 'no' | 'accepted' | 'uncertain'

/** How far a stage got. */
interface StageEnd {
  readonly stage: StageName
  readonly open: boolean
  readonly sent: Sent
  readonly operation?: Operation | undefined
}

/** The failure of a stage. */
export class StageFailure extends Failure {
  readonly stage: StageName
  /** Whether it may still be reached: nothing has failed permanently. */
  readonly open: boolean
  readonly sent: Sent
  /** The operation of its request, if that was accepted. */
  readonly operation: Operation | undefined

  constructor(message: string, advice: string, { stage, open, sent, operation }: StageEnd, cause?: unknown) {
    super(message, advice, { cause, copyables: cause instanceof Failure ? cause.copyables : [] })
    this.name = 'StageFailure'
    this.stage = stage
    this.open = open
    this.sent = sent
    this.operation = operation
  }
}

const alsoSent: Readonly<Record<Sent, string>> = {
  no: '',
  accepted: ' Lightsail is still working on it.',
  uncertain: ' The request was sent: Lightsail may still carry it out.',
}

/** The failure of a stage that was cancelled. */
export function cancelled(stage: Pick<Stage, 'name' | 'toDo'>, sent: Sent): StageFailure {
  const message = `This step was cancelled before it could ${stage.toDo}.${alsoSent[sent]}`
  return new StageFailure(message, '', { stage: stage.name, open: true, sent })
}

/** A stage that has been reached. */
export interface Reached {
  /** Whether this step had nothing to do for it. */
  readonly already: boolean
  readonly durationMs: number
  /** When the request was sent, on the clock's monotonic time in milliseconds; undefined if none was. */
  readonly acceptedAtMs: number | undefined
  readonly reachedAtMs: number
  readonly operation: Operation | undefined
}

/** The stages reached so far. */
export type Journal<R = Resources> = ReadonlyMap<Stage<R>, Reached>

/** Downtime, from the stop request until the instance was seen running; undefined if this step didn't do both. */
export function downMs(journal: Journal): number | undefined {
  const found = (name: Stage['name']) => [...journal].find(([stage]) => stage.name === name)?.[1]
  const [stop, start] = [found('stop'), found('start')]
  if (stop?.acceptedAtMs === undefined || start?.acceptedAtMs === undefined) return undefined
  return start.reachedAtMs - stop.acceptedAtMs
}
