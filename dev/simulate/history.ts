import { snapshotAt } from '../../emulator/service/lifecycle.js'
import type { Region } from '../../emulator/service/region.js'
import type { StoredSnapshot } from '../../emulator/service/snapshots.js'
import { diskPath, instanceName, liveDisk } from './place.js'

// What was true when, whatever the service showed of it. All times are in milliseconds since the epoch.

/** What was at the place from a moment on. */
export interface Place {
  readonly from: number
  /** Undefined: no disk is attached there. */
  readonly diskArn: string | undefined
  readonly content: string | undefined
  readonly instance: string
}

export interface KnownSnapshot {
  readonly name: string
  readonly arn: string
  readonly sourceArn: string | undefined
  readonly content: string
  readonly createdAt: number
  readonly stored: StoredSnapshot
  /** The step that took it. */
  readonly by: string | undefined
  /** When it was gone; undefined: it is still there. */
  goneAt: number | undefined
  /** When somebody has tagged it to be kept. */
  keptFrom: number | undefined
}

export interface KnownDisk {
  readonly name: string
  readonly arn: string
  /** The snapshot that it was created from. */
  readonly from: KnownSnapshot
  /** The step that created it. */
  readonly by: string
  readonly createdAt: number
}

export class History {
  readonly places: Place[] = []
  readonly snapshots: KnownSnapshot[] = []
  readonly disks: KnownDisk[] = []
  readonly writes: { readonly at: number; readonly diskArn: string; readonly content: string }[] = []
  /** When somebody has changed the instance or its disks in the console. */
  readonly interventions: number[] = []
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
  }

  /** Learns of everything that exists at the beginning. */
  begin(now: number): void {
    for (const name of this.#region.snapshots.names(now)) this.addSnapshot(name, undefined)
    this.look(now)
  }

  /** Learns of the snapshot that was stored last under this name. */
  addSnapshot(name: string, by: string | undefined): void {
    const stored = this.#region.snapshots.last(name)
    if (stored === undefined) return
    const { arn, fromDiskArn, createdAt } = stored.fixed
    this.snapshots.push({
      name,
      arn,
      sourceArn: fromDiskArn,
      content: stored.content,
      createdAt: createdAt * 1000,
      stored,
      by,
      goneAt: undefined,
      keptFrom: hasKeepTag(stored) ? Number.NEGATIVE_INFINITY : undefined,
    })
  }

  /** Learns of the disk that was stored last under this name, created from a snapshot. */
  addDisk(name: string, snapshotName: string, by: string): void {
    const stored = this.#region.disks.last(name)
    if (stored === undefined) return
    const createdAt = stored.fixed.createdAt * 1000
    const from = this.snapshotNamed(snapshotName, createdAt)
    if (from !== undefined) this.disks.push({ name, arn: stored.fixed.arn, from, by, createdAt })
  }

  /** The snapshot that last got this name until a moment. */
  snapshotNamed(name: string, until: number): KnownSnapshot | undefined {
    return this.snapshots.findLast((snapshot) => snapshot.name === name && snapshot.createdAt <= until)
  }

  /** Notes what is at the place, if it has changed. */
  look(now: number): void {
    const disk = liveDisk(this.#region, now)
    const next: Place = {
      from: now,
      diskArn: disk?.arn,
      content: this.#region.contentOfInstance(instanceName, diskPath),
      instance: this.#region.instance(instanceName, now).state.name,
    }
    const last = this.places.at(-1)
    const isSame =
      last?.diskArn === next.diskArn && last?.content === next.content && last?.instance === next.instance
    if (!isSame) this.places.push(next)
  }

  /** What was at the place at any moment from `start` to `end`. */
  placesBetween(start: number, end: number): Place[] {
    return this.places.filter(
      ({ from }, index) => from <= end && (this.places[index + 1]?.from ?? Number.POSITIVE_INFINITY) > start,
    )
  }

  /** Whether the disk was ever at the place, so that its snapshots hold the data to be protected. */
  wasLive(diskArn: string | undefined): boolean {
    return diskArn !== undefined && this.places.some((place) => place.diskArn === diskArn)
  }
}

function hasKeepTag({ tags }: StoredSnapshot): boolean {
  return tags.shownAt(Number.POSITIVE_INFINITY).some(({ key }) => key.toLowerCase() === 'keep')
}

/** When the snapshot was complete; infinite if never. */
export function completeFrom({ stored: { life } }: KnownSnapshot): number {
  const { snapshotDurationMs } = life.behaviour
  const end = life.startedAt + Math.max(snapshotDurationMs, life.behaviour.unknownMs)
  return snapshotAt(life, end).state === 'completed' ? end : Number.POSITIVE_INFINITY
}

/** Whether the snapshot was there and complete at any moment from `start` to `end`. */
export function wasComplete(snapshot: KnownSnapshot, start: number, end: number): boolean {
  return completeFrom(snapshot) <= end && (snapshot.goneAt ?? Number.POSITIVE_INFINITY) > start
}
