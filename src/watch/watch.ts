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
  SnapshotReader,
  type SnapshotSource,
} from '../lightsail/reader.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot, Operation, SnapshotState } from '../lightsail/types.js'
import { pauseBeforeNextPoll } from './schedule.js'
import { type Target, WatchedSnapshot } from './watched-snapshot.js'

/** The requests of a wait. */
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

/** How the wait for one snapshot ended: the snapshot when last seen, and the failure if it isn't good. */
export interface Watched {
  readonly snapshot: DiskSnapshot | undefined
  /** `pending`: still unknown, because time ran out, the service didn't respond, or the step was cancelled. */
  readonly state: SnapshotState
  readonly failure: Failure | undefined
  /** When it was seen complete or failed, on the clock's monotonic time, in milliseconds. */
  readonly endedAtMs: number
  /** Whether it was ever seen in progress; if not, its end time is unknown. */
  readonly sawRunning: boolean
}

/**
 * Watches snapshots until each is complete or has failed, or time runs out. Never throws for what the service does: always
 * returns what was seen last, in the order of the targets, so that it can be reported. Deletes nothing.
 */
export async function watchSnapshots(
  targets: readonly Target[],
  limits: WaitLimits,
  tools: WaitTools,
): Promise<Watched[]> {
  const wait = new Watch(targets, limits, tools)
  try {
    await wait.run()
  } catch (error) {
    if (tools.signal?.aborted !== true) throw error
    wait.endAll(({ named, status, isRunning }) => cancelled(named, status, isRunning))
  }
  return wait.results()
}

/** More snapshots than this share one line of the log. */
const mostWithOwnLine = 5

/** How often (ms) an operation is polled while its snapshot doesn't change. */
const operationLookMs = 60_000

class Watch {
  readonly #limits: WaitLimits
  readonly #tools: WaitTools
  readonly #snapshots: readonly WatchedSnapshot[]
  readonly #reader: SnapshotReader
  readonly #operations: Reader<Operation>
  readonly #progress: Progress
  readonly #startedAt: number
  /** The failure of the last round. */
  #trouble: ServiceFailure | undefined
  #throttled = 0

  constructor(targets: readonly Target[], limits: WaitLimits, tools: WaitTools) {
    this.#limits = limits
    this.#tools = tools
    this.#startedAt = tools.clock.monotonic()
    this.#snapshots = targets.map(
      (target) => new WatchedSnapshot(target, tools.lightsail.region, this.#startedAt),
    )
    this.#reader = new SnapshotReader(tools.lightsail)
    this.#operations = operationReader(tools.lightsail)
    this.#progress = new Progress(tools.log.info, tools.clock)
  }

  async run(): Promise<void> {
    // A snapshot that was just started can't be complete yet.
    if (this.#open.length > 0 && this.#snapshots.every(({ target }) => target.ageMs === 0))
      await this.#pause()
    while (this.#open.length > 0) {
      const fatal = await this.#round()
      this.#tell()
      if (fatal !== undefined) this.#giveUp(fatal)
      else if (this.#remainingMs <= 0) this.#timeOut()
      else if (this.#open.length > 0) await this.#pause()
    }
  }

  results(): Watched[] {
    return this.#snapshots.map((watched) => ({
      snapshot: watched.snapshot,
      state: watched.end?.state ?? 'pending',
      failure: watched.end?.failure,
      endedAtMs: watched.end?.atMs ?? this.#tools.clock.monotonic(),
      sawRunning: watched.sawRunning,
    }))
  }

  /** Ends the wait for every open snapshot, whose state is unknown. */
  endAll(failure: (watched: WatchedSnapshot) => Failure): void {
    for (const watched of this.#open) {
      watched.finish('pending', this.#tools.clock.monotonic(), failure(watched))
    }
  }

  get #open(): readonly WatchedSnapshot[] {
    return this.#snapshots.filter(({ end }) => end === undefined)
  }

