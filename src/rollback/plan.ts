import type { Lineage } from '../domain/lineage.js'
import type { TemplateValues } from '../domain/name-template.js'
import type { Parsed } from '../github/parse.js'
import type { Disk, DiskSnapshot, Instance, SnapshotType, Source, Tag } from '../lightsail/types.js'

/** Where a disk is, or will be, attached. */
export interface Attachment {
  readonly instanceName: string
  readonly path: string
}

/** The values for the name of a restored disk or instance, in addition to the run's. */
type NameValues = Pick<TemplateValues, 'source' | 'sha' | 'runAttempt'> & { readonly time?: Date }

/** The inputs of restore/, as far as they are known without asking the service. */
export interface RestoreInputs {
  readonly snapshotName: string | undefined
  readonly source: Source | undefined
  /** The input snapshot-type, or the type of the snapshot that snapshot-name names. */
  readonly snapshotType: SnapshotType
  readonly commitSha: string | undefined
  /** Returns the name that the template for a restored disk or instance makes of these values. */
  readonly nameFor: Readonly<Record<SnapshotType, (values: NameValues) => Parsed<string>>>
  /** The inputs that were given and don't go with a snapshot of this type. */
  readonly misplaced: Readonly<Record<SnapshotType, readonly string[]>>
  readonly availabilityZone: string | undefined
  readonly sizeInGb: number | undefined
  readonly bundleId: string | undefined
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

/** The details of a swap of instances. */
export interface InstanceSwap {
  /** The instance that the restored one replaces. */
  readonly previousName: string
  /** Whether it was running before the swap. If so, it is stopped in the end. */
  readonly wasRunning: boolean
  readonly staticIpName: string
  readonly address: string | null
  /** What the restored instance replaces: the first of the chain, however many roll-backs there were. */
  readonly original: Pick<Lineage, 'name' | 'arn'>
  /** Whether this step resumes a swap that left the static IP attached to nothing. */
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

/** The state of the site when it was brought back. */
export interface BroughtBack {
  /** False if that could not be read: nothing may rely on a state from before the instance was stopped. */
  readonly isUp: boolean
  /** The disk that is attached; undefined if neither is, or that could not be read. */
  readonly disk: 'restored' | 'previous' | undefined
}
