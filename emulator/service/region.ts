import { randomUUID } from 'node:crypto'
import { bundleOf } from './bundles.js'
import { invalidInput, notFound, operationFailure, pathInUse } from './errors.js'
import {
  capturedContent,
  type InstanceSnapshotSeed,
  newInstanceSnapshot,
  originOfInstance,
  readInstanceSnapshot,
  type StoredInstanceSnapshot,
} from './instance-snapshots.js'
import { momentOf, settled } from './lifecycle.js'
import type { StoredLoadBalancer } from './load-balancers.js'
import {
  attached,
  capturedSize,
  type DiskMoment,
  instanceStates,
  newDisk,
  newInstance,
  pathsTaken,
  readDisk,
  readInstance,
  running,
  type StoredDisk,
  type StoredInstance,
  stopped,
  unattached,
} from './machines.js'
import { Network } from './network.js'
import { OperationLog } from './operation-log.js'
import { RateLimit } from './rate-limit.js'
import { newArn } from './resource.js'
import {
  lifeIn,
  newSnapshot,
  originNamed,
  readSnapshot,
  type SnapshotSeed,
  type StoredSnapshot,
} from './snapshots.js'
import type {
  AccessDetails,
  Disk,
  DiskSnapshot,
  Instance,
  InstanceSnapshot,
  Location,
  Operation,
  Tag,
} from './wire.js'
import { zonesOf } from './zones.js'

/** Options for a disk that is put into a Region. */
export interface DiskChoices {
  /** Default: its instance's, or the first of the Region. */
  readonly availabilityZone?: string
  /** Where it is attached. Default: the first free path from `/dev/xvdf` on. */
  readonly path?: string
  readonly tags?: readonly Tag[]
}

/** Options for an instance that is put into a Region. */
export interface InstanceChoices {
  /** Default: the first of the Region. */
  readonly availabilityZone?: string
  /** Default: `running`. */
  readonly state?: 'running' | 'stopped'
  /** Whether a static IP called `NAME-ip` is attached to it. Default: false. */
  readonly isStaticIp?: boolean
  /** Default: `small_3_0`. */
  readonly bundleId?: string
}

/** A stored resource whose tags can be changed. */
export type Tagged = Pick<
  StoredDisk | StoredInstance | StoredSnapshot | StoredInstanceSnapshot | StoredLoadBalancer,
  'fixed' | 'tags'
>

/** Everything that one account holds in one Region. */
export class Region extends Network {
  readonly operations: OperationLog
  readonly rate = new RateLimit()
  /** By the name of an instance: how a client logs in to it. */
  readonly access = new Map<string, AccessDetails>()

  /** `clock` gives milliseconds since the epoch. */
  constructor(name: string, clock: () => number = Date.now, newId: () => string = randomUUID) {
    super(name, clock, newId)
    this.operations = new OperationLog(newId)
  }

  /** Throws InvalidInputException unless the Region has this Availability Zone. */
  checkZone(availabilityZone: string): void {
    if (!zonesOf(this.name).includes(availabilityZone)) {
      throw invalidInput(`The Availability Zone is not valid: ${availabilityZone}`)
    }
  }

  /** Throws OperationFailureException if `more` disks at `now` (milliseconds since the epoch) would be more than `most` in all. */
  checkDiskQuota(most: number, more: number, now: number): void {
    if (this.disks.names(now).length + more > most) {
      throw operationFailure("You've reached the limit of disks in this account.")
    }
  }

  /** A location in the Region. That of a snapshot is `all` Availability Zones. */
  location(availabilityZone = `${this.name}a`): Location {
    return { availabilityZone, regionName: this.name }
  }

