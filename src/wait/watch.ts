import type { Clock } from '../basics/clock.js'
import type { Failure } from '../basics/failure.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import { retried } from '../lightsail/retry.js'
import { type DiskSnapshot, type Operation, operationStage, type Stage } from '../lightsail/types.js'
import type { Log } from '../workflow/log.js'
import { judge, type Look, timedOut } from './judge.js'
import { Progress } from './progress.js'
import { pauseBeforeNextPoll } from './schedule.js'

/** A snapshot to wait for, and the operation that makes it. */
export interface Target {
  readonly snapshotName: string
  readonly operation: Operation
}

export interface WaitLimits {
  readonly timeoutMs: number
  readonly pollIntervalMs: number
}

export interface WaitTools {
  readonly lightsail: Lightsail
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warning'>
}

/** How a wait ended: the snapshot as it was seen last, and the failure where it isn't good. */
export interface Watched {
  readonly snapshot: DiskSnapshot | undefined
  /** `running`: nobody knows yet, because the time was up or the service didn't answer. */
  readonly stage: Stage
  readonly failure: Failure | undefined
}

/**
 * Watches a snapshot until it is complete, has failed, or the time is up. Never throws for what the service does: the
 * last that was seen is always given, so that it can be reported. Deletes nothing.
 */
export async function watchSnapshot(target: Target, limits: WaitLimits, tools: WaitTools): Promise<Watched> {
  const progress = new Progress((line) => tools.log.info(`${target.snapshotName}: ${line}`), tools.clock)
  const watch = new Watch(target, tools)
  const end = (stage: Stage, failure?: Failure): Watched => ({ snapshot: watch.lastSnapshot, stage, failure })
  for (;;) {
    const unanswered = await watch.look()
    progress.note(watch.status)
    if (unanswered !== undefined) return end('running', unanswered)
    const verdict = watch.troubled ? 'running' : judge(target.snapshotName, watch.seen, progress.elapsedMs)
    if (verdict === 'completed') return end('done')
    if (verdict !== 'running') return end('failed', verdict)
    const remaining = limits.timeoutMs - progress.elapsedMs
    if (remaining <= 0)
      return end(
        'running',
        timedOut(target.snapshotName, tools.lightsail.region, limits.timeoutMs, watch.status),
      )
    await progress.sleep(Math.min(remaining, pauseBeforeNextPoll(progress.elapsedMs, limits.pollIntervalMs)))
  }
}

/** What has been seen of a target so far. */
class Watch {
  readonly #target: Target
  readonly #tools: WaitTools
  #seen: Look
  #lastSnapshot: DiskSnapshot | undefined
  #troubled = false

  constructor(target: Target, tools: WaitTools) {
    this.#target = target
    this.#tools = tools
    this.#seen = { snapshot: undefined, operation: target.operation }
  }

  /** What the latest successful poll saw. */
  get seen(): Look {
    return this.#seen
  }

  /** Whether the latest poll had no answer, so that nothing follows from it. */
  get troubled(): boolean {
    return this.#troubled
  }

  /** The snapshot as it was when it could last be found. */
  get lastSnapshot(): DiskSnapshot | undefined {
    return this.#lastSnapshot
  }

  /** How things are, in a few words. */
  get status(): string {
    const { snapshot } = this.#seen
    if (snapshot === undefined) return this.#lastSnapshot === undefined ? 'not visible yet' : 'not found'
    return [snapshot.state, snapshot.progress].filter((part) => part !== null).join(', ')
  }

  /** Asks the service once. A request that may do better next time changes nothing; gives any other failure. */
  async look(): Promise<Failure | undefined> {
    try {
      this.#seen = await this.#ask()
      this.#lastSnapshot = this.#seen.snapshot ?? this.#lastSnapshot
      this.#troubled = false
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (!retried.read.has(error.errorClass)) return error
      // Said once, not at every poll: the wait goes on for as long as it may.
      if (!this.#troubled) this.#tools.log.warning(`${error.message} The wait goes on.`)
      this.#troubled = true
    }
    return undefined
  }

  async #ask(): Promise<Look> {
    const { lightsail } = this.#tools
    const known = this.#seen.operation ?? this.#target.operation
    const [snapshot, operation] = await Promise.all([
      lightsail.getDiskSnapshot(this.#target.snapshotName),
      operationStage(known.status) === 'running' ? lightsail.getOperation(known.id) : known,
    ])
    return { snapshot, operation: operation ?? known }
  }
}
