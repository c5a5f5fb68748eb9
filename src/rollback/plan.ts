import type { Lineage } from '../domain/lineage.js'
import type { TemplateValues } from '../domain/name-template.js'
import type { Parsed } from '../github/parse.js'
import type { Disk, DiskSnapshot, Instance, Source, Tag } from '../lightsail/types.js'

/** Where a disk is attached, or is to be. */
export interface Place {
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
  readonly attach: Place | undefined
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
  readonly place: Place
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
  readonly place: Place | undefined
  readonly swap: Swap | undefined
  readonly repairs: readonly Repair[]
}

/** The things that a step works on, as they were last seen; undefined if there is no such thing. */
export interface World {
  readonly restored: Disk | undefined
  readonly previous: Disk | undefined
  readonly instance: Instance | undefined
}

/** Whether the disk is where it is to be. */
export function isAt(disk: Disk | undefined, place: Place): boolean {
  return disk?.attachedTo === place.instanceName && disk.path === place.path && disk.state === 'in-use'
}
