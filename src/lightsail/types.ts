/** The source of a snapshot: a block storage disk, or an instance. */
export type SourceType = 'disk' | 'instance'

/** What a snapshot holds: one disk (of an instance, its system disk), or a whole instance with its attached disks. */
export const allSnapshotTypes = ['disk', 'instance'] as const
export type SnapshotType = (typeof allSnapshotTypes)[number]

export interface Source {
  readonly type: SourceType
  readonly name: string
}

/** A source in words for a person: `disk "shop-data"`. */
export function subjectOf(source: Source): string {
  return `${source.type} "${source.name}"`
}

// The same for other resources.
export const diskCalled = (name: string) => `disk "${name}"`
export const instanceCalled = (name: string) => `instance "${name}"`
export const snapshotCalled = (name: string) => `snapshot "${name}"`
export const staticIpCalled = (name: string) => `static IP "${name}"`

export interface Tag {
  readonly key: string
  /** Undefined: a tag without a value. */
  readonly value: string | undefined
}

/** The state of a snapshot, and the values of the output `state`. */
export type SnapshotState = 'pending' | 'completed' | 'error'

/** The status of an operation. */
export type OperationStatus = 'started' | 'succeeded' | 'failed'

/** A snapshot of either type; null for what the service doesn't say. */
export interface DiskSnapshot {
  readonly type: SnapshotType
  readonly name: string
  readonly arn: string | null
  readonly state: SnapshotState
  /** The service's text, such as `42%`. An instance snapshot has none. */
  readonly progress: string | null
  /** Of an instance snapshot: the system disk and the attached disks together. */
  readonly sizeInGb: number | null
  readonly createdAt: Date | null
  readonly source: Source | null
  /** The source's ARN: two disks that had one name at different times differ in it. */
  readonly sourceArn: string | null
  readonly tags: readonly Tag[]
  /** Whether the service took it automatically. */
  readonly isAutomatic: boolean
  /** Of an instance snapshot: the bundle of the instance. */
  readonly bundleId: string | null
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
  readonly publicAddress: string | null
  /** The service's word: `dualstack`, `ipv4` or `ipv6`. */
  readonly addressType: string | null
  /** What it has and costs, such as `small_3_0`. */
  readonly bundleId: string | null
  /** The reachability check's status: `passed`, `failed` or `initializing`; null if the service doesn't report it. */
  readonly reachability: string | null
  readonly disks: readonly InstanceDisk[]
  readonly tags: readonly Tag[]
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

/** A public address that stays the same, whichever instance it is attached to. */
export interface StaticIp {
  readonly name: string
  readonly arn: string | null
  readonly address: string | null
  /** The instance that it is attached to. */
  readonly attachedTo: string | null
}

export interface LoadBalancer {
  readonly name: string
  readonly arn: string | null
  /** The names of the instances behind it. */
  readonly instanceNames: readonly string[]
}

/** What an instance has and costs; null for what the service doesn't say. */
export interface Bundle {
  readonly id: string
  /** In US dollars. */
  readonly monthlyPrice: number | null
  readonly cpuCount: number | null
  readonly ramSizeInGb: number | null
  readonly diskSizeInGb: number | null
}

/** A rule of an instance's firewall: ports that it opens, and to whom. */
export interface PortRule {
  readonly fromPort: number
  readonly toPort: number
  readonly protocol: string
  readonly cidrs: readonly string[]
  readonly ipv6Cidrs: readonly string[]
  readonly cidrListAliases: readonly string[]
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined
}
