import type { Disk, Instance, Source, Tag } from '../lightsail/types.js'

/** Where a disk is attached, or is to be. */
export interface Place {
  readonly instanceName: string
  readonly path: string
}

/** What is particular to a swap. */
export interface Swap {
  /** The disk that the restored one takes the place of. */
  readonly previousDiskName: string
  /** Whether the instance was running before the first attempt: then it is started again, else it stays stopped. */
  readonly wasRunning: boolean
}

/** Everything that a step is going to do, decided and checked before anything is changed. */
export interface RestorePlan {
  readonly region: string
  readonly snapshotName: string
  readonly source: Source | undefined
  readonly diskName: string
  readonly availabilityZone: string
  readonly sizeInGb: number
  readonly tags: readonly Tag[]
  /** Undefined where the disk isn't attached to anything. */
  readonly place: Place | undefined
  readonly swap: Swap | undefined
}

/** The things that a step works on, as they were last seen; undefined where there is no such thing. */
export interface World {
  readonly restored: Disk | undefined
  readonly previous: Disk | undefined
  readonly instance: Instance | undefined
}

/** Whether the disk is where it is to be. */
export function isAt(disk: Disk | undefined, place: Place): boolean {
  return disk?.attachedTo === place.instanceName && disk.path === place.path && disk.state === 'in-use'
}
