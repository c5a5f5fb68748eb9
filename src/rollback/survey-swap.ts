import { type DiskLookup, type Lineage, lineageNamed, lineageOf } from '../domain/lineage.js'
import type { Run } from '../github/run-context.js'
import type { Disk, DiskSnapshot, Instance, Source } from '../lightsail/types.js'
import { chooseSnapshot, mayHaveRun, namedSnapshot, nameOf, type Search, unusedDisk } from './find.js'
import { type BegunSwap, begunSwap, isOfRun, originalOf, snapshotOf } from './marks.js'
import { isAt, type Place, type Repair, type Swap, type World } from './plan.js'

/** What the name in the inputs means now. */
export interface Meant {
  /** Undefined if only a snapshot is named, or there is no such disk any more. */
  readonly disk: Disk | undefined
  readonly lineage: Lineage | undefined
  readonly notice?: string | undefined
}

/** What a restore works on. */
export interface Found {
  readonly snapshot: DiskSnapshot
  readonly source: Source | undefined
  readonly lineage: Lineage | undefined
  readonly diskName: string
  /** As it will be once the repairs are done. */
  readonly world: World
  readonly place: Place | undefined
  readonly swap: Swap | undefined
  readonly repairs: readonly Repair[]
  /** What the snapshot is of, as it is now. */
  readonly current: Disk | Instance | undefined
}

/** What has become of a swap whose tags say only that it has begun. */
type SwapState =
  /** The instance runs with the new disk: it is finished, and is never undone. */
  | 'finished'
  /** The instance was stopped for it, or the place is empty. */
  | 'unfinished'
  /** Nothing of it is left to do: the instance runs as before, or another disk has the place. */
  | 'void'

/** A begun swap with everything that decides about it. */
interface SeenSwap extends BegunSwap {
  readonly state: SwapState
  readonly previous: Disk | undefined
  readonly original: Lineage
  readonly instance: Instance | undefined
}

/**
 * Finds out what there is to swap. If an earlier step has begun a swap with the same snapshot, this one resumes it;
 * whatever else earlier swaps have left is repaired first.
 */
export async function surveySwap(meant: Meant, search: Search, lookup: DiskLookup): Promise<Found> {
  const { inputs } = search
  const disks = await lookup.all()
  const seen = await begunSwaps(meant, disks, search)
  const lineage = meant.disk === undefined ? (seen[0]?.original ?? meant.lineage) : meant.lineage
  const snapshot =
    inputs.snapshotName === undefined && lineage !== undefined
      ? await chooseSnapshot(lineage, meant.disk, search)
      : await namedSnapshot(inputs.snapshotName ?? '', search)
  const same = await resumable(seen, snapshot.name, search)
  const repairs = repairsOf(seen.filter((swap) => same === undefined || !isSamePlace(swap, same)))
  const base = { snapshot, source: inputs.source, lineage, repairs }
  return same === undefined
    ? { ...base, ...(await newSwap(base, liveDisk(meant, seen, lineage), disks, search)) }
    : { ...base, ...resumedSwap(same) }
}

/** The unfinished swap with this snapshot, if certainly nothing but the snapshot's data is on its disk. */
async function resumable(
  seen: readonly SeenSwap[],
  snapshotName: string,
  search: Search,
): Promise<SeenSwap | undefined> {
  for (const swap of seen) {
    if (swap.state !== 'unfinished' || snapshotOf(swap.disk) !== snapshotName) continue
    if (!(await mayHaveRun(swap.disk, swap.place.instanceName, search))) return swap
  }
  return undefined
}

/** The swaps that have begun on the instance of the disk, or that were to replace a disk of its lineage. */
async function begunSwaps(
  { disk, lineage }: Meant,
  disks: readonly Disk[],
  { lightsail, patience }: Search,
): Promise<SeenSwap[]> {
  const swaps: SeenSwap[] = []
  for (const swap of disks.flatMap((one) => begunSwap(one) ?? [])) {
    const previous = disks.find(({ name }) => name === swap.previousDiskName)
    const original =
      previous === undefined
        ? lineageNamed('disk', originalOf(swap.disk) ?? swap.previousDiskName)
        : lineageOf(previous)
    if (swap.place.instanceName !== disk?.attachedTo && original.name !== lineage?.name) continue
    const instance = await lightsail.getInstance(swap.place.instanceName, patience)
    swaps.push({ ...swap, previous, original, instance, state: stateOf(swap, disks, instance) })
  }
  return swaps
}

