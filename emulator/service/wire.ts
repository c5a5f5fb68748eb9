/** The members of a request's body, before they are checked. */
export type Input = Readonly<Record<string, unknown>>

/** Seconds since the epoch with a fraction: a time in JSON 1.1. */
export type EpochSeconds = number

export interface Tag {
  key: string
  value?: string
}

export interface Location {
  availabilityZone: string
  regionName: string
}

/** The members of every resource. */
export interface Resource {
  name: string
  arn: string
  supportCode: string
  createdAt: EpochSeconds
  location: Location
  resourceType: 'Disk' | 'Instance' | 'DiskSnapshot' | 'InstanceSnapshot' | 'StaticIp' | 'LoadBalancer'
  tags: Tag[]
}

export interface Disk extends Resource {
  resourceType: 'Disk'
  sizeInGb: number
  isSystemDisk: boolean
  iops: number
  path?: string
  /** `deleting` is in the API reference, but not in the model's list of states. */
  state: 'pending' | 'available' | 'in-use' | 'error' | 'deleting'
  attachedTo?: string
  isAttached: boolean
}

export type IpAddressType = 'dualstack' | 'ipv4' | 'ipv6'

export interface Instance extends Resource {
  resourceType: 'Instance'
  blueprintId: string
  blueprintName: string
  bundleId: string
  isStaticIp: boolean
  privateIpAddress: string
  publicIpAddress?: string
  ipv6Addresses: string[]
  ipAddressType: IpAddressType
  hardware: { cpuCount: number; ramSizeInGb: number; disks: Partial<Disk>[] }
  state: { code: number; name: string }
  username: string
  sshKeyName: string
  instanceStatus?: HealthStatus
  systemStatus?: HealthStatus
}

/** The health that GetInstance reports if it is asked to. */
export interface HealthStatus {
  status: 'ok' | 'impaired' | 'initializing' | 'not-applicable'
  details: {
    name: 'reachability'
    status: 'passed' | 'failed' | 'initializing'
    impairedSince?: EpochSeconds
  }[]
}

/** A rule of an instance's firewall: the ports that it opens, and to whom. */
export interface PortRule {
  fromPort: number
  toPort: number
  protocol: string
  cidrs: readonly string[]
  ipv6Cidrs: readonly string[]
  cidrListAliases: readonly string[]
}

/** What a client needs to log in to an instance. Members that are set replace the usual ones. */
export interface AccessDetails {
  username?: string
  ipAddress?: string
  ipv6Addresses?: string[]
  privateKey?: string
  certKey?: string
  expiresAt?: EpochSeconds
  hostKeys?: { algorithm: string; publicKey: string }[]
}

export interface DiskSnapshot extends Resource {
  resourceType: 'DiskSnapshot'
  sizeInGb: number
  state: 'pending' | 'completed' | 'error' | 'unknown'
  progress?: string
  fromDiskName?: string
  fromDiskArn?: string
  fromInstanceName?: string
  fromInstanceArn?: string
  isFromAutoSnapshot: boolean
}

/** A snapshot of a whole machine: its system disk and the block storage disks attached to it. */
export interface InstanceSnapshot extends Resource {
  resourceType: 'InstanceSnapshot'
  /** The size of the system disk. */
  sizeInGb: number
  state: 'pending' | 'error' | 'available'
  fromAttachedDisks: Disk[]
  fromInstanceName: string
  fromInstanceArn: string
  fromBlueprintId: string
  fromBundleId: string
  isFromAutoSnapshot: boolean
}

/** A public address that stays the same whichever instance it is attached to. */
export interface StaticIp extends Omit<Resource, 'tags'> {
  resourceType: 'StaticIp'
  ipAddress: string
  attachedTo?: string
  isAttached: boolean
}

export interface LoadBalancer extends Resource {
  resourceType: 'LoadBalancer'
  dnsName: string
  state: 'active'
  protocol: 'HTTP'
  publicPorts: number[]
  healthCheckPath: string
  instancePort: number
  instanceHealthSummary: { instanceName: string; instanceHealth: 'healthy' | 'unused' }[]
}

/** What an instance has and costs a month, in US dollars. */
export interface Bundle {
  bundleId: string
  price: number
  cpuCount: number
  ramSizeInGb: number
  diskSizeInGb: number
  transferPerMonthInGb: number
  isActive: boolean
}

/** The changes that the emulator supports, each named after its request. */
export type OperationType =
  | 'CreateDiskSnapshot'
  | 'DeleteDiskSnapshot'
  | 'CreateDisk'
  | 'CreateDiskFromSnapshot'
  | 'AttachDisk'
  | 'DetachDisk'
  | 'DeleteDisk'
  | 'StopInstance'
  | 'StartInstance'
  | 'CreateInstance'
  | 'CreateInstancesFromSnapshot'
  | 'DeleteInstance'
  | 'CreateInstanceSnapshot'
  | 'DeleteInstanceSnapshot'
  | 'PutInstancePublicPorts'
  | 'AllocateStaticIp'
  | 'AttachStaticIp'
  | 'DetachStaticIp'
  | 'TagResource'
  | 'UntagResource'

export interface Operation {
  id: string
  resourceName: string
  resourceType: Resource['resourceType']
  createdAt: EpochSeconds
  location: Location
  isTerminal: boolean
  operationDetails?: string
  operationType: OperationType
  status: 'NotStarted' | 'Started' | 'Failed' | 'Completed' | 'Succeeded'
  statusChangedAt: EpochSeconds
  errorCode?: string
  errorDetails?: string
}
