import type { Clock } from '../basics/clock.js'
import type { Failure } from '../basics/failure.js'
import { Progress } from '../basics/progress.js'
import { cancelled, credentialsEnded, timedOut, unread } from '../domain/verdict.js'
import type { Log } from '../github/log.js'
import type { Lightsail } from '../lightsail/client.js'
import { mayPass } from '../lightsail/error-table.js'
import { ServiceFailure } from '../lightsail/errors.js'
import {
  type OperationSource,
  operationReader,
  type Reader,
  type SnapshotSource,
  snapshotReader,
} from '../lightsail/reader.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot, Operation, SnapshotState } from '../lightsail/types.js'
import { pauseBeforeNextPoll } from './schedule.js'
import { type Target, Watch } from './target.js'

/** What a wait asks of the service. */
export type WatchedService = Pick<Lightsail, 'region' | 'serviceTime'> & SnapshotSource & OperationSource

export interface WaitLimits {
  readonly timeoutMs: number
  readonly pollIntervalMs: number
}

export interface WaitTools {
  readonly lightsail: WatchedService
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warning'>
  readonly signal?: AbortSignal
  readonly random?: () => number
  /** Another schedule, for a comparison. */
  readonly schedule?: typeof pauseBeforeNextPoll
}

/** How the wait for one snapshot ended: as it was seen last, and the failure where it isn't good. */
export interface Watched {
  readonly snapshot: DiskSnapshot | undefined
  /** `pending`: nobody knows yet, because the time was up, the service didn't answer, or the step was cancelled. */
  readonly state: SnapshotState
  readonly failure: Failure | undefined
  /** When its end was seen, on the clock's monotonic time, in milliseconds. */
  readonly endedAtMs: number
  /** Whether it was seen on its way; if not, nobody knows when it ended. */
  readonly sawRunning: boolean
}

/**
 * Watches snapshots until each is complete or has failed, or the time is up. Never throws for what the service does: the
 * last that was seen is always given, in the order of the targets, so that it can be reported. Deletes nothing.
 */
export async function watchSnapshots(
  targets: readonly Target[],
  limits: WaitLimits,
  tools: WaitTools,
): Promise<Watched[]> {
  const wait = new Wait(targets, limits, tools)
  try {
    await wait.run()
  } catch (error) {
    if (tools.signal?.aborted !== true) throw error
    wait.endAll(({ target, status, isRunning }, region) =>
      cancelled(target.snapshotName, region, status, isRunning),
    )
  }
  return wait.results()
}

/** More snapshots than these share one line of the log. */
const mostWithOwnLine = 5

/** How often an operation is asked for while its snapshot doesn't change, in milliseconds. */
const operationLookMs = 60_000

class Wait {
  readonly #limits: WaitLimits
  readonly #tools: WaitTools
  readonly #watches: readonly Watch[]
  readonly #snapshots: Reader<DiskSnapshot>
  readonly #operations: Reader<Operation>
  readonly #progress: Progress
  readonly #startedAt: number
  /** What the last round without an answer ended in. */
  #trouble: ServiceFailure | undefined
  #throttled = 0

  constructor(targets: readonly Target[], limits: WaitLimits, tools: WaitTools) {
    this.#limits = limits
    this.#tools = tools
    this.#startedAt = tools.clock.monotonic()
    this.#watches = targets.map((target) => new Watch(target, tools.lightsail.region, this.#startedAt))
    this.#snapshots = snapshotReader(tools.lightsail)
    this.#operations = operationReader(tools.lightsail)
    this.#progress = new Progress(tools.log.info, tools.clock)
  }

  async run(): Promise<void> {
    // What has only just been started can't be over yet.
    if (this.#open.length > 0 && this.#watches.every(({ target }) => target.ageMs === 0)) await this.#pause()
    while (this.#open.length > 0) {
      const fatal = await this.#round()
      this.#tell()
      if (fatal !== undefined) this.#giveUp(fatal)
      else if (this.#remainingMs <= 0) this.#timeOut()
      else if (this.#open.length > 0) await this.#pause()
    }
  }

  results(): Watched[] {
    return this.#watches.map((watch) => ({
      snapshot: watch.snapshot,
      state: watch.end?.state ?? 'pending',
      failure: watch.end?.failure,
      endedAtMs: watch.end?.atMs ?? this.#tools.clock.monotonic(),
      sawRunning: watch.sawRunning,
    }))
  }

  /** Ends every watch that is still open, without knowing how its snapshot is. */
  endAll(failure: (watch: Watch, region: string) => Failure): void {
    for (const watch of this.#open) {
      watch.finish('pending', this.#tools.clock.monotonic(), failure(watch, this.#tools.lightsail.region))
    }
  }

  get #open(): readonly Watch[] {
    return this.#watches.filter(({ end }) => end === undefined)
  }