  /** Puts a block storage disk into the Region, attached if `attachedTo` names an instance; NotFoundException. */
  addDisk(name: string, sizeInGb: number, now: number, attachedTo?: string, choices: DiskChoices = {}): Disk {
    this.checkNameIsFree(name, now)
    const instance = attachedTo === undefined ? undefined : this.instances.find(attachedTo, now)
    const zone = choices.availabilityZone ?? instance?.fixed.location.availabilityZone
    const fields = {
      name,
      location: this.location(zone),
      createdAt: now,
      tags: choices.tags ?? [],
      newId: this.newId,
    }
    const moment =
      attachedTo === undefined
        ? unattached('available')
        : attached(attachedTo, choices.path ?? this.firstFreePath(attachedTo, now))
    this.disks.put(name, newDisk(fields, sizeInGb, settled(moment)))
    return this.disk(name, now)
  }

  /** Puts an instance with a system disk of `sizeInGb` into the Region. */
  addInstance(name: string, sizeInGb: number, now: number, choices: InstanceChoices = {}): Instance {
    this.checkNameIsFree(name, now)
    const { availabilityZone, state = 'running', isStaticIp = false, bundleId = 'small_3_0' } = choices
    const fields = {
      name,
      location: this.location(availabilityZone),
      createdAt: now,
      tags: [],
      newId: this.newId,
    }
    const address = state === 'running' ? { publicIpAddress: this.nextAddress() } : {}
    const moment = { state: instanceStates[state], ...address }
    const machine = { bundle: bundleOf(bundleId), sizeInGb, ipv6Address: this.nextIpv6Address() }
    this.instances.put(name, newInstance(fields, machine, settled(moment)))
    if (isStaticIp) this.addStaticIp(`${name}-ip`, now, name)
    return this.instance(name, now)
  }

  /** Puts a finished or stuck snapshot into the Region, without an operation. It comes last in lists, whatever its age. */
  putSnapshot(seed: SnapshotSeed): void {
    const { name, source, createdAt, tags = [], state = 'completed' } = seed
    this.checkNameIsFree(name, createdAt)
    const kind = source.type === 'disk' ? 'Disk' : 'Instance'
    const known = (kind === 'Disk' ? this.disks : this.instances).last(source.name)?.fixed
    const arn = source.arn ?? known?.arn ?? newArn(kind, this.name, this.newId)
    const sizeInGb = seed.sizeInGb ?? (known === undefined ? 8 : capturedSize(known))
    const fields = { name, location: this.location('all'), createdAt, tags, newId: this.newId }
    const origin = originNamed(kind, source.name, arn, sizeInGb)
    this.snapshots.put(name, newSnapshot(fields, origin, lifeIn(state, createdAt), seed))
  }

  /** Puts a finished or stuck instance snapshot into the Region, without an operation. It comes last in lists, whatever its age. */
  putInstanceSnapshot(seed: InstanceSnapshotSeed): void {
    const { name, instanceName, createdAt, tags = [], state = 'available' } = seed
    this.checkNameIsFree(name, createdAt)
    const known = this.instances.last(instanceName)?.fixed
    const origin = {
      sizeInGb: 60,
      fromInstanceName: instanceName,
      fromBlueprintId: 'wordpress',
      fromBundleId: 'small_3_0',
      ...(known === undefined ? {} : originOfInstance(known)),
      ...(seed.sizeInGb === undefined ? {} : { sizeInGb: seed.sizeInGb }),
      fromInstanceArn: seed.instanceArn ?? known?.arn ?? newArn('Instance', this.name, this.newId),
    }
    const fields = { name, location: this.location('all'), createdAt, tags, newId: this.newId }
    const life = lifeIn(state === 'available' ? 'completed' : state, createdAt)
    const captured = capturedContent(seed.content)
    this.instanceSnapshots.put(
      name,
      newInstanceSnapshot(fields, origin, captured, life, seed.isFromAutoSnapshot),
    )
  }

  /** The disk at `now` (milliseconds since the epoch); NotFoundException. */
  disk(name: string, now: number): Disk {
    return readDisk(this.disks.find(name, now), now)
  }

  /**
   * The instance at `now` (milliseconds since the epoch), its block storage disks after the system disk: those that it had
   * `lagMs` before. NotFoundException.
   */
  instance(name: string, now: number, lagMs = 0): Instance {
    const stored = this.instances.find(name, now)
    const disks = this.disks
      .names(now)
      .map((disk) => readDisk(this.disks.find(disk, now), now - lagMs))
      .filter((disk) => disk.attachedTo === name)
    return readInstance(stored, disks, now, this.staticIpOf(name, now)?.ipAddress)
  }

