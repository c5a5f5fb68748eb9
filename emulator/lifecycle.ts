import type { Behaviour } from './behaviour.js'
import type { DiskSnapshot, Operation } from './wire.js'

/** One snapshot's course over time, fixed when it is created. Nothing runs: every state is computed from the clock. */
export interface Life {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly behaviour: Readonly<Behaviour>
}

type SnapshotMoment = Pick<DiskSnapshot, 'state' | 'progress'>
type OperationMoment = Pick<
  Operation,
  'status' | 'statusChangedAt' | 'isTerminal' | 'errorCode' | 'errorDetails'
>

const failure = {
  errorCode: 'SnapshotCreationFailed',
  errorDetails: 'The snapshot could not be created because of an internal error of the volume.',
}

/** Whether the snapshot can be found at `now` (milliseconds since the epoch). */
export function isVisible(life: Life, now: number): boolean {
  return now - life.startedAt >= life.behaviour.invisibleMs
}

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

/** The operation's status at `now` (milliseconds since the epoch). */
export function operationAt(life: Life, now: number): OperationMoment {
  const { snapshotDurationMs, operationLagMs, operationEnd } = life.behaviour
  const endsAt = life.startedAt + Math.max(0, snapshotDurationMs + operationLagMs)
  if (now < endsAt) return { status: 'Started', isTerminal: false, statusChangedAt: life.startedAt / 1000 }
  return {
    status: operationEnd,
    isTerminal: true,
    statusChangedAt: endsAt / 1000,
    ...(operationEnd === 'Failed' ? failure : {}),
  }
}
