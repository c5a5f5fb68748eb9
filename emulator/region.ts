import { randomUUID } from 'node:crypto'
import { invalidInput, notFound } from './errors.js'
import { isVisible, type Life, operationAt, snapshotAt } from './lifecycle.js'
import { RateLimit } from './rate-limit.js'
import type { Disk, DiskSnapshot, Instance, Operation, Resource, Tag } from './wire.js'

const account = '123456789012'

/** A snapshot or an operation as it was stored; what changes with time is computed when it is read. */
interface Stored<T> {
  readonly fixed: T
  readonly life: Life
}
type FixedSnapshot = Omit<DiskSnapshot, 'state' | 'progress'>
type FixedOperation = Pick<
  Operation,
  'id' | 'resourceName' | 'resourceType' | 'createdAt' | 'location' | 'operationDetails' | 'operationType'
>

/** Everything that one account holds in one Region. */
export class Region {
  readonly name: string
  readonly disks = new Map<string, Disk>()
  readonly instances = new Map<string, Instance>()
  readonly rate = new RateLimit()
  private readonly snapshots = new Map<string, Stored<FixedSnapshot>>()
  private readonly operations: Stored<FixedOperation>[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Throws InvalidInputException when any resource of any kind has this name. */
  checkNameIsFree(name: string): void {
    if (this.disks.has(name) || this.instances.has(name) || this.snapshots.has(name)) {
      throw invalidInput(`Some names are already in use: ${name}`, 'NameExists')
    }
  }

  /** Puts a block storage disk into the Region, in use when `attachedTo` names an instance. */
  addDisk(name: string, sizeInGb: number, now: number, attachedTo?: string): Disk {
    this.checkNameIsFree(name)
    const disk: Disk = {
      ...this.resource('Disk', name, now, []),
      resourceType: 'Disk',
      sizeInGb,
      isSystemDisk: false,
      iops: 100,
      state: attachedTo === undefined ? 'available' : 'in-use',
      isAttached: attachedTo !== undefined,
      ...(attachedTo === undefined ? {} : { attachedTo, path: '/dev/xvdf' }),
    }
    this.disks.set(name, disk)
    return disk
  }

  /** Puts a running instance with a system disk of `sizeInGb` into the Region. */
  addInstance(name: string, sizeInGb: number, now: number): Instance {
    this.checkNameIsFree(name)
    const instance: Instance = {
      ...this.resource('Instance', name, now, []),
      resourceType: 'Instance',
      blueprintId: 'wordpress',
      blueprintName: 'WordPress',
      bundleId: 'small_3_0',
      isStaticIp: false,
      privateIpAddress: '172.26.1.10',
      publicIpAddress: '192.0.2.10',
      hardware: {
        cpuCount: 2,
        ramSizeInGb: 2,
        disks: [{ sizeInGb, isSystemDisk: true, iops: 100, path: '/dev/xvda', attachedTo: name }],
      },
      state: { code: 16, name: 'running' },
      username: 'bitnami',
    }
    this.instances.set(name, instance)
    return instance
  }

  /** The instance with its block storage disks listed behind the system disk; NotFoundException. */
  instance(name: string): Instance {
    const instance = this.instances.get(name)
    if (instance === undefined) throw notFound('Instance', name)
    const attached = [...this.disks.values()].filter((disk) => disk.attachedTo === name)
    return {
      ...instance,
      hardware: { ...instance.hardware, disks: [...instance.hardware.disks, ...attached] },
    }
  }

  /** The disk; NotFoundException. */
  disk(name: string): Disk {
    const disk = this.disks.get(name)
    if (disk === undefined) throw notFound('Disk', name)
    return disk
  }

  /** Stores a new snapshot of `source` and its two operations, the snapshot's own first. */
  addSnapshot(name: string, source: Disk | Instance, tags: Tag[], life: Life): Operation[] {
    this.checkNameIsFree(name)
    this.snapshots.set(name, {
      fixed: {
        ...this.resource('DiskSnapshot', name, life.startedAt, tags),
        resourceType: 'DiskSnapshot',
        isFromAutoSnapshot: false,
        ...originOf(source),
      },
      life,
    })
    return [
      this.addOperation('DiskSnapshot', name, source.name, life),
      this.addOperation(source.resourceType, source.name, name, life),
    ]
  }

  /** The snapshot as it is at `now` (milliseconds since the epoch); NotFoundException, also while it is invisible. */
  snapshot(name: string, now: number): DiskSnapshot {
    const stored = this.snapshots.get(name)
    if (stored === undefined || !isVisible(stored.life, now)) throw notFound('DiskSnapshot', name)
    return { ...stored.fixed, ...snapshotAt(stored.life, now) }
  }

  /** Every snapshot that can be found at `now`, oldest first. */
  allSnapshots(now: number): DiskSnapshot[] {
    return [...this.snapshots.values()]
      .filter((stored) => isVisible(stored.life, now))
      .map((stored) => ({ ...stored.fixed, ...snapshotAt(stored.life, now) }))
  }

  /** Takes a snapshot away, as somebody with the console would. NotFoundException. */
  removeSnapshot(name: string): void {
    if (!this.snapshots.delete(name)) throw notFound('DiskSnapshot', name)
  }

  /** Every operation as it is at `now`, newest first. */
  allOperations(now: number): Operation[] {
    return this.operations.map((stored) => readOperation(stored, now)).reverse()
  }

  private addOperation(
    resourceType: Resource['resourceType'],
    resourceName: string,
    operationDetails: string,
    life: Life,
  ): Operation {
    const stored = {
      fixed: {
        id: randomUUID(),
        resourceName,
        resourceType,
        createdAt: life.startedAt / 1000,
        location: this.location(resourceType),
        operationDetails,
        operationType: 'CreateDiskSnapshot' as const,
      },
      life,
    }
    this.operations.push(stored)
    return readOperation(stored, life.startedAt)
  }

  private resource(resourceType: Resource['resourceType'], name: string, now: number, tags: Tag[]): Resource {
    const id = randomUUID()
    return {
      name,
      arn: `arn:aws:lightsail:${this.name}:${account}:${resourceType}/${id}`,
      supportCode: `${account}/${id.slice(0, 8)}`,
      createdAt: now / 1000,
      location: this.location(resourceType),
      resourceType,
      tags,
    }
  }

  private location(resourceType: Resource['resourceType']): Resource['location'] {
    return {
      availabilityZone: resourceType === 'DiskSnapshot' ? 'all' : `${this.name}a`,
      regionName: this.name,
    }
  }
}

function readOperation(stored: Stored<FixedOperation>, now: number): Operation {
  // The operation can't be over in the very answer that starts it.
  const moment = operationAt(stored.life, now)
  return { ...stored.fixed, ...moment }
}

type Origin = Pick<
  DiskSnapshot,
  'sizeInGb' | 'fromDiskName' | 'fromDiskArn' | 'fromInstanceName' | 'fromInstanceArn'
>

function originOf(source: Disk | Instance): Origin {
  if (source.resourceType === 'Disk') {
    return { sizeInGb: source.sizeInGb, fromDiskName: source.name, fromDiskArn: source.arn }
  }
  const systemDisk = source.hardware.disks.find((disk) => disk.isSystemDisk)
  return {
    sizeInGb: systemDisk?.sizeInGb ?? 0,
    fromInstanceName: source.name,
    fromInstanceArn: source.arn,
  }
}
