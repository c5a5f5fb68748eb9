import type { Failure } from '../basics/failure.js'
import { judge, type Named } from '../domain/verdict.js'
import type { DiskSnapshot, Operation, SnapshotState, SnapshotType } from '../lightsail/types.js'

/** A snapshot to wait for. */
export interface Target {
  readonly snapshotName: string
  /** Undefined if only its name is known. */
  readonly snapshotType: SnapshotType | undefined
  /** The operation that creates it, if known. */
  readonly operation: Operation | undefined
  /** How long ago (ms) it was started: 0 if just now, undefined if unknown. */
  readonly ageMs: number | undefined
}

interface End {
  readonly state: SnapshotState
  readonly failure: Failure | undefined
  readonly atMs: number
}

/** While progress advances, the operation is polled this many times less often. */
const seldom = 5

/** A snapshot that is waited for, and what was seen of it. Times are on the clock's monotonic time, in milliseconds. */
export class WatchedSnapshot {
  readonly target: Target
  /** Whether its end has been logged. */
  silent = false
  /** Whether it was ever seen in progress; if not, its end time is unknown. */
  sawRunning = false
  readonly #region: string
  #startedAt: number
  #operation: Operation | undefined
  /** The snapshot when it was last found. */
  #last: DiskSnapshot | undefined
  #missingSince: number | undefined
  #changedAt: number
  /** When the operation was polled last. */
  #askedAt: number
  #end: End | undefined

  constructor(target: Target, region: string, now: number) {
    this.target = target
    this.#region = region
    this.#startedAt = now - Math.max(0, target.ageMs ?? 0)
    this.#operation = target.operation
    this.#changedAt = now
    this.#askedAt = now
  }

  /** The snapshot when it was last found. */
  get snapshot(): DiskSnapshot | undefined {
    return this.#last
  }

  get end(): End | undefined {
    return this.#end
  }

  /** Its status in a few words. */
  get status(): string {
    if (this.#last === undefined) return 'not visible yet'
    if (this.#missingSince !== undefined) return 'not found'
    return [this.#last.state, this.#last.progress].filter((part) => part !== null).join(', ')
  }

  /** In percent; undefined if unknown. */
  get progress(): number | undefined {
    const digits = /^(\d{1,3})(?:\.\d+)?\s*%?$/.exec(this.#last?.progress?.trim() ?? '')?.[1]
    return digits === undefined || Number(digits) > 100 ? undefined : Number(digits)
  }

  /** Since the snapshot was started. */
  ageMs(now: number): number {
    return now - this.#startedAt
  }

  /** Notes what was read. `wallNow` is in milliseconds since the epoch. */
  see(snapshot: DiskSnapshot | undefined, now: number, wallNow: number): void {
    const before = this.status
    if (this.target.ageMs === undefined && this.#last === undefined && snapshot?.createdAt) {
      this.#startedAt = now - Math.max(0, wallNow - snapshot.createdAt.getTime())
    }
    this.#missingSince = snapshot === undefined ? (this.#missingSince ?? now) : undefined
    this.#last = snapshot ?? this.#last
    this.sawRunning ||= snapshot !== undefined && this.isRunning
    if (this.status !== before) this.#changedAt = now
  }

  /** Whether it is still in progress, as far as is known. */
  get isRunning(): boolean {
    return this.#last === undefined || this.#last.state === 'pending'
  }

  /**
   * Whether to poll the operation: always if the snapshot alone doesn't show that all is well, every `everyMs` while nothing
   * changes, and rarely while progress advances, which hardly costs a second request.
   */
  wantsOperation(now: number, everyMs: number): boolean {
    if (this.#operation === undefined || this.#operation.status !== 'started') return false
    const isPending = this.#missingSince === undefined && this.#last?.state === 'pending'
    const quietMs = now - Math.max(this.#changedAt, this.#askedAt)
    return !isPending || quietMs >= everyMs || now - this.#askedAt >= seldom * everyMs
  }

  /** Notes the operation, if it was read. */
  seeOperation(operations: ReadonlyMap<string, Operation> | undefined, now: number): void {
    this.#operation = operations?.get(this.#operation?.id ?? '') ?? this.#operation
    this.#askedAt = now
  }

  /** Ends the wait if what was seen is final. */
  judge(now: number): void {
    const isVisible = this.#missingSince === undefined
    const look = { snapshot: isVisible ? this.#last : undefined, operation: this.#operation }
    const missingForMs = now - (this.#missingSince ?? now)
    const absence = { missingForMs, ageMs: this.ageMs(now), seenBefore: this.#last !== undefined }
    const verdict = judge(this.named, look, absence)
    if (verdict === 'completed') this.finish('completed', now, undefined)
    else if (verdict !== 'pending') this.finish('error', now, verdict)
  }

  /** Ends the wait if what is known is a failure, whatever else could be read. */
  judgeFailure(now: number): void {
    const verdict = judge(this.named, { snapshot: this.#last, operation: this.#operation })
    if (verdict !== 'pending' && verdict !== 'completed') this.finish('error', now, verdict)
  }

  get named(): Named {
    const { snapshotName: name, snapshotType } = this.target
    return { type: this.#last?.type ?? snapshotType, name, region: this.#region }
  }

  finish(state: SnapshotState, atMs: number, failure: Failure | undefined): void {
    this.#end = { state, failure, atMs }
  }
}
