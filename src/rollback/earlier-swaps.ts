import { type Lineage, type Lookup, lineageNamed, lineageOf } from '../domain/lineage.js'
import type { Run } from '../github/run-context.js'
import type { Disk, DiskSnapshot, Instance, Source } from '../lightsail/types.js'
import { mayHaveRun, unused } from './leftovers.js'
import { type Attachment, isAt, type Repair, type Resources, type Swap } from './plan.js'
import { chooseSnapshot, namedSnapshot, nameOf, type Search } from './search.js'
import { type BegunSwap, begunSwap, isOfRun, originalOf, snapshotOf } from './swap-tags.js'

/** The disk that the name in the inputs means now. */
export interface NamedDisk {
  /** Undefined if only a snapshot is named, or the disk no longer exists. */
  readonly disk: Disk | undefined
  /** The instance, if the inputs name one. */
  readonly instance?: Instance | undefined
  readonly lineage: Lineage | undefined
  readonly notice?: string | undefined
}

/** The resources that a restore works on. */
export interface Findings {
  readonly snapshot: DiskSnapshot
  readonly source: Source | undefined
  readonly lineage: Lineage | undefined
  readonly diskName: string
  /** As they will be after the repairs. */
  readonly resources: Resources
  readonly attachment: Attachment | undefined
  readonly swap: Swap | undefined
  readonly repairs: readonly Repair[]
  /** The snapshot's source, as it is now. */
  readonly current: Disk | Instance | undefined
}

/** The state of a swap whose tags only say that it has begun. */
type SwapState =
  /** The instance runs with the new disk. It is never undone. */
  | 'finished'
  /** The instance was stopped for it, or no disk is attached at the path. */
  | 'unfinished'
  /** Nothing is left to do: the instance runs as before, or with another disk. */
  | 'void'

/** A begun swap and its state. */
interface EarlierSwap extends BegunSwap {
  readonly state: SwapState
  readonly previous: Disk | undefined
  readonly original: Lineage
  readonly instance: Instance | undefined
}

/**
 * Returns what to swap. If an earlier step has begun a swap with the same snapshot, this one resumes it; whatever else earlier
 * swaps left is repaired first.
 */
export async function swapFacts(meant: NamedDisk, search: Search, lookup: Lookup<Disk>): Promise<Findings> {
  const { inputs } = search
  const disks = await lookup.all()
  const seen = await begunSwaps(meant, disks, search)
  const lineage = meant.disk === undefined ? (seen[0]?.original ?? meant.lineage) : meant.lineage
  const snapshot =
    inputs.snapshotName === undefined && lineage !== undefined
      ? await chooseSnapshot(lineage, meant.disk, search)
      : await namedSnapshot(inputs.snapshotName ?? '', search)
  const same = await resumable(seen, snapshot.name, search)
  const repairs = repairsOf(seen.filter((swap) => same === undefined || !isSameAttachment(swap, same)))
  const base = { snapshot, source: inputs.source, lineage, repairs }
  return same === undefined
    ? { ...base, ...(await newSwap(base, liveDisk(meant, seen, lineage), disks, search)) }
    : { ...base, ...resumedSwap(same) }
}

/** The unfinished swap with this snapshot, if certainly nothing but the snapshot's data is on its disk. */
async function resumable(
  seen: readonly EarlierSwap[],
  snapshotName: string,
  search: Search,
): Promise<EarlierSwap | undefined> {
  for (const swap of seen) {
    if (swap.state !== 'unfinished' || snapshotOf(swap.disk) !== snapshotName) continue
    if (!(await mayHaveRun(swap.disk, swap.attachment.instanceName, search))) return swap
  }
  return undefined
}

/** The begun swaps of the disk's instance, or of a disk of its lineage. */
async function begunSwaps(
  { disk, lineage }: NamedDisk,
  disks: readonly Disk[],
  { lightsail, patience }: Search,
): Promise<EarlierSwap[]> {
  const swaps: EarlierSwap[] = []
  for (const swap of disks.flatMap((disk) => begunSwap(disk) ?? [])) {
    const previous = disks.find(({ name }) => name === swap.previousDiskName)
    const original =
      previous === undefined
        ? lineageNamed('disk', originalOf(swap.disk) ?? swap.previousDiskName)
        : lineageOf(previous)
    if (swap.attachment.instanceName !== disk?.attachedTo && original.name !== lineage?.name) continue
    const instance = await lightsail.getInstance(swap.attachment.instanceName, patience)
    swaps.push({ ...swap, previous, original, instance, state: stateOf(swap, disks, instance) })
  }
  return swaps
}