  get #elapsedMs(): number {
    return this.#tools.clock.monotonic() - this.#startedAt
  }

  get #remainingMs(): number {
    return this.#limits.timeoutMs - this.#elapsedMs
  }

  /** Asks the service once. What may do better next time changes nothing; gives any other failure. */
  async #round(): Promise<ServiceFailure | undefined> {
    try {
      await this.#look()
    } catch (error) {
      if (!(error instanceof ServiceFailure) || this.#tools.signal?.aborted) throw error
      if (!mayPass(error.errorClass)) return error
      // Said once, not at every poll: the wait goes on for as long as it may.
      if (this.#trouble === undefined) this.#tools.log.warning(`${error.message} The wait goes on.`)
      this.#trouble = error
      this.#throttled = error.errorClass === 'throttled' ? this.#throttled + 1 : 0
      return undefined
    }
    this.#trouble = undefined
    this.#throttled = 0
    return undefined
  }

  async #look(): Promise<void> {
    const { clock, signal } = this.#tools
    // One attempt: the next poll is the retry, and its pause is the schedule's.
    const patience: Patience = { untilMs: clock.monotonic() + this.#remainingMs, signal, attempts: 1 }
    const open = this.#open
    try {
      await this.#read(open, patience)
    } catch (error) {
      // What has failed already stays so, whatever else can't be read.
      for (const watch of open) watch.judgeFailure(clock.monotonic())
      throw error
    }
    for (const watch of open) watch.judge(clock.monotonic())
  }

  async #read(open: readonly Watch[], patience: Patience): Promise<void> {
    const { clock } = this.#tools
    const names = open.map(({ target }) => target.snapshotName)
    const snapshots = await this.#snapshots.read(names, patience)
    const wallNow = this.#tools.lightsail.serviceTime() ?? clock.now()
    for (const watch of open) {
      watch.see(snapshots.get(watch.target.snapshotName), clock.monotonic(), wallNow)
    }
    // Of many, each is asked for less often: together they must not use up what the account may ask.
    const everyMs = operationLookMs * Math.max(1, open.length / mostWithOwnLine)
    const doubtful = open.filter((watch) => watch.wantsOperation(clock.monotonic(), everyMs))
    const ids = doubtful.flatMap(({ target }) => target.operation?.id ?? [])
    const operations = ids.length === 0 ? undefined : await this.#operations.read(ids, patience)
    for (const watch of doubtful) watch.seeOperation(operations, clock.monotonic())
  }

  /** One failure for all: what one can't be asked, none can. */
  #giveUp(trouble: ServiceFailure): void {
    const names = this.#open.map(({ target }) => target.snapshotName)
    const hasExpired = trouble.errorClass === 'credentials-expired'
    const failure = (hasExpired ? credentialsEnded : unread)(names, this.#elapsedMs, trouble)
    this.endAll(() => failure)
  }

  #timeOut(): void {
    if (this.#trouble !== undefined) this.#giveUp(this.#trouble)
    else
      this.endAll(({ target, status }, region) =>
        timedOut(target.snapshotName, region, this.#elapsedMs, status),
      )
  }

  async #pause(): Promise<void> {
    const { clock, random = Math.random, schedule = pauseBeforeNextPoll, signal } = this.#tools
    const open = this.#open
    const pause = schedule({
      elapsedMs: Math.max(0, ...open.map((watch) => watch.ageMs(clock.monotonic()))),
      pollIntervalMs: this.#limits.pollIntervalMs,
      progress: slowest(open),
      throttled: this.#throttled,
      random: random(),
    })
    await this.#progress.sleep(Math.max(0, Math.min(this.#remainingMs, pause)), signal)
  }

  /** Says what is new, each snapshot by itself, or of many how many are complete and how the slowest is. */
  #tell(): void {
    if (this.#watches.length <= mostWithOwnLine) {
      for (const watch of this.#watches) this.#tellOf(watch)
      return
    }
    const open = this.#open
    const complete = this.#watches.filter(({ end }) => end?.state === 'completed').length
    const progress = slowest(open)
    const rest = progress === undefined ? '' : `, the slowest is at ${progress}%`
    this.#progress.note('All snapshots', `${complete} of ${this.#watches.length} complete${rest}`)
  }

  #tellOf(watch: Watch): void {
    const { snapshotName } = watch.target
    if (watch.silent) return
    if (this.#trouble === undefined || watch.snapshot !== undefined)
      this.#progress.note(snapshotName, watch.status)
    if (watch.end === undefined) return
    watch.silent = true
    this.#progress.close(snapshotName)
  }
}

/** The least progress of these, in percent; undefined where one doesn't say. */
function slowest(watches: readonly Watch[]): number | undefined {
  const all = watches.map(({ progress }) => progress)
  const known = all.filter((progress) => progress !== undefined)
  return known.length === all.length && known.length > 0 ? Math.min(...known) : undefined
}
