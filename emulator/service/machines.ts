import { type Course, isInProgress, momentOf, settled } from './lifecycle.js'
import { defaultRules } from './ports.js'
import { newResource, newTags, type ResourceFields } from './resource.js'
import type { TagHistory } from './tags.js'
import type { Bundle, Disk, Instance, IpAddressType, PortRule } from './wire.js'

/** The content of a disk. */
export interface Volume {
  content: string
}

/** The content of a disk to which nothing has been written. */
export const emptyContent = 'empty'

/** The path of an instance's system disk. */
export const systemDiskPath = '/dev/xvda'

/** The members of a disk that change. */
export type DiskMoment = Pick<Disk, 'state' | 'path' | 'attachedTo' | 'isAttached'>

/** A stored disk; its state is computed when it is read. */
export interface StoredDisk {
  readonly fixed: Omit<Disk, keyof DiskMoment | 'tags'>
  readonly tags: TagHistory
  readonly volume: Volume
  readonly course: Course<DiskMoment>
}

/** Returns a block storage disk to store. */
export function newDisk(
  fields: ResourceFields,
  sizeInGb: number,
  course: Course<DiskMoment>,
  content = emptyContent,
): StoredDisk {
  return {
    fixed: { ...newResource('Disk', fields), sizeInGb, isSystemDisk: false, iops: 100 },
    tags: newTags(fields),
    volume: { content },
    course,
  }
}

/** The moment of an unattached disk in this state. */
export function unattached(state: Disk['state']): DiskMoment {
  return { state, isAttached: false }
}

/** The moment of a disk attached to this instance at this path. */
export function attached(instanceName: string, path: string): DiskMoment {
  return { state: 'in-use', isAttached: true, attachedTo: instanceName, path }
}

/** The disk as it is at `now` (milliseconds since the epoch). */
export function readDisk({ fixed, tags, course }: StoredDisk, now: number): Disk {
  return { ...fixed, tags: tags.shownAt(now), ...momentOf(course, now) }
}

/** The paths of the instance that the disk takes at `now` (milliseconds since the epoch), or is about to take. */
export function pathsTaken({ course }: StoredDisk, instanceName: string, now: number): string[] {
  const moments = isInProgress(course, now) ? [course.during, course.after] : [course.after]
  return moments.flatMap(({ attachedTo, path }) =>
    attachedTo === instanceName && path !== undefined ? [path] : [],
  )
}

/** The members of an instance that change. The address is its own, which a static IP takes the place of. */
export type InstanceMoment = Pick<Instance, 'state' | 'publicIpAddress'>

/** A stored instance; its state is computed and its block storage disks are looked up when it is read. */
export interface StoredInstance {
  readonly fixed: Omit<Instance, keyof InstanceMoment | 'isStaticIp' | 'tags'>
  readonly tags: TagHistory
  /** The content of its system disk. */
  readonly volume: Volume
  /** The rules of its firewall. */
  readonly firewall: Course<readonly PortRule[]>
  readonly course: Course<InstanceMoment>
}

/** The states of an instance, with the service's codes. */
export const instanceStates = {
  pending: { code: 0, name: 'pending' },
  running: { code: 16, name: 'running' },
  stopping: { code: 64, name: 'stopping' },
  stopped: { code: 80, name: 'stopped' },
  'shutting-down': { code: 32, name: 'shutting-down' },
} as const satisfies Record<string, Instance['state']>

/** The moment of a stopped instance, which gives its own public address back. */
export const stopped: InstanceMoment = { state: instanceStates.stopped }

/** The moment of a running instance, at its previous address or else at this one. */
export function running(publicIpAddress: string, before: InstanceMoment): InstanceMoment {
  return { publicIpAddress, ...before, state: instanceStates.running }
}

/** What a new instance has. */
export interface Machine {
  readonly bundle: Bundle
  /** The size of its system disk. */
  readonly sizeInGb: number
  /** What is on its system disk. Default: `empty`. */
  readonly content?: string
  readonly ipv6Address: string
  /** Default: `dualstack`. */
  readonly ipAddressType?: IpAddressType
  /** Default: that of the service for the Region. */
  readonly sshKeyName?: string
  /** Default: those of every new instance. */
  readonly rules?: readonly PortRule[]
}

/** Returns an instance to store, with its system disk. */
export function newInstance(
  fields: ResourceFields,
  machine: Machine,
  course: Course<InstanceMoment>,
): StoredInstance {
  const { name } = fields
  const { ipAddressType = 'dualstack', sshKeyName = 'LightsailDefaultKeyPair', sizeInGb } = machine
  const { bundleId, cpuCount, ramSizeInGb } = machine.bundle
  return {
    fixed: {
      ...newResource('Instance', fields),
      blueprintId: 'wordpress',
      blueprintName: 'WordPress',
      bundleId,
      privateIpAddress: '172.26.1.10',
      ipv6Addresses: ipAddressType === 'ipv4' ? [] : [machine.ipv6Address],
      ipAddressType,
      hardware: {
        cpuCount,
        ramSizeInGb,
        disks: [{ sizeInGb, isSystemDisk: true, iops: 100, path: systemDiskPath, attachedTo: name }],
      },
      username: 'bitnami',
      sshKeyName,
    },
    tags: newTags(fields),
    volume: { content: machine.content ?? emptyContent },
    firewall: settled(machine.rules ?? defaultRules),
    course,
  }
}

/** The instance with another public address of its own, as after the loss of a static IP. */
export function readdressed(instance: StoredInstance, publicIpAddress: string): StoredInstance {
  const { during, after, endsAt } = instance.course
  const change = (moment: InstanceMoment): InstanceMoment =>
    moment.publicIpAddress === undefined ? moment : { ...moment, publicIpAddress }
  return { ...instance, course: { during: change(during), after: change(after), endsAt } }
}

/** The instance at `now` (milliseconds since the epoch), with these disks after its system disk and this static address. */
export function readInstance(
  { fixed, tags, course }: StoredInstance,
  disks: readonly Disk[],
  now: number,
  staticAddress?: string,
): Instance {
  const hardware = { ...fixed.hardware, disks: [...fixed.hardware.disks, ...disks] }
  const { state, publicIpAddress } = momentOf(course, now)
  const address = staticAddress ?? (fixed.ipAddressType === 'ipv6' ? undefined : publicIpAddress)
  return {
    ...fixed,
    tags: tags.shownAt(now),
    state,
    ...(address === undefined ? {} : { publicIpAddress: address }),
    isStaticIp: staticAddress !== undefined,
    hardware,
  }
}

/** The size in GB of a snapshot's source: the disk, or the instance's system disk. */
export function capturedSize(source: StoredDisk['fixed'] | StoredInstance['fixed']): number {
  if (source.resourceType === 'Disk') return source.sizeInGb
  return source.hardware.disks.find((disk) => disk.isSystemDisk)?.sizeInGb ?? 0
}
