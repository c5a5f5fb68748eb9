/** The source of a snapshot: a block storage disk, or an instance's system disk. */
export type SourceType = 'disk' | 'instance'

export interface Source {
  readonly type: SourceType
  readonly name: string
}

/** A source in words for a person: `disk "shop-data"`. */
export function subjectOf(source: Source): string {
  return `${source.type} "${source.name}"`
}

export interface Tag {
  readonly key: string
  /** Undefined: a tag without a value. */
  readonly value: string | undefined
}

/** The state of a snapshot, and the values of the output `state`. */
export type SnapshotState = 'pending' | 'completed' | 'error'

/** The status of an operation. */
export type OperationStatus = 'started' | 'succeeded' | 'failed'

/** A disk snapshot; null for what the service doesn't say. */
export interface DiskSnapshot {
  readonly name: string
  readonly arn: string | null
  readonly state: SnapshotState
  /** The service's text, such as `42%`. */
  readonly progress: string | null
  readonly sizeInGb: number | null
  readonly createdAt: Date | null
  readonly source: Source | null
  /** The source's ARN: two disks that had one name at different times differ in it. */
  readonly sourceArn: string | null
  readonly tags: readonly Tag[]
  /** Whether the service took it automatically. */
  readonly isAutomatic: boolean
}

/** A block storage disk; null for what the service doesn't say. */
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
  /** The id of its volume, such as `vol-0a1b2c`, which is also the device's serial number on the instance. */
  readonly volumeId: string | null
  readonly tags: readonly Tag[]
}

/** A disk of an instance. */
export interface InstanceDisk {
  /** Empty if the service doesn't name it, as it does for system disks. */
  readonly name: string
  readonly path: string | null
  readonly isSystemDisk: boolean
  readonly sizeInGb: number | null
}

/** An instance; null for what the service doesn't say. */
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

/** What is needed to log in to an instance with SSH; empty for what the service doesn't say. */
export interface InstanceAccess {
  readonly userName: string
  /** The public IPv4 address, or else an IPv6 address. */
  readonly address: string
  readonly privateKey: string
  /** The certificate of the key, which makes the instance accept it for some minutes. */
  readonly certificate: string
  readonly hostKeys: readonly HostKey[]
}

/** A public key by which the instance's SSH server is recognized. */
export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly algorithm: string
  /** In base64. */
  readonly publicKey: string
}

/** An operation; null for what the service doesn't say. */
export interface Operation {
  readonly id: string
  /** What it works on, such as `DiskSnapshot`. */
  readonly resourceType: string
  readonly resourceName: string
  /** What it does, such as `CreateDiskSnapshot`. */
  readonly operationType: string
  readonly status: OperationStatus
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
