/** What a snapshot is taken of: a block storage disk, or an instance's system disk. */
export type SourceType = 'disk' | 'instance'

export interface Source {
  readonly type: SourceType
  readonly name: string
}

/** A source as a person knows it: `disk "shop-data"`. */
export function subjectOf(source: Source): string {
  return `${source.type} "${source.name}"`
}

export interface Tag {
  readonly key: string
  /** Undefined: a tag without a value. */
  readonly value: string | undefined
}

/** A disk snapshot as the service describes it; null where it says nothing. */
export interface DiskSnapshot {
  readonly name: string
  readonly arn: string | null
  /** The service's word, see `snapshotStates`. */
  readonly state: string
  /** The service's text, such as `42%`. */
  readonly progress: string | null
  readonly sizeInGb: number | null
  readonly createdAt: Date | null
  readonly source: Source | null
  /** The source's ARN: two disks that had one name at different times differ in it. */
  readonly sourceArn: string | null
  readonly tags: readonly Tag[]
  /** Whether the service took it by itself. */
  readonly isAutomatic: boolean
}

/** A block storage disk as the service describes it; null where it says nothing. */
export interface Disk {
  readonly name: string
  readonly arn: string | null
  /** The service's word: `pending`, `available`, `in-use`, `error` or `unknown`. */
  readonly state: string
  readonly sizeInGb: number | null
  readonly availabilityZone: string | null
  /** The instance that it is attached to, and where. */
  readonly attachedTo: string | null
  readonly path: string | null
  readonly tags: readonly Tag[]
}

/** A disk as an instance has it. */
export interface InstanceDisk {
  /** Empty if the service doesn't name it, as it does for system disks. */
  readonly name: string
  readonly path: string | null
  readonly isSystemDisk: boolean
  readonly sizeInGb: number | null
}

/** An instance as the service describes it; null where it says nothing. */
export interface Instance {
  readonly name: string
  readonly arn: string | null
  /** The service's word: `pending`, `running`, `stopping`, `stopped` and others. */
  readonly state: string
  readonly availabilityZone: string | null
  /** A public address that isn't static changes when the instance is stopped and started. */
  readonly hasStaticIp: boolean
  readonly disks: readonly InstanceDisk[]
}

/** An operation as the service describes it; null where it says nothing. */
export interface Operation {
  readonly id: string
  /** What it works on, such as `DiskSnapshot`. */
  readonly resourceType: string
  readonly resourceName: string
  /** What it does, such as `CreateDiskSnapshot`. */
  readonly operationType: string
  /** The service's word, see `operationStatuses`. */
  readonly status: string
  readonly createdAt: Date | null
  readonly errorCode: string | null
  readonly errorDetails: string | null
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined
}

/** Where something is on its way: over and well, over and not, or neither. */
export type Stage = 'running' | 'done' | 'failed'

const snapshotStates: ReadonlyMap<string, Stage> = new Map([
  ['pending', 'running'],
  ['unknown', 'running'],
  ['completed', 'done'],
  ['error', 'failed'],
])

const operationStatuses: ReadonlyMap<string, Stage> = new Map([
  ['NotStarted', 'running'],
  ['Started', 'running'],
  ['Completed', 'done'],
  ['Succeeded', 'done'],
  ['Failed', 'failed'],
])

/** The stage of a snapshot state; a word that isn't in the table is no end. */
export function snapshotStage(state: string): Stage {
  return snapshotStates.get(state) ?? 'running'
}

/** The stage of an operation status; a word that isn't in the table is no end. */
export function operationStage(status: string): Stage {
  return operationStatuses.get(status) ?? 'running'
}
