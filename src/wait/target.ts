import type { Failure } from '../basics/failure.js'
import { type DiskSnapshot, type Operation, operationStage, type Stage } from '../lightsail/types.js'
import { judge } from './judge.js'

/** A snapshot to wait for. */
export interface Target {
  readonly snapshotName: string
  /** The operation that makes it, where that is known. */
  readonly operation: Operation | undefined
  /** How long ago it was started, in milliseconds; 0 when that has only just happened, undefined when nobody knows. */
  readonly ageMs: number | undefined
}

interface End {
  readonly stage: Stage
  readonly failure: Failure | undefined
  readonly atMs: number
}

/** While nothing changes, the operation is asked for this often, in milliseconds. */
const operationLookMs = 60_000

/** What has been seen of one target so far. Times are on the clock's monotonic time, in milliseconds. */
export class Watch {
  readonly target: Target
  /** Whether its end has been said. */
  silent = false
  readonly #region: string
  #startedAt: number
  #operation: Operation | undefined
  /** The snapshot as it was when it could last be found. */
  #last: DiskSnapshot | undefined
  #visible = false
  #changedAt: number
  #end: End | undefined

  constructor(target: Target, region: string, now: number) {
    this.target = target
    this.#region = region
    this.#startedAt = now - Math.max(0, target.ageMs ?? 0)
    this.#operation = target.operation
    this.#changedAt = now
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
    if (!this.#visible) return 'not found'
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
    this.#visible = snapshot !== undefined
    this.#last = snapshot ?? this.#last
    if (this.status !== before) this.#changedAt = now
  }

  /**
   * Whether the operation has to be asked for: always where the snapshot alone doesn't say that all is well, and once a
   * minute while nothing changes. A snapshot that goes on as it should costs no second request.
   */
  wantsOperation(now: number): boolean {
    if (this.#operation === undefined || operationStage(this.#operation.status) !== 'running') return false
    return !this.#visible || this.#last?.state !== 'pending' || now - this.#changedAt >= operationLookMs
  }

  /** Takes the operation from what was read; one that isn't there is as it was. */
  seeOperation(operations: ReadonlyMap<string, Operation> | undefined, now: number): void {
    this.#operation = operations?.get(this.#operation?.id ?? '') ?? this.#operation
    this.#changedAt = now
  }

  /** Ends the watch where what was seen is an end. */
  judge(now: number): void {
    const look = { snapshot: this.#visible ? this.#last : undefined, operation: this.#operation }
    const named = { name: this.target.snapshotName, region: this.#region }
    const verdict = judge(named, look, this.ageMs(now), this.#last !== undefined)
    if (verdict === 'completed') this.finish('done', now, undefined)
    else if (verdict !== 'running') this.finish('failed', now, verdict)
  }

  finish(stage: Stage, atMs: number, failure: Failure | undefined): void {
    this.#end = { stage, failure, atMs }
  }
}
