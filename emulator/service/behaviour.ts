import type { OperationType } from './wire.js'

/** How the emulated service behaves if the real one varies, or if its behavior isn't documented. */
export interface Behaviour {
  /** How long (ms) a snapshot takes. */
  snapshotDurationMs: number
  /** How much longer (ms) it takes for each GB of its source. */
  snapshotMsPerGb: number
  /** The final state of a snapshot (of an instance, `available` instead of `completed`); `stuck` stays `pending` forever. */
  snapshotEnd: 'completed' | 'error' | 'stuck'
  /** The final status of a snapshot's operation. With `Completed`, all other successful operations have it too. */
  operationEnd: 'Succeeded' | 'Completed' | 'Failed'
  /** How much later (ms; negative: earlier) than its resource an operation ends. */
  operationLagMs: number
  /** `linear`: in proportion to time; `stalls`: stops at 95%; `none`: not reported. */
  progress: 'linear' | 'stalls' | 'none'
  /** How long (ms) a new snapshot, disk or instance can't be found. */
  invisibleMs: number
  /** How long (ms) a new snapshot's state is `unknown`. */
  unknownMs: number
  /** Whether a snapshot may be deleted while it is `pending`. */
  deletesPending: boolean
  /** How long (ms) a snapshot, disk or instance can still be found after its deletion was accepted. */
  deleteDurationMs: number
  /** How long (ms) the name of a deleted snapshot, disk or instance stays taken. */
  nameHeldMs: number
  /** How long (ms) creating a disk takes. */
  diskDurationMs: number
  /** The final state of a new disk; `stuck` stays `pending` forever. With `error` its operation fails. */
  diskEnd: 'available' | 'error' | 'stuck'
  /** How long (ms) a new instance is `pending`. */
  instanceDurationMs: number
  /** What becomes of a new instance; `stuck` stays `pending` forever. With `gone` its operation fails, and it disappears. */
  instanceEnd: 'running' | 'stuck' | 'gone'
  /** The Availability Zone of new instances, whatever the request says. */
  instanceZone: string | undefined
  /** How many instances the account may have. */
  mostInstances: number
  /** The type of the operation of CreateInstancesFromSnapshot, which has changed over the years. */
  createInstancesOperation: 'CreateInstancesFromSnapshot' | 'CreateInstance'
  /** The firewall of an instance that is created from a snapshot: like that of any new one, or its source's. */
  newInstancePorts: 'default' | 'source'
  /** Which name is the key in CreateInstancesFromSnapshot's `attachedDiskMapping`: the new instance's or its source's. */
  diskMappingKey: 'new-instance' | 'source-instance'
  /** What happens to a disk mapping under any other key. */
  otherDiskMappings: 'refused' | 'ignored'
  /** What GetInstance reports of a running instance's health, if it is asked to: `unreported` leaves the members out. */
  health: 'ok' | 'impaired' | 'unreported'
  /** How long (ms) the health of an instance that has just started is `initializing`. */
  healthDurationMs: number
  /** How long (ms) changing an instance's open ports takes. */
  portsDurationMs: number
  /** Whether an instance's open ports can be changed while it is `pending`. */
  changesPortsPending: boolean
  /** How long (ms) attaching and detaching a static IP takes. */
  staticIpDurationMs: number
  /** Whether AttachStaticIp moves an address that is attached elsewhere, or refuses to. */
  movesStaticIps: boolean
  /** How long (ms) attaching a disk takes. */
  attachDurationMs: number
  /** The state of a disk that is being attached. */
  attachingState: 'available' | 'pending' | 'in-use'
  /** How long (ms) detaching a disk takes. */
  detachDurationMs: number
  /** How long (ms) stopping an instance takes. */
  stopDurationMs: number
  /** The state after a stop; `stuck` stays `stopping` until it is forced. */
  stopEnd: 'stopped' | 'stuck'
  /** How long (ms) starting an instance takes. */
  startDurationMs: number
  /** How many disks the account may have; instances' system disks don't count. */
  mostDisks: number
  /** Operations that are accepted and fail later, with nothing changed. */
  failingOperations: readonly FailingOperation[]
  /** The exception for a request that a resource's state doesn't allow. */
  stateRefusal: 'InvalidInputException' | 'OperationFailureException'
  /** Whether the code of an error stands in the place of its exception: some versions of the SDKs took one for the other. */
  namesErrorsByCode: boolean
  /** How long (ms) reads still show the tags from before a create request or TagResource. */
  tagsLateMs: number
  /** Which operation comes first in the response that starts a snapshot of either type: the snapshot's or its source's. */
  firstOperation: 'DiskSnapshot' | 'source'
  /** Whether GetOperationsForResource lists operations for a snapshot. */
  operationsForSnapshots: boolean
  /**
   * How many operations GetOperations lists on all of its pages, the first in its order. The reference says "a maximum of 200", which
   * may be per response or in all.
   */
  mostOperations: number
  /** The order of the lists of resources. */
  listOrder: ListOrder
  /** The order of the lists of operations. The reference says oldest first; every example is the other way round. */
  operationOrder: ListOrder
  /** How a list changes between two of its pages. */
  listShift: ListShift | undefined
  /** Whether GetInstance and GetInstances leave out the names of attached disks. */
  namelessDisks: boolean
  /** How long (ms) GetInstance and GetInstances still show the disks from before AttachDisk or DetachDisk took effect. */
  instanceLagMs: number
  /** Whether to refuse requests signed more than five minutes before or after the emulator's time. */
  checksClock: boolean
  /** Items per page. */
  pageSize: number
  /** How many requests per second a Region accepts before it throttles; a second's worth may come at once. */
  requestsPerSecond: number
}