  /** The disk, instance, snapshot or load balancer called `name` at `now` (milliseconds since the epoch); NotFoundException. */
  tagged(name: string, now: number): Tagged {
    const shelves = [this.disks, this.instances, this.snapshots, this.instanceSnapshots, this.loadBalancers]
    const shelf = shelves.find((each) => each.isFound(name, now))
    if (shelf === undefined) throw notFound('Resource', name)
    return shelf.find(name, now)
  }

  /** Sets tags as in the console: reads show them at once. NotFoundException. */
  tag(resourceName: string, tags: readonly Tag[]): void {
    this.tagged(resourceName, this.clock()).tags.addAtOnce(tags)
  }

  /** The paths of the instance that are taken at `now` (milliseconds since the epoch), or about to be. */
  pathsTaken(instanceName: string, now: number): string[] {
    return this.disks.names(now).flatMap((disk) => pathsTaken(this.disks.find(disk, now), instanceName, now))
  }

  /** The first free path of the instance, from `/dev/xvdf` on. */
  private firstFreePath(instanceName: string, now: number): string {
    const taken = this.pathsTaken(instanceName, now)
    const path = [...'fghijklmnopqrstuvwxyz']
      .map((letter) => `/dev/xvd${letter}`)
      .find((each) => !taken.includes(each))
    if (path === undefined) throw invalidInput(`The instance ${instanceName} has no free disk path.`)
    return path
  }

  /** The snapshot at `now` (milliseconds since the epoch); NotFoundException, also while it is invisible. */
  snapshot(name: string, now: number): DiskSnapshot {
    return readSnapshot(this.snapshots.find(name, now), now)
  }

  /** The instance snapshot at `now` (milliseconds since the epoch); NotFoundException, also while it is invisible. */
  instanceSnapshot(name: string, now: number): InstanceSnapshot {
    return readInstanceSnapshot(this.instanceSnapshots.find(name, now), now)
  }

  /** Every visible snapshot at `now`, in order of creation. */
  allSnapshots(now: number): DiskSnapshot[] {
    return this.snapshots.names(now).map((name) => this.snapshot(name, now))
  }

  /** Removes a disk as in the console, whether attached or not. NotFoundException. */
  removeDisk(name: string): void {
    this.disks.discard(name)
  }

  /** Detaches a disk at once as in the console, even from a running instance. NotFoundException. */
  detach(diskName: string): void {
    this.#settle(diskName, unattached('available'))
  }

  /** Attaches a disk at once as in the console; NotFoundException, InvalidInputException. */
  attach(
    diskName: string,
    instanceName: string,
    path = this.firstFreePath(instanceName, this.clock()),
  ): void {
    const now = this.clock()
    const instance = this.instances.find(instanceName, now)
    if (this.pathsTaken(instanceName, now).includes(path)) throw pathInUse(path, instanceName)
    this.#settle(diskName, attached(instance.fixed.name, path))
  }

  #settle(diskName: string, moment: DiskMoment): void {
    const disk = this.disks.find(diskName, this.clock())
    this.disks.change(diskName, { ...disk, course: settled(moment) })
  }

  /** Stops or starts an instance at once as in the console. NotFoundException. */
  setInstanceState(name: string, state: 'running' | 'stopped', now: number): void {
    const instance = this.instances.find(name, now)
    const before = momentOf(instance.course, now)
    const moment = state === 'stopped' ? stopped : running(this.nextAddress(), before)
    this.instances.change(name, { ...instance, course: settled(moment) })
  }

  /** Removes a snapshot as in the console. NotFoundException. */
  removeSnapshot(name: string): void {
    this.snapshots.discard(name)
  }

  /** Every operation at `now`, newest first. */
  allOperations(now: number): Operation[] {
    return this.operations
      .ids()
      .reverse()
      .map((id) => this.operations.read(id, now))
  }
}