/** Goes by what has the place and whether the instance runs. */
function stateOf(swap: BegunSwap, disks: readonly Disk[], instance: Instance | undefined): SwapState {
  const { disk, place, previousDiskName, wasRunning } = swap
  if (instance === undefined) return 'void'
  const holder = disks.find(
    ({ attachedTo, path }) => attachedTo === place.instanceName && path === place.path,
  )
  if (holder === undefined) return disk.attachedTo === null ? 'unfinished' : 'void'
  const isSettled = instance.state === 'running' || !wasRunning
  if (holder.name === disk.name) return isSettled ? 'finished' : 'unfinished'
  return holder.name === previousDiskName && !isSettled ? 'unfinished' : 'void'
}

function isSamePlace(a: BegunSwap, b: BegunSwap): boolean {
  return a.place.instanceName === b.place.instanceName && a.place.path === b.place.path
}

/** What has to be done about earlier swaps, one for each place. */
function repairsOf(swaps: readonly SeenSwap[]): Repair[] {
  const repairs: (Repair & { readonly seen: SeenSwap })[] = []
  for (const seen of swaps.filter(({ state }) => state !== 'void')) {
    if (repairs.some((repair) => isSamePlace(repair.seen, seen))) continue
    const { disk, place, state } = seen
    const kind = state === 'finished' ? 'record' : 'bring back'
    repairs.push({ kind, disk, place, swap: swapOf(seen), seen })
  }
  return repairs
}

function swapOf({ previousDiskName, wasRunning, original, instance }: SeenSwap): Swap {
  // Somebody may have started it meanwhile.
  const isUp = wasRunning || instance?.state === 'running'
  return { previousDiskName, wasRunning: isUp, original, isResumed: true }
}

type SwapFacts = Pick<Found, 'diskName' | 'world' | 'place' | 'swap' | 'current'>

/** The swap that an earlier step has begun. */
function resumedSwap(seen: SeenSwap): SwapFacts {
  const { disk, place, previous, instance } = seen
  return {
    diskName: disk.name,
    world: { restored: disk, previous, instance },
    place,
    swap: swapOf(seen),
    current: disk,
  }
}

/** The disk that has the place once the repairs are done, and what it replaces: its tags may not say so yet. */
interface Live {
  readonly disk: Disk
  readonly original: Lineage
}

function liveDisk(meant: Meant, seen: readonly SeenSwap[], lineage: Lineage | undefined): Live | undefined {
  const swap = seen.find(({ state, original }) => state !== 'void' && original.name === lineage?.name)
  if (swap === undefined) return meant.disk && { disk: meant.disk, original: lineageOf(meant.disk) }
  const { place, disk, previous = disk } = swap
  const holder = swap.state === 'finished' || isAt(disk, place) ? disk : previous
  return {
    disk: { ...holder, state: 'in-use', attachedTo: place.instanceName, path: place.path },
    original: swap.original,
  }
}

/** A swap of the live disk with one that is still to be created, or that this run has created and never used. */
async function newSwap(
  { snapshot, repairs }: Pick<Found, 'snapshot' | 'repairs'>,
  live: Live | undefined,
  disks: readonly Disk[],
  search: Search,
): Promise<SwapFacts> {
  const unused = await unusedDisk(disks, snapshot.name, search)
  const diskName = unused?.name ?? freeName(nameOf(search, snapshot), disks, search.run)
  const place = placeOf(live?.disk)
  const seen = place && (await search.lightsail.getInstance(place.instanceName, search.patience))
  const runs = repairs.some((repair) => repair.place.instanceName === seen?.name && repair.swap.wasRunning)
  const instance = seen && (runs ? { ...seen, state: 'running' } : seen)
  return {
    diskName,
    world: {
      restored: unused ?? disks.find(({ name }) => name === diskName),
      previous: live?.disk,
      instance,
    },
    place,
    swap: live && {
      previousDiskName: live.disk.name,
      wasRunning: instance?.state === 'running',
      original: live.original,
      isResumed: false,
    },
    current: live?.disk,
  }
}

function placeOf(disk: Disk | undefined): Place | undefined {
  if (disk?.attachedTo == null || disk.path === null) return undefined
  return { instanceName: disk.attachedTo, path: disk.path }
}

/** The name, with a number behind it if this run has given it to a disk already: a second roll-back needs a second disk. */
function freeName(base: string, disks: readonly Disk[], run: Run): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`
    const holder = disks.find((disk) => disk.name === name)
    if (holder === undefined || holder.state === 'error' || !isOfRun(holder, run)) return name
  }
}
