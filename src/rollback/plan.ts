import { Failure } from '../basics/failure.js'
import type { Lineage } from '../domain/lineage.js'
import type { TemplateValues } from '../domain/name-template.js'
import type { Parsed } from '../github/parse.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, Instance, Operation, Source, Tag } from '../lightsail/types.js'

/** Where a disk is, or will be, attached. */
export interface Attachment {
  readonly instanceName: string
  readonly path: string
}

/** The values for the name of a restored disk, in addition to the run's. */
type NameValues = Pick<TemplateValues, 'source' | 'sha' | 'runAttempt'> & { readonly time?: Date }

/** The inputs of restore/, as far as they are known without asking the service. */
export interface RestoreInputs {
  readonly snapshotName: string | undefined
  readonly source: Source | undefined
  readonly commitSha: string | undefined
  /** Returns the name that the template makes of these values. */
  readonly nameFor: (values: NameValues) => Parsed<string>
  readonly availabilityZone: string | undefined
  readonly sizeInGb: number | undefined
  readonly attach: Attachment | undefined
  readonly swap: boolean
  readonly timeoutMs: number
  readonly dryRun: boolean
  readonly region: string
  readonly userTags: readonly Tag[]
  /** Inputs that are valid but look like a mistake. */
  readonly warnings: readonly string[]
}

/** The details of a swap. */
export interface Swap {
  /** The disk that the restored one replaces. */
  readonly previousDiskName: string
  /** Whether the instance was running before the swap. If so, it is started again; otherwise it stays stopped. */
  readonly wasRunning: boolean
  /** What the restored disk replaces: the first disk of the chain, however many roll-backs there were. */
  readonly original: Pick<Lineage, 'name' | 'arn'>
  /** Whether this step resumes a swap that an earlier one began, with its disk. */
  readonly isResumed: boolean
}

/** What to do about an earlier swap before this one begins. */
export interface Repair {
  /**
   * `record`: it is finished, but its tags don't say so yet. `bring back`: it left the instance stopped, or no disk attached, and is
   * of another snapshot, so the instance has to run first.
   */
  readonly kind: 'record' | 'bring back'
  /** The disk that it attached, or was going to. */
  readonly disk: Disk
  readonly attachment: Attachment
  readonly swap: Swap
}

/** Everything that a step will do, decided and checked before anything is changed. */
export interface RestorePlan {
  readonly region: string
  readonly snapshot: DiskSnapshot
  /** Whether the step has chosen the snapshot; if not, the input names it. */
  readonly isChosen: boolean
  readonly source: Source | undefined
  readonly diskName: string
  readonly availabilityZone: string
  readonly sizeInGb: number
  readonly tags: readonly Tag[]
  /** Undefined if the disk isn't to be attached to anything. */
  readonly attachment: Attachment | undefined
  readonly swap: Swap | undefined
  readonly repairs: readonly Repair[]
}

/** The resources that a step works on, as they were last seen; undefined if missing. */
export interface Resources {
  readonly restored: Disk | undefined
  readonly previous: Disk | undefined
  readonly instance: Instance | undefined
}

/** Whether the disk is attached there. */
export function isAt(disk: Disk | undefined, attachment: Attachment): boolean {
  return (
    disk?.attachedTo === attachment.instanceName && disk.path === attachment.path && disk.state === 'in-use'
  )
}

/** The disk that somebody else, such as another roll-back, has attached there: none of `ours`. */
export function intruderAt(
  { path }: Attachment,
  { instance }: Pick<Resources, 'instance'>,
  ours: readonly (string | undefined)[],
): string | undefined {
  // GetInstance lags behind the disks themselves, so it may still list ours, perhaps without a name.
  return instance?.disks.find((disk) => disk.path === path && disk.name !== '' && !ours.includes(disk.name))
    ?.name
}

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
  | 'stopInstance'
  | 'detachDisk'
  | 'attachDisk'
  | 'startInstance'
  | 'tagResource'
  | 'serviceTime'
  | 'credentialsExpireAt'
>

export type StageName = 'create' | 'stop' | 'detach' | 'attach' | 'start' | 'check'

/** The state of a stage: reached, to be requested, in progress, or impossible. */
export type StageState = 'reached' | 'ready' | 'in progress' | { readonly brokenBecause: string }

/** Pauses between two looks, in milliseconds: a share of the time that the stage has taken so far. */
export interface Pace {
  readonly share: number
  readonly leastMs: number
  readonly mostMs: number
}

/** One stage of a roll-back. It depends only on states, so that it can be resumed at any point. */
export interface Stage {
  readonly name: StageName
  /** The resource that shows the progress of the stage. */
  readonly looksAt: keyof Resources
  readonly pace: Pace
  /** How long (ms) refusals are retried: earlier changes may not have propagated. */
  readonly refusableMs: number
  /** The same for a refusal that says "not now". */
  readonly notNowMs: number
  /** Whether it continues beyond wait-timeout and after a failed operation, because the site is down without it. */
  readonly isVital: boolean
  /** The words for a person, before it and when it is reached. */
  readonly toDo: string
  readonly done: string
  stateIn(resources: Resources): StageState
  /** Returns the resources once the stage is reached, as far as other stages depend on them. */
  after(resources: Resources): Resources
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
export function cancelled(stage: Stage, sent: Sent): StageFailure {
  const message = `This step was cancelled before it could ${stage.toDo}.${alsoSent[sent]}`
  return new StageFailure(message, '', { stage: stage.name, open: true, sent })
}

/** The state of the site when it was brought back. */
export interface BroughtBack {
  /** False if that could not be read: nothing may rely on a state from before the instance was stopped. */
  readonly isUp: boolean
  /** The disk that is attached; undefined if neither is, or that could not be read. */
  readonly disk: 'restored' | 'previous' | undefined
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
export type Journal = ReadonlyMap<Stage, Reached>

/** Downtime, from the stop request until the instance was seen running; undefined if this step didn't do both. */
export function downMs(journal: Journal): number | undefined {
  const found = (name: Stage['name']) => [...journal].find(([stage]) => stage.name === name)?.[1]
  const [stop, start] = [found('stop'), found('start')]
  if (stop?.acceptedAtMs === undefined || start?.acceptedAtMs === undefined) return undefined
  return start.reachedAtMs - stop.acceptedAtMs
}
