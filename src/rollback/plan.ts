import type { Lineage } from '../domain/lineage.js'
import type { TemplateValues } from '../domain/name-template.js'
import type { Parsed } from '../github/parse.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, Instance, Operation, Source, Tag } from '../lightsail/types.js'

/** Where a disk is attached, or is to be. */
export interface Attachment {
  readonly instanceName: string
  readonly path: string
}

/** What the name of a restored disk is made of, beside the run. */
export type NameValues = Pick<TemplateValues, 'source' | 'sha' | 'runAttempt'> & { readonly time?: Date }

/** What a step of restore/ is told, as far as that can be known without asking the service. */
export interface RestoreInputs {
  readonly snapshotName: string | undefined
  readonly source: Source | undefined
  readonly commitSha: string | undefined
  /** The name that the template makes of these. */
  readonly nameFor: (values: NameValues) => Parsed<string>
  readonly availabilityZone: string | undefined
  readonly sizeInGb: number | undefined
  readonly attach: Attachment | undefined
  readonly swap: boolean
  readonly timeoutMs: number
  readonly dryRun: boolean
  readonly region: string
  readonly userTags: readonly Tag[]
  /** What is legal and yet looks like a mistake. */
  readonly warnings: readonly string[]
}

/** What is particular to a swap. */
export interface Swap {
  /** The disk that the restored one takes the place of. */
  readonly previousDiskName: string
  /** Whether the instance was running before the swap: then it is started again, else it stays stopped. */
  readonly wasRunning: boolean
  /** What the restored disk replaces: the first disk of the chain, however many roll-backs there were. */
  readonly original: Pick<Lineage, 'name' | 'arn'>
  /** Whether this step resumes a swap that an earlier one began, with its disk. */
  readonly isResumed: boolean
}

/** What has to be done about an earlier swap before this one begins. */
export interface Repair {
  /**
   * `record`: it came to its end, and its tags don't say so yet. `bring back`: it left the instance stopped or the place empty,
   * and is of another snapshot, so the instance has to run first.
   */
  readonly kind: 'record' | 'bring back'
  /** The disk that it put in place, or was going to. */
  readonly disk: Disk
  readonly attachment: Attachment
  readonly swap: Swap
}

/** Everything that a step is going to do, decided and checked before anything is changed. */
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

/** The things that a step works on, as they were last seen; undefined if there is no such thing. */
export interface Resources {
  readonly restored: Disk | undefined
  readonly previous: Disk | undefined
  readonly instance: Instance | undefined
}

/** Whether the disk is where it is to be. */
export function isAt(disk: Disk | undefined, attachment: Attachment): boolean {
  return (
    disk?.attachedTo === attachment.instanceName && disk.path === attachment.path && disk.state === 'in-use'
  )
}

/** A command of the AWS CLI. */
export interface Command {
  readonly text: string
  /** A line of shell that ends when the command's work is done; the next one would be refused before. Empty if it is done at once. */
  readonly wait: string
}

/** What the stages ask of the service. */
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

/** Where a stage is: over, to be requested, on its way, or never to be reached. */
export type StageState = 'reached' | 'ready' | 'in progress' | { readonly brokenBecause: string }

/** How long the pauses between two looks are, in milliseconds: in proportion to how long the stage has lasted. */
export interface Pace {
  readonly share: number
  readonly leastMs: number
  readonly mostMs: number
}

/** One stage of a roll-back. It is carried out by its states alone, so that it can be begun again at any point. */
export interface Stage {
  readonly name: StageName
  /** The thing that shows how far the stage is. */
  readonly looksAt: keyof Resources
  readonly pace: Pace
  /** How long refusals are retried, in milliseconds: what came before may not be known everywhere in the service yet. */
  readonly refusableMs: number
  /** Whether it continues beyond wait-timeout, and after an operation that failed: without it the site stays down. */
  readonly isVital: boolean
  /** What a person reads of it: before, and once it is reached. */
  readonly toDo: string
  readonly done: string
  stateIn(resources: Resources): StageState
  /** The world once the stage is reached, as far as that matters to the others. */
  after(resources: Resources): Resources
  /** Sends the request; undefined for a stage that only waits. */
  readonly request: ((service: StageService, patience: Patience) => Promise<Operation>) | undefined
  /** The command that does the same by hand, where there is one. */
  readonly command: Command | undefined
}

/** What has become of a stage's request: `accepted` and not known to have failed, `uncertain` if the response was lost. */
export type Sent = 'no' | 'accepted' | 'uncertain'
