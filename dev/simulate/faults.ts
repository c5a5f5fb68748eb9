import type { FaultName } from '../../emulator/service/faults.js'

/** Faults that pass, each within a moment: the request works when it is sent again, or has worked. */
export const brief = [
  'throttle',
  'too-many-requests',
  'internal-error',
  'internal-error-after',
  'unavailable',
  'drop-before',
  'drop-after',
  'hang',
  'hang-after',
  'stalled-body',
  'truncated-body',
] as const satisfies readonly FaultName[]

/** Faults that pass. */
export const passing = [
  ...brief,
  'refuse-connections',
  'auto-snapshot',
] as const satisfies readonly FaultName[]

/** Faults that end a step, at once or when there are many. */
export const lasting = [
  'access-denied',
  'expired-token',
  'operation-failure',
  'unreadable-body',
  'wrong-content-type',
] as const satisfies readonly FaultName[]

export function isPassing(fault: FaultName): boolean {
  return passing.some((each) => each === fault)
}
