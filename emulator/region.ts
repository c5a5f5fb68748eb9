import { invalidInput } from './errors.js'
import { settled } from './lifecycle.js'
import {
  attached,
  capturedSize,
  instanceStates,
  loose,
  newDisk,
  newInstance,
  pathsTaken,
  readDisk,
  readInstance,
  type StoredDisk,
  type StoredInstance,
} from './machines.js'
import { OperationLog } from './operation-log.js'
import { RateLimit } from './rate-limit.js'
import { newArn } from './resource.js'
import { Shelf } from './shelf.js'
import {
  lifeIn,
  newSnapshot,
  originNamed,
  readSnapshot,
  type SnapshotSeed,
  type StoredSnapshot,
} from './snapshots.js'
import type { Disk, DiskSnapshot, Instance, Location, Operation, Tag } from './wire.js'

/** What may be said of a disk that is put into a Region. */
export interface DiskChoices {
  /** Default: its instance's, or the first of the Region. */
  readonly availabilityZone?: string
  /** Where it is attached. Default: the first path from `/dev/xvdf` on that is free. */
  readonly path?: string
  readonly tags?: readonly Tag[]
}

/** What may be said of an instance that is put into a Region. */
export interface InstanceChoices {
  /** Default: the first of the Region. */
  readonly availabilityZone?: string
  /** Default: `running`. */
  readonly state?: 'running' | 'stopped'
  /** Whether it keeps its public address when it is stopped. Default: false. */
  readonly isStaticIp?: boolean
}

/** Everything that one account holds in one Region. */
export class Region {
  readonly name: string
  readonly disks = new Shelf<StoredDisk>('Disk')
  readonly instances = new Shelf<StoredInstance>('Instance')
  readonly snapshots = new Shelf<StoredSnapshot>('DiskSnapshot')
  readonly operations = new OperationLog()
  readonly rate = new RateLimit()
  #addresses = 0

  constructor(name: string) {
    this.name = name
  }

  /** Throws InvalidInputException when any resource of any kind has this name at `now` (milliseconds since the epoch). */
  checkNameIsFree(name: string, now: number): void {
    if ([this.disks, this.instances, this.snapshots].some((shelf) => shelf.hasName(name, now))) {
      throw invalidInput(`Some names are already in use: ${name}`, 'NameExists')
    }
  }

  /** Throws InvalidInputException unless the Region has this Availability Zone. */
  checkZone(availabilityZone: string): void {
    if (!['a', 'b', 'c'].some((letter) => availabilityZone === `${this.name}${letter}`)) {
      throw invalidInput(`The Availability Zone is not valid: ${availabilityZone}`, 'InvalidAvailabilityZone')
    }
  }

  /** A place in the Region; a snapshot is in `all` of its Availability Zones. */
  location(availabilityZone = `${this.name}a`): Location {
    return { availabilityZone, regionName: this.name }
  }

  /** Another public address than the last one. */
  nextAddress(): string {
    this.#addresses += 1
    return `192.0.2.${9 + (this.#addresses % 240)}`
  }

  /** Puts a block storage disk into the Region, in use when `attachedTo` names an instance; NotFoundException. */
  addDisk(name: string, sizeInGb: number, now: number, attachedTo?: string, choices: DiskChoices = {}): Disk {
    this.checkNameIsFree(name, now)
    const instance = attachedTo === undefined ? undefined : this.instances.find(attachedTo, now)
    const zone = choices.availabilityZone ?? instance?.fixed.location.availabilityZone
    const particulars = { name, location: this.location(zone), createdAt: now, tags: choices.tags ?? [] }
    const moment =
      attachedTo === undefined
        ? loose('available')
        : attached(attachedTo, choices.path ?? this.firstFreePath(attachedTo, now))
    this.disks.put(name, newDisk(particulars, sizeInGb, settled(moment)))
    return this.disk(name, now)
  }

  /** Puts an instance with a system disk of `sizeInGb` into the Region. */
  addInstance(name: string, sizeInGb: number, now: number, choices: InstanceChoices = {}): Instance {
    this.checkNameIsFree(name, now)
    const { availabilityZone, state = 'running', isStaticIp = false } = choices
    const particulars = { name, location: this.location(availabilityZone), createdAt: now, tags: [] }
    const address = state === 'running' || isStaticIp ? { publicIpAddress: this.nextAddress() } : {}
    const moment = { state: instanceStates[state], ...address }
    this.instances.put(name, newInstance(particulars, sizeInGb, isStaticIp, moment))
    return this.instance(name, now)
  }

  /** Puts a snapshot into the Region that is there already, without an operation; behind those that came before, whatever its age. */
  putSnapshot(seed: SnapshotSeed): void {
    const { name, source, createdAt, tags = [], state = 'completed', isFromAutoSnapshot = false } = seed
    this.checkNameIsFree(name, createdAt)
    const kind = source.type === 'disk' ? 'Disk' : 'Instance'
    const known = (kind === 'Disk' ? this.disks : this.instances).last(source.name)?.fixed
    const arn = source.arn ?? known?.arn ?? newArn(kind, this.name)
    const sizeInGb = seed.sizeInGb ?? (known === undefined ? 8 : capturedSize(known))
    const particulars = { name, location: this.location('all'), createdAt, tags }
    const origin = originNamed(kind, source.name, arn, sizeInGb)
    this.snapshots.put(name, newSnapshot(particulars, origin, lifeIn(state, createdAt), isFromAutoSnapshot))
  }

  /** The disk as it is at `now` (milliseconds since the epoch); NotFoundException. */
  disk(name: string, now: number): Disk {
    return readDisk(this.disks.find(name, now), now)
  }

  /** The instance as it is at `now` (milliseconds since the epoch), its block storage disks listed behind the system disk; NotFoundException. */
  instance(name: string, now: number): Instance {
    const stored = this.instances.find(name, now)
    const disks = this.disks
      .names(now)
      .map((disk) => this.disk(disk, now))
      .filter((disk) => disk.attachedTo === name)
    return readInstance(stored, disks, now)
  }

  /** The paths of the instance that are taken at `now` (milliseconds since the epoch), or about to be. */
  pathsTaken(instanceName: string, now: number): string[] {
    return this.disks.names(now).flatMap((disk) => pathsTaken(this.disks.find(disk, now), instanceName, now))
  }

  /** The first path from `/dev/xvdf` on that is free on the instance. */
  private firstFreePath(instanceName: string, now: number): string {
    const taken = this.pathsTaken(instanceName, now)
    const path = [...'fghijklmnopqrstuvwxyz']
      .map((letter) => `/dev/xvd${letter}`)
      .find((each) => !taken.includes(each))
    if (path === undefined) throw invalidInput(`The instance ${instanceName} has no free disk path.`)
    return path
  }

  /** The snapshot as it is at `now` (milliseconds since the epoch); NotFoundException, also while it is invisible. */
  snapshot(name: string, now: number): DiskSnapshot {
    return readSnapshot(this.snapshots.find(name, now), now)
  }

  /** Every snapshot that can be found at `now`, in the order in which they came. */
  allSnapshots(now: number): DiskSnapshot[] {
    return this.snapshots.names(now).map((name) => this.snapshot(name, now))
  }

  /** Takes a snapshot away, as somebody with the console would. NotFoundException. */
  removeSnapshot(name: string): void {
    this.snapshots.discard(name)
  }

  /** Every operation as it is at `now`, newest first. */
  allOperations(now: number): Operation[] {
    return this.operations.ids().map((id) => this.operations.read(id, now))
  }
}
