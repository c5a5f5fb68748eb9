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
import { type Target, WatchedSnapshot } from './watched-snapshot.js'

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
  const wait = new Watch(targets, limits, tools)
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

class Watch {
  readonly #limits: WaitLimits
  readonly #tools: WaitTools
  readonly #snapshots: readonly WatchedSnapshot[]
  readonly #reader: Reader<DiskSnapshot>
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
    this.#snapshots = targets.map(
      (target) => new WatchedSnapshot(target, tools.lightsail.region, this.#startedAt),
    )
    this.#reader = snapshotReader(tools.lightsail)
    this.#operations = operationReader(tools.lightsail)
    this.#progress = new Progress(tools.log.info, tools.clock)
  }

  async run(): Promise<void> {
    // What has only just been started can't be over yet.
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

  /** Ends every watch that is still open, without knowing how its snapshot is. */
  endAll(failure: (watched: WatchedSnapshot, region: string) => Failure): void {
    for (const watched of this.#open) {
      watched.finish('pending', this.#tools.clock.monotonic(), failure(watched, this.#tools.lightsail.region))
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
      for (const watched of open) watched.judgeFailure(clock.monotonic())
      throw error
    }
    for (const watched of open) watched.judge(clock.monotonic())
  }

  async #read(open: readonly WatchedSnapshot[], patience: Patience): Promise<void> {
    const { clock } = this.#tools
    const names = open.map(({ target }) => target.snapshotName)
    const snapshots = await this.#reader.read(names, patience)
    const wallNow = this.#tools.lightsail.serviceTime() ?? clock.now()
    for (const watched of open) {
      watched.see(snapshots.get(watched.target.snapshotName), clock.monotonic(), wallNow)
    }
    // Of many, each is asked for less often: together they must not use up what the account may ask.
    const everyMs = operationLookMs * Math.max(1, open.length / mostWithOwnLine)
    const doubtful = open.filter((watched) => watched.wantsOperation(clock.monotonic(), everyMs))
    const ids = doubtful.flatMap(({ target }) => target.operation?.id ?? [])
    const operations = ids.length === 0 ? undefined : await this.#operations.read(ids, patience)
    for (const watched of doubtful) watched.seeOperation(operations, clock.monotonic())
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
      elapsedMs: Math.max(0, ...open.map((watched) => watched.ageMs(clock.monotonic()))),
      pollIntervalMs: this.#limits.pollIntervalMs,
      progress: slowest(open),
      throttled: this.#throttled,
      random: random(),
    })
    await this.#progress.sleep(Math.max(0, Math.min(this.#remainingMs, pause)), signal)
  }

  /** Says what is new, each snapshot by itself, or of many how many are complete and how the slowest is. */
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

/** The least progress of these, in percent; undefined where one doesn't say. */
function slowest(snapshots: readonly WatchedSnapshot[]): number | undefined {
  const all = snapshots.map(({ progress }) => progress)
  const known = all.filter((progress) => progress !== undefined)
  return known.length === all.length && known.length > 0 ? Math.min(...known) : undefined
}
