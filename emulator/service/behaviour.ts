import type { OperationType } from './wire.js'

/** How the emulated service behaves where the real one varies, or where no source says how it behaves. */
export interface Behaviour {
  /** From a create request until its snapshot reaches its end, in milliseconds. */
  snapshotDurationMs: number
  /** How much longer that takes for each GB of its source, in milliseconds. */
  snapshotMsPerGb: number
  /** The end that a snapshot reaches; `stuck` stays `pending` for ever. */
  snapshotEnd: 'completed' | 'error' | 'stuck'
  /** The end that a snapshot's operation reaches; where it is `Completed`, whatever else succeeds ends so too. */
  operationEnd: 'Succeeded' | 'Completed' | 'Failed'
  /** How much later (negative: earlier) than what it makes or changes an operation ends, in milliseconds. */
  operationLagMs: number
  /** `linear`: in proportion to time; `stalls`: linear up to 95%, then still; `none`: the member is left out. */
  progress: 'linear' | 'stalls' | 'none'
  /** For how long a new snapshot or disk can't be found, in milliseconds. */
  invisibleMs: number
  /** For how long a new snapshot's state is `unknown`, in milliseconds. */
  unknownMs: number
  /** Whether a snapshot may be deleted while it is `pending`. */
  deletesPending: boolean
  /** For how long a snapshot or disk can still be found once its deletion has been accepted, in milliseconds. */
  deleteDurationMs: number
  /** For how long the name of a deleted snapshot or disk can't be given to another once it is gone, in milliseconds. */
  nameHeldMs: number
  /** From a request for a disk made from a snapshot until the disk reaches its end, in milliseconds. */
  diskDurationMs: number
  /** The end that such a disk reaches; `stuck` stays `pending` for ever. With `error` its operation fails. */
  diskEnd: 'available' | 'error' | 'stuck'
  /** From an accepted request until the disk is attached, in milliseconds. */
  attachDurationMs: number
  /** What a disk's state says until it is attached. */
  attachingState: 'available' | 'pending' | 'in-use'
  /** From an accepted request until the disk is detached, in milliseconds. */
  detachDurationMs: number
  /** From an accepted request until the instance is stopped, in milliseconds. */
  stopDurationMs: number
  /** The end that a stop reaches; `stuck` stays `stopping` until it is forced. */
  stopEnd: 'stopped' | 'stuck'
  /** From an accepted request until the instance is running, in milliseconds. */
  startDurationMs: number
  /** Operations that are accepted and then fail: when their time is over, all is as it was before. */
  failingOperations: readonly FailingOperation[]
  /** Which exception refuses what the state of a resource doesn't allow. */
  stateRefusal: 'InvalidInputException' | 'OperationFailureException'
  /** For how long reads don't show tags that a create request or TagResource set, in milliseconds: they show those from before. */
  tagsLateMs: number
  /** Which of the two operations of a create answer comes first. */
  firstOperation: 'DiskSnapshot' | 'source'
  /** Whether GetOperationsForResource answers for a snapshot. */
  operationsForSnapshots: boolean
  /**
   * How many operations GetOperations lists on all of its pages, the oldest first. The reference speaks of "a maximum of 200",
   * and leaves open whether that is for one answer or for all.
   */
  mostOperations: number
  /** How GetDisks, GetInstances and GetDiskSnapshots list what is there. */
  listOrder: 'oldest-first' | 'newest-first'
  /** What happens to a list between two of its pages. */
  listShift: ListShift | undefined
  /** Whether GetInstance and GetInstances leave out the names of attached disks: only path and size tell which is which. */
  namelessDisks: boolean
  /** Whether a request is refused that was signed more than five minutes before or after the emulator's time. */
  checksClock: boolean
  /** Items a page of each list. */
  pageSize: number
  /** How many requests a second a Region takes before it answers ThrottlingException; a second's worth may come at once. */
  requestsPerSecond: number
}

/** A change at the front of a list, right before a page that isn't its first is answered. */
export interface ListShift {
  readonly operation: 'GetDiskSnapshots' | 'GetDisks'
  /** `insert`: the last item of the page before is shown again; `remove`: an item is skipped. */
  readonly change: 'insert' | 'remove'
  /** How often it happens in all. */
  readonly times: number
}

/** The others have an end of their own: `operationEnd`, `diskEnd`. */
export type FailingOperation = Exclude<
  OperationType,
  'CreateDiskSnapshot' | 'CreateDisk' | 'CreateDiskFromSnapshot'
>

export const usualBehaviour: Readonly<Behaviour> = {
  snapshotDurationMs: 20_000,
  snapshotMsPerGb: 0,
  snapshotEnd: 'completed',
  operationEnd: 'Succeeded',
  operationLagMs: 0,
  progress: 'linear',
  invisibleMs: 0,
  unknownMs: 0,
  deletesPending: true,
  deleteDurationMs: 0,
  nameHeldMs: 0,
  diskDurationMs: 10_000,
  diskEnd: 'available',
  attachDurationMs: 5_000,
  attachingState: 'available',
  detachDurationMs: 5_000,
  stopDurationMs: 15_000,
  stopEnd: 'stopped',
  startDurationMs: 10_000,
  failingOperations: [],
  stateRefusal: 'InvalidInputException',
  tagsLateMs: 0,
  firstOperation: 'DiskSnapshot',
  operationsForSnapshots: true,
  mostOperations: Number.POSITIVE_INFINITY,
  listOrder: 'oldest-first',
  listShift: undefined,
  namelessDisks: false,
  checksClock: false,
  pageSize: 20,
  requestsPerSecond: Number.POSITIVE_INFINITY,
}

/** Every change but a deletion, which is over at once, takes as long as this, in milliseconds. */
export function everyChangeTakes(durationMs: number): Partial<Behaviour> {
  return {
    snapshotDurationMs: durationMs,
    diskDurationMs: durationMs,
    attachDurationMs: durationMs,
    detachDurationMs: durationMs,
    stopDurationMs: durationMs,
    startDurationMs: durationMs,
  }
}
