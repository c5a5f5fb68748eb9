import { invalidInput } from './errors.js'
import type { StoredInstanceSnapshot } from './instance-snapshots.js'
import { momentOf } from './lifecycle.js'
import type { StoredLoadBalancer } from './load-balancers.js'
import { type StoredDisk, type StoredInstance, systemDiskPath, type Volume } from './machines.js'
import { Shelf } from './shelf.js'
import type { StoredSnapshot } from './snapshots.js'
import type { StoredStaticIp } from './static-ips.js'

/** The resources of one account in one Region, and the content of its disks. */
export class Holdings {
  readonly name: string
  /** Returns a unique id. */
  readonly newId: () => string
  readonly disks = new Shelf<StoredDisk>('Disk')
  readonly instances = new Shelf<StoredInstance>('Instance')
  readonly snapshots = new Shelf<StoredSnapshot>('DiskSnapshot')
  readonly instanceSnapshots = new Shelf<StoredInstanceSnapshot>('InstanceSnapshot')
  readonly staticIps = new Shelf<StoredStaticIp>('StaticIp')
  readonly loadBalancers = new Shelf<StoredLoadBalancer>('LoadBalancer')
  /** Returns milliseconds since the epoch. */
  protected readonly clock: () => number

  /** `clock` gives milliseconds since the epoch. */
  constructor(name: string, clock: () => number, newId: () => string) {
    this.name = name
    this.newId = newId
    this.clock = clock
  }

  /** Throws InvalidInputException if any resource has this name at `now` (milliseconds since the epoch). */
  checkNameIsFree(name: string, now: number): void {
    const shelves = [
      this.disks,
      this.instances,
      this.snapshots,
      this.instanceSnapshots,
      this.staticIps,
      this.loadBalancers,
    ]
    if (shelves.some((shelf) => shelf.hasName(name, now))) {
      throw invalidInput(`Some names are already in use: ${name}`, 'NameExists')
    }
  }

  /** The content of the block storage disk; NotFoundException. */
  contentOf(diskName: string): string {
    return this.disks.find(diskName, this.clock()).volume.content
  }

  /** The content of the snapshot; NotFoundException. */
  contentOfSnapshot(snapshotName: string): string {
    return this.snapshots.find(snapshotName, this.clock()).content
  }

  /** The content of the disk that the instance has at `path`; undefined if it has none. */
  contentOfInstance(instanceName: string, path: string): string | undefined {
    return this.#volumeAt(instanceName, path, this.clock())?.content
  }

  /** Sets the content of the block storage disk, attached or not. NotFoundException. */
  setContent(diskName: string, content: string): void {
    this.disks.find(diskName, this.clock()).volume.content = content
  }

  /**
   * Writes to the disk that the instance has at `path`, as a program on it would. Throws unless the instance runs at `now`
   * (milliseconds since the epoch) and has a disk there.
   */
  writeTo(instanceName: string, path: string, content: string, now: number): void {
    const { state } = momentOf(this.instances.find(instanceName, now).course, now)
    if (state.name !== 'running') {
      throw new Error(`The instance ${instanceName} must be running: it is ${state.name}.`)
    }
    const volume = this.#volumeAt(instanceName, path, now)
    if (volume === undefined) throw new Error(`The instance ${instanceName} has no disk at ${path}.`)
    volume.content = content
  }

  #volumeAt(instanceName: string, path: string, now: number): Volume | undefined {
    if (!this.instances.isFound(instanceName, now)) return undefined
    if (path === systemDiskPath) return this.instances.find(instanceName, now).volume
    return this.disksOf(instanceName, now).find(({ course }) => momentOf(course, now).path === path)?.volume
  }

  /** The block storage disks that are attached to the instance at `now` (milliseconds since the epoch). */
  disksOf(instanceName: string, now: number): StoredDisk[] {
    return this.disks
      .names(now)
      .map((name) => this.disks.find(name, now))
      .filter(({ course }) => momentOf(course, now).attachedTo === instanceName)
  }
}