export type ListOrder = 'oldest-first' | 'newest-first'

/** A change at the front of a list, right before a page after the first. */
export interface ListShift {
  readonly operation: 'GetDiskSnapshots' | 'GetDisks' | 'GetInstanceSnapshots' | 'GetInstances'
  /** `insert`: the last item of the previous page is shown again; `remove`: an item is skipped. */
  readonly change: 'insert' | 'remove'
  /** How often it happens. */
  readonly times: number
}

/** The other types have their own setting: `operationEnd`, `diskEnd`, `instanceEnd`. */
export type FailingOperation = Exclude<
  OperationType,
  | 'CreateDiskSnapshot'
  | 'CreateInstanceSnapshot'
  | 'CreateDisk'
  | 'CreateDiskFromSnapshot'
  | 'CreateInstance'
  | 'CreateInstancesFromSnapshot'
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
  instanceDurationMs: 30_000,
  instanceEnd: 'running',
  instanceZone: undefined,
  mostInstances: Number.POSITIVE_INFINITY,
  createInstancesOperation: 'CreateInstancesFromSnapshot',
  newInstancePorts: 'default',
  diskMappingKey: 'new-instance',
  otherDiskMappings: 'refused',
  health: 'ok',
  healthDurationMs: 0,
  portsDurationMs: 0,
  changesPortsPending: false,
  staticIpDurationMs: 0,
  movesStaticIps: true,
  attachDurationMs: 5_000,
  attachingState: 'available',
  detachDurationMs: 5_000,
  stopDurationMs: 15_000,
  stopEnd: 'stopped',
  startDurationMs: 10_000,
  mostDisks: Number.POSITIVE_INFINITY,
  failingOperations: [],
  stateRefusal: 'OperationFailureException',
  namesErrorsByCode: false,
  tagsLateMs: 0,
  firstOperation: 'DiskSnapshot',
  operationsForSnapshots: true,
  mostOperations: Number.POSITIVE_INFINITY,
  listOrder: 'oldest-first',
  operationOrder: 'newest-first',
  listShift: undefined,
  namelessDisks: false,
  instanceLagMs: 0,
  checksClock: false,
  pageSize: 20,
  requestsPerSecond: Number.POSITIVE_INFINITY,
}

/** Makes every change take this long (ms), except deletions and changes of tags, ports and static IPs, which are instant. */
export function everyChangeTakes(durationMs: number): Partial<Behaviour> {
  return {
    snapshotDurationMs: durationMs,
    diskDurationMs: durationMs,
    attachDurationMs: durationMs,
    detachDurationMs: durationMs,
    stopDurationMs: durationMs,
    startDurationMs: durationMs,
    instanceDurationMs: durationMs,
  }
}
