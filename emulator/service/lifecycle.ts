import type { Behaviour } from './behaviour.js'
import type { DiskSnapshot, Operation, OperationType } from './wire.js'

// There are no timers: every state is computed from the clock when it is read.

/** A change over time: what is true until its end (milliseconds since the epoch), and what is true from then on. */
export interface Course<T> {
  readonly during: T
  readonly after: T
  readonly endsAt: number
}

/** A course without a change. */
export function settled<T>(moment: T): Course<T> {
  return { during: moment, after: moment, endsAt: Number.NEGATIVE_INFINITY }
}

/** Whether the change is still in progress at `now` (milliseconds since the epoch). */
export function isInProgress(course: Course<unknown>, now: number): boolean {
  return now < course.endsAt
}

/** What is true at `now` (milliseconds since the epoch). */
export function momentOf<T>(course: Course<T>, now: number): T {
  return isInProgress(course, now) ? course.during : course.after
}

/** A snapshot's course over time, fixed when it is created. */
export interface Life {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly behaviour: Readonly<Behaviour>
}

type SnapshotMoment = Pick<DiskSnapshot, 'state' | 'progress'>

/** State and progress of the snapshot at `now` (milliseconds since the epoch). */
export function snapshotAt(life: Life, now: number): SnapshotMoment {
  const { snapshotDurationMs, snapshotEnd, unknownMs } = life.behaviour
  const elapsed = now - life.startedAt
  if (elapsed < unknownMs) return { state: 'unknown' }
  if (elapsed < snapshotDurationMs || snapshotEnd === 'stuck') {
    return { state: 'pending', ...progressAt(life, elapsed) }
  }
  return snapshotEnd === 'error'
    ? { state: 'error', ...progressAt(life, snapshotDurationMs / 2) }
    : { state: 'completed', progress: '100%' }
}

function progressAt({ behaviour }: Life, elapsed: number): { progress?: string } {
  if (behaviour.progress === 'none') return {}
  const most = behaviour.progress === 'stalls' ? 95 : 99
  const share = behaviour.snapshotDurationMs === 0 ? 100 : (100 * elapsed) / behaviour.snapshotDurationMs
  return { progress: `${Math.min(most, Math.floor(share))}%` }
}

export type OperationMoment = Pick<
  Operation,
  'status' | 'statusChangedAt' | 'isTerminal' | 'errorCode' | 'errorDetails'
>

/** An accepted request that changes something; times in milliseconds since the epoch. */
export interface Work {
  readonly operationType: OperationType
  readonly startedAt: number
  /** When the change takes effect; its operation may end at another time. */
  readonly endsAt: number
  /** The final status of its operation. */
  readonly end: Behaviour['operationEnd']
}

/** The course of a work's operation. If it takes no time, the response already shows it finished. */
export function operationCourse(work: Work, lagMs: number): Course<OperationMoment> {
  const { operationType, startedAt, end } = work
  const endsAt = Math.max(startedAt, work.endsAt + lagMs)
  return {
    during: { status: 'Started', isTerminal: false, statusChangedAt: startedAt / 1000 },
    after: {
      status: end,
      isTerminal: true,
      statusChangedAt: endsAt / 1000,
      ...(end === 'Failed' ? failures[operationType] : {}),
    },
    endsAt,
  }
}

// The service's codes aren't documented: these are invented.
const failures: Readonly<Record<OperationType, Required<Pick<Operation, 'errorCode' | 'errorDetails'>>>> = {
  CreateDiskSnapshot: {
    errorCode: 'SnapshotCreationFailed',
    errorDetails: 'The snapshot could not be created because of an internal error of the volume.',
  },
  DeleteDiskSnapshot: {
    errorCode: 'SnapshotDeletionFailed',
    errorDetails: 'The snapshot could not be deleted because of an internal error.',
  },
  CreateInstance: {
    errorCode: 'InstanceCreationFailed',
    errorDetails: 'The instance could not be created because its Availability Zone has no capacity.',
  },
  CreateInstancesFromSnapshot: {
    errorCode: 'InstanceCreationFailed',
    errorDetails: 'The instance could not be created because its Availability Zone has no capacity.',
  },
  DeleteInstance: {
    errorCode: 'InstanceDeletionFailed',
    errorDetails: 'The instance could not be deleted because of an internal error of the host.',
  },
  CreateInstanceSnapshot: {
    errorCode: 'SnapshotCreationFailed',
    errorDetails: 'The snapshot could not be created because of an internal error of the instance.',
  },
  DeleteInstanceSnapshot: {
    errorCode: 'SnapshotDeletionFailed',
    errorDetails: 'The snapshot could not be deleted because of an internal error.',
  },
  CreateDisk: {
    errorCode: 'DiskCreationFailed',
    errorDetails: 'The disk could not be created because of an internal error.',
  },
  CreateDiskFromSnapshot: {
    errorCode: 'DiskCreationFailed',
    errorDetails: 'The disk could not be created because of an internal error of the snapshot.',
  },
  AttachDisk: {
    errorCode: 'DiskAttachmentFailed',
    errorDetails: 'The disk could not be attached because of an internal error of the instance.',
  },
  DetachDisk: {
    errorCode: 'DiskDetachmentFailed',
    errorDetails: 'The disk could not be detached because of an internal error of the instance.',
  },
  DeleteDisk: {
    errorCode: 'DiskDeletionFailed',
    errorDetails: 'The disk could not be deleted because of an internal error of the volume.',
  },
  StopInstance: {
    errorCode: 'InstanceStopFailed',
    errorDetails: 'The instance could not be stopped because of an internal error of the host.',
  },
  StartInstance: {
    errorCode: 'InstanceStartFailed',
    errorDetails: 'The instance could not be started because its Availability Zone has no capacity.',
  },
  PutInstancePublicPorts: {
    errorCode: 'PublicPortsFailed',
    errorDetails: 'The ports could not be opened because of an internal error of the firewall.',
  },
  AllocateStaticIp: {
    errorCode: 'StaticIpAllocationFailed',
    errorDetails: 'The static IP could not be allocated because of an internal error.',
  },
  AttachStaticIp: {
    errorCode: 'StaticIpAttachmentFailed',
    errorDetails: 'The static IP could not be attached because of an internal error of the network.',
  },
  DetachStaticIp: {
    errorCode: 'StaticIpDetachmentFailed',
    errorDetails: 'The static IP could not be detached because of an internal error of the network.',
  },
  TagResource: {
    errorCode: 'TaggingFailed',
    errorDetails: 'The resource could not be tagged because of an internal error.',
  },
  UntagResource: {
    errorCode: 'UntaggingFailed',
    errorDetails: 'The tags could not be removed because of an internal error.',
  },
}
