/** How the emulated service behaves where the real one varies, or where no source says how it behaves. */
export interface Behaviour {
  /** From a create request until its snapshot reaches its end, in milliseconds. */
  snapshotDurationMs: number
  /** The end that a snapshot reaches; `stuck` stays `pending` for ever. */
  snapshotEnd: 'completed' | 'error' | 'stuck'
  /** The end that the operation reaches. */
  operationEnd: 'Succeeded' | 'Completed' | 'Failed'
  /** How much later (negative: earlier) than the snapshot its operation ends, in milliseconds. */
  operationLagMs: number
  /** `linear`: in proportion to time; `stalls`: linear up to 95%, then still; `none`: the member is left out. */
  progress: 'linear' | 'stalls' | 'none'
  /** For how long a new snapshot can't be found, in milliseconds. */
  invisibleMs: number
  /** For how long a new snapshot's state is `unknown`, in milliseconds. */
  unknownMs: number
  /** Which of the two operations of a create answer comes first. */
  firstOperation: 'DiskSnapshot' | 'source'
  /** Whether GetOperationsForResource answers for a snapshot. */
  operationsForSnapshots: boolean
  /** Items a page of each list. */
  pageSize: number
  /** How many requests a second a Region takes before it answers ThrottlingException; a second's worth may come at once. */
  requestsPerSecond: number
}

export const usualBehaviour: Readonly<Behaviour> = {
  snapshotDurationMs: 20_000,
  snapshotEnd: 'completed',
  operationEnd: 'Succeeded',
  operationLagMs: 0,
  progress: 'linear',
  invisibleMs: 0,
  unknownMs: 0,
  firstOperation: 'DiskSnapshot',
  operationsForSnapshots: true,
  pageSize: 20,
  requestsPerSecond: Number.POSITIVE_INFINITY,
}