  get #elapsedMs(): number {
    return this.#tools.clock.monotonic() - this.#startedAt
  }

  get #remainingMs(): number {
    return this.#limits.timeoutMs - this.#elapsedMs
  }

  /** Polls once. Returns a failure that ends the wait; one that may pass is only noted. */
  async #round(): Promise<ServiceFailure | undefined> {
    try {
      await this.#look()
    } catch (error) {
      if (!(error instanceof ServiceFailure) || this.#tools.signal?.aborted) throw error
      if (!mayPass(error.errorClass)) return error
      // Logged once, not at every poll.
      if (this.#trouble === undefined) this.#tools.log.warning(`${error.message} The wait continues.`)
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
    // One attempt: the next poll is the retry.
    const patience: Patience = { untilMs: clock.monotonic() + this.#remainingMs, signal, attempts: 1 }
    const open = this.#open
    try {
      await this.#read(open, patience)
    } catch (error) {
      // A known failure stays one, whatever else can't be read.
      for (const watched of open) watched.judgeFailure(clock.monotonic())
      throw error
    }
    for (const watched of open) watched.judge(clock.monotonic())
  }

  async #read(open: readonly WatchedSnapshot[], patience: Patience): Promise<void> {
    const { clock } = this.#tools
    const wanted = open.map(({ named }) => named)
    const snapshots = await this.#reader.read(wanted, patience)
    const wallNow = this.#tools.lightsail.serviceTime() ?? clock.now()
    for (const watched of open) {
      watched.see(snapshots.get(watched.target.snapshotName), clock.monotonic(), wallNow)
    }
    // The more snapshots, the less often each: together they must not use up the account's request rate.
    const everyMs = operationLookMs * Math.max(1, open.length / mostWithOwnLine)
    const doubtful = open.filter((watched) => watched.wantsOperation(clock.monotonic(), everyMs))
    const ids = doubtful.flatMap(({ target }) => target.operation?.id ?? [])
    const operations = ids.length === 0 ? undefined : await this.#operations.read(ids, patience)
    for (const watched of doubtful) watched.seeOperation(operations, clock.monotonic())
  }

  /** Ends the wait for all, with the same failure. */
  #giveUp(trouble: ServiceFailure): void {
    const names = this.#open.map(({ target }) => target.snapshotName)
    const hasExpired = trouble.errorClass === 'credentials-expired'
    const failure = (hasExpired ? credentialsEnded : unread)(names, this.#elapsedMs, trouble)
    this.endAll(() => failure)
  }

  #timeOut(): void {
    if (this.#trouble !== undefined) this.#giveUp(this.#trouble)
    else this.endAll(({ named, status }) => timedOut(named, this.#elapsedMs, status))
  }

  async #pause(): Promise<void> {
    const { clock, random = Math.random, schedule = pauseBeforeNextPoll, signal } = this.#tools
    const open = this.#open
    const pause = schedule({
      elapsedMs: Math.max(0, ...open.map((watched) => watched.ageMs(clock.monotonic()))),
      pollIntervalMs: this.#limits.pollIntervalMs,
      progress: slowest(open),
      throttled: this.#throttled,
      retryAfterMs: this.#trouble?.retryAfterMs,
      random: random(),
    })
    await this.#progress.sleep(Math.max(0, Math.min(this.#remainingMs, pause)), signal)
  }

  /** Logs what is new: each snapshot, or for many how many are complete and how far the slowest is. */
  #tell(): void {
    if (this.#snapshots.length <= mostWithOwnLine) {
      for (const watched of this.#snapshots) this.#tellOf(watched)
      return
    }
    const open = this.#open
    const complete = this.#snapshots.filter(({ end }) => end?.state === 'completed').length
    const progress = slowest(open)
    const rest = progress === undefined ? '' : `, the slowest is at ${progress}%`
    this.#progress.note('All snapshots', `${complete} of ${this.#snapshots.length} complete${rest}`)
  }

  #tellOf(watched: WatchedSnapshot): void {
    const { snapshotName } = watched.target
    if (watched.silent) return
    if (this.#trouble === undefined || watched.snapshot !== undefined)
      this.#progress.note(snapshotName, watched.status)
    if (watched.end === undefined) return
    watched.silent = true
    this.#progress.close(snapshotName)
  }
}

/** The least progress of these, in percent; undefined if one is unknown. */
function slowest(snapshots: readonly WatchedSnapshot[]): number | undefined {
  const all = snapshots.map(({ progress }) => progress)
  const known = all.filter((progress) => progress !== undefined)
  return known.length === all.length && known.length > 0 ? Math.min(...known) : undefined
}
