import type { Failure } from '../basics/failure.js'
import { judge, type Named } from '../domain/verdict.js'
import type { DiskSnapshot, Operation, SnapshotState } from '../lightsail/types.js'

/** A snapshot to wait for. */
export interface Target {
  readonly snapshotName: string
  /** The operation that makes it, where that is known. */
  readonly operation: Operation | undefined
  /** How long ago it was started, in milliseconds; 0 when that has only just happened, undefined when nobody knows. */
  readonly ageMs: number | undefined
}

interface End {
  readonly state: SnapshotState
  readonly failure: Failure | undefined
  readonly atMs: number
}

/** So many times less often the operation is asked for while the snapshot's progress goes on. */
const seldom = 5

/** What has been seen of one target so far. Times are on the clock's monotonic time, in milliseconds. */
export class WatchedSnapshot {
  readonly target: Target
  /** Whether its end has been said. */
  silent = false
  /** Whether it has been seen on its way: only then its end was seen as well, and not found. */
  sawRunning = false
  readonly #region: string
  #startedAt: number
  #operation: Operation | undefined
  /** The snapshot as it was when it could last be found. */
  #last: DiskSnapshot | undefined
  #missingSince: number | undefined
  #changedAt: number
  /** When the operation was asked for last. */
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

  /** The snapshot as it was when it could last be found. */
  get snapshot(): DiskSnapshot | undefined {
    return this.#last
  }

  get end(): End | undefined {
    return this.#end
  }

  /** How things are, in a few words. */
  get status(): string {
    if (this.#last === undefined) return 'not visible yet'
    if (this.#missingSince !== undefined) return 'not found'
    return [this.#last.state, this.#last.progress].filter((part) => part !== null).join(', ')
  }

  /** In percent; undefined where the service doesn't say. */
  get progress(): number | undefined {
    const digits = /^\s*(\d{1,3})(?:\.\d+)?\s*%?\s*$/.exec(this.#last?.progress ?? '')?.[1]
    return digits === undefined || Number(digits) > 100 ? undefined : Number(digits)
  }

  /** Since the snapshot was started. */
  ageMs(now: number): number {
    return now - this.#startedAt
  }

  /** Takes the snapshot from what was read. `wallNow` is the time since the epoch. */
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

  /** Whether it goes on in the service, as far as was seen. */
  get isRunning(): boolean {
    return this.#last === undefined || this.#last.state === 'pending'
  }

  /**
   * Whether the operation has to be asked for: always where the snapshot alone doesn't say that all is well, every `everyMs`
   * while nothing changes, and seldom while it goes on as it should, which then costs hardly a second request.
   */
  wantsOperation(now: number, everyMs: number): boolean {
    if (this.#operation === undefined || this.#operation.status !== 'started') return false
    const isPending = this.#missingSince === undefined && this.#last?.state === 'pending'
    const quietMs = now - Math.max(this.#changedAt, this.#askedAt)
    return !isPending || quietMs >= everyMs || now - this.#askedAt >= seldom * everyMs
  }

  /** Takes the operation from what was read; one that isn't there is as it was. */
  seeOperation(operations: ReadonlyMap<string, Operation> | undefined, now: number): void {
    this.#operation = operations?.get(this.#operation?.id ?? '') ?? this.#operation
    this.#askedAt = now
  }

  /** Ends the watch where what was seen is an end. */
  judge(now: number): void {
    const isVisible = this.#missingSince === undefined
    const look = { snapshot: isVisible ? this.#last : undefined, operation: this.#operation }
    const missingForMs = now - (this.#missingSince ?? now)
    const absence = { missingForMs, ageMs: this.ageMs(now), seenBefore: this.#last !== undefined }
    const verdict = judge(this.#named, look, absence)
    if (verdict === 'completed') this.finish('completed', now, undefined)
    else if (verdict !== 'pending') this.finish('error', now, verdict)
  }

  /** Ends the watch where what is known by now is a failure already, whatever else could be read. */
  judgeFailure(now: number): void {
    const verdict = judge(this.#named, { snapshot: this.#last, operation: this.#operation })
    if (verdict !== 'pending' && verdict !== 'completed') this.finish('error', now, verdict)
  }

  get #named(): Named {
    return { name: this.target.snapshotName, region: this.#region }
  }

  finish(state: SnapshotState, atMs: number, failure: Failure | undefined): void {
    this.#end = { state, failure, atMs }
  }
}