/** The state depends on which disk is attached and whether the instance runs. */
function stateOf(swap: BegunSwap, disks: readonly Disk[], instance: Instance | undefined): SwapState {
  const { disk, attachment, previousDiskName, wasRunning } = swap
  if (instance === undefined) return 'void'
  const holder = disks.find(
    ({ attachedTo, path }) => attachedTo === attachment.instanceName && path === attachment.path,
  )
  if (holder === undefined) return disk.attachedTo === null ? 'unfinished' : 'void'
  const isSettled = instance.state === 'running' || !wasRunning
  if (holder.name === disk.name) return isSettled ? 'finished' : 'unfinished'
  return holder.name === previousDiskName && !isSettled ? 'unfinished' : 'void'
}

function isSameAttachment(a: BegunSwap, b: BegunSwap): boolean {
  return a.attachment.instanceName === b.attachment.instanceName && a.attachment.path === b.attachment.path
}

/** The repairs for earlier swaps, one for each attachment. */
function repairsOf(swaps: readonly EarlierSwap[]): Repair[] {
  const repairs: (Repair & { readonly seen: EarlierSwap })[] = []
  for (const seen of swaps.filter(({ state }) => state !== 'void')) {
    if (repairs.some((repair) => isSameAttachment(repair.seen, seen))) continue
    const { disk, attachment, state } = seen
    const kind = state === 'finished' ? 'record' : 'bring back'
    repairs.push({ kind, disk, attachment, swap: swapOf(seen), seen })
  }
  return repairs
}

function swapOf({ previousDiskName, wasRunning, original, instance }: EarlierSwap): Swap {
  // Somebody may have started it since.
  const isUp = wasRunning || instance?.state === 'running'
  return { previousDiskName, wasRunning: isUp, original, isResumed: true }
}

type SwapFacts = Pick<Findings, 'diskName' | 'resources' | 'attachment' | 'swap' | 'current'>

/** The facts of a swap that an earlier step began. */
function resumedSwap(seen: EarlierSwap): SwapFacts {
  const { disk, attachment, previous, instance } = seen
  return {
    diskName: disk.name,
    resources: { restored: disk, previous, instance },
    attachment,
    swap: swapOf(seen),
    current: disk,
  }
}

/** The live disk after the repairs, and what it replaces: its tags may not say so yet. */
interface Live {
  readonly disk: Disk
  readonly original: Lineage
}

function liveDisk(
  meant: NamedDisk,
  seen: readonly EarlierSwap[],
  lineage: Lineage | undefined,
): Live | undefined {
  const swap = seen.find(({ state, original }) => state !== 'void' && original.name === lineage?.name)
  if (swap === undefined) return meant.disk && { disk: meant.disk, original: lineageOf(meant.disk) }
  const { attachment, disk, previous = disk } = swap
  const holder = swap.state === 'finished' || isAt(disk, attachment) ? disk : previous
  return {
    disk: { ...holder, state: 'in-use', attachedTo: attachment.instanceName, path: attachment.path },
    original: swap.original,
  }
}

/** The facts of a new swap: with a disk that is still to be created, or that this run created and never used. */
async function newSwap(
  { snapshot, repairs }: Pick<Findings, 'snapshot' | 'repairs'>,
  live: Live | undefined,
  disks: readonly Disk[],
  search: Search,
): Promise<SwapFacts> {
  const free = disks.filter(
    ({ attachedTo, state }) => attachedTo === null && ['pending', 'available'].includes(state),
  )
  const ready = await unused(free, snapshot.name, 'AttachDisk', search)
  const diskName = ready?.name ?? freeName(nameOf(search, snapshot), disks, search.run)
  const attachment = attachmentOf(live?.disk)
  const seen = attachment && (await search.lightsail.getInstance(attachment.instanceName, search.patience))
  const runs = repairs.some(
    (repair) => repair.attachment.instanceName === seen?.name && repair.swap.wasRunning,
  )
  const instance = seen && (runs ? { ...seen, state: 'running' } : seen)
  return {
    diskName,
    resources: {
      restored: ready ?? disks.find(({ name }) => name === diskName),
      previous: live?.disk,
      instance,
    },
    attachment,
    swap: live && {
      previousDiskName: live.disk.name,
      wasRunning: instance?.state === 'running',
      original: live.original,
      isResumed: false,
    },
    current: live?.disk,
  }
}

function attachmentOf(disk: Disk | undefined): Attachment | undefined {
  if (disk?.attachedTo == null || disk.path === null) return undefined
  return { instanceName: disk.attachedTo, path: disk.path }
}

/** Returns the name, numbered if this run has already used it: a second roll-back needs another one. */
export function freeName(
  base: string,
  all: readonly Pick<Disk, 'name' | 'state' | 'tags'>[],
  run: Run,
): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`
    const holder = all.find((each) => each.name === name)
    if (holder === undefined || holder.state === 'error' || !isOfRun(holder, run)) return name
  }
}
