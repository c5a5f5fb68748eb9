import { Failure } from '../basics/failure.js'
import { capital } from '../basics/text.js'
import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import { newMayBeMissingMs } from '../domain/verdict.js'
import type { Log } from '../github/log.js'
import type { Lightsail } from '../lightsail/client.js'
import { lookAt } from '../lightsail/commands.js'
import { isUncertain, mayPass } from '../lightsail/error-table.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { consoleUrl } from '../lightsail/names.js'
import { overtimeMs, type Patience, type RetryTools, retry } from '../lightsail/retry.js'
import { snapshotTypes } from '../lightsail/snapshot-types.js'
import { type Disk, type DiskSnapshot, type Instance, type Operation, subjectOf } from '../lightsail/types.js'
import { type Advised, claimOf, type IfExists, lacksTags, refusals, runOf } from './claim.js'
import { findOperation, type OperationLists } from './operation-lookup.js'

/** The requests for taking snapshots. */
export type TakingService = OperationLists &
  Pick<
    Lightsail,
    | 'region'
    | 'createDiskSnapshot'
    | 'getDiskSnapshot'
    | 'createInstanceSnapshot'
    | 'getInstanceSnapshot'
    | 'getDisk'
    | 'getInstance'
  >

export interface TakeTools extends RetryTools {
  readonly lightsail: TakingService
  readonly log: Pick<Log, 'info' | 'notice' | 'warning'>
  /** Its signal stops retries. */
  readonly patience: Patience
  /** Aborts the request in progress. */
  readonly abort: AbortSignal
  readonly ifExists: IfExists
}

/** An existing snapshot under the planned name. */
export interface Found {
  readonly snapshot: DiskSnapshot
  /** Whether another step took it. */
  readonly adopted: boolean
}

/** The result of a request: the operation if it is known, and the snapshot if it already existed. */
export interface Outcome {
  readonly operation: Operation | undefined
  readonly found: Found | undefined
}

/** The response is missing and the snapshot can't be found: it may have been started. */
export class LostResponse extends ServiceFailure {}

/** How long (ms) a single lookup of the name may take. */
const lookMs = 5000
const pauseMs = 2000

/**
 * How long (ms) the request is retried while its name is taken but no snapshot has it: the service holds a deleted name for a
 * while, and a new snapshot may not be visible yet.
 */
const nameHeldMs = 120_000

/** How long (ms) new tags may stay invisible. */
const tagsHiddenMs = 10_000

/**
 * The request for one snapshot. Retrying is safe because of the name, which a second snapshot can't have, and the tag
 * client-token, which identifies this step's own. If a response is lost, the name is looked up.
 */
export class SnapshotRequest {
  /** Whether a request was sent whose response is missing, so that it may have been carried out. */
  #responseLost = false
  readonly #planned: PlannedSnapshot
  readonly #tools: TakeTools
  #takenSinceMs: number | undefined

  constructor(planned: PlannedSnapshot, tools: TakeTools) {
    this.#planned = planned
    this.#tools = tools
  }

  /** Sends it until there is one snapshot under the name. Throws a Failure if there can't be: LostResponse if that is unknown. */
  async send(): Promise<Outcome> {
    try {
      return await retry(
        () => this.#sendOnce(),
        () => true,
        this.#tools.patience,
        this.#tools,
      )
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (this.#responseLost) throw this.#notKnown(error)
      throw error.errorClass === 'cancelled' ? notStarted(this.#planned) : error
    }
  }

  /** Sends it once, and again while the name is taken but no snapshot has it. */
  async #sendOnce(): Promise<Outcome> {
    for (;;) {
      const ended = await this.#attempt()
      if (!(ended instanceof ServiceFailure)) return ended
      const found = await this.#lookUp()
      if (found !== undefined && !(found instanceof ServiceFailure)) return this.#settle(found, ended)
      if (ended.errorClass !== 'name-taken') throw ended
      await this.#waitForName(ended, found)
    }
  }

  get #requests() {
    return snapshotTypes[this.#planned.snapshotType]
  }

  /** One request. Returns a failure that the snapshot under the name will explain; throws any other. */
  async #attempt(): Promise<Outcome | ServiceFailure> {
    const { lightsail, patience, abort } = this.#tools
    try {
      const once = { ...patience, signal: abort, attempts: 1 }
      const operation = await lightsail[this.#requests.create](this.#planned, once)
      return { operation, found: undefined }
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      const isLost = isUncertain(error.errorClass)
      this.#responseLost ||= isLost
      if (isLost || error.errorClass === 'name-taken') return error
      throw error
    }
  }

  /** Pauses before the next request. Throws if the name has been taken for too long. */
  async #waitForName(failure: ServiceFailure, found: ServiceFailure | undefined): Promise<void> {
    const { clock, patience } = this.#tools
    this.#checkCancelled(failure)
    const now = clock.monotonic()
    this.#takenSinceMs ??= now
    const untilMs = Math.min(patience.untilMs, this.#takenSinceMs + nameHeldMs)
    // A request that isn't allowed now won't be later.
    const isHopeless = found !== undefined && !mayPass(found.errorClass)
    if (isHopeless || now + pauseMs > untilMs) throw this.#neverFound(failure, found)
    await clock.sleep(pauseMs, patience.signal).catch(() => {})
    this.#checkCancelled(failure)
  }

  #checkCancelled(failure: ServiceFailure): void {
    if (this.#tools.patience.signal?.aborted) throw this.#responseLost ? failure : notStarted(this.#planned)
  }

  #neverFound(failure: ServiceFailure, found: ServiceFailure | undefined): Failure {
    if (this.#responseLost) return failure
    if (found !== undefined)
      return this.#taken(failure, `by something that could not be read. ${found.message}`, found)
    const what = `something that is not ${this.#requests.words}, or by a deleted one whose name Lightsail still holds`
    return this.#taken(failure, `by ${what}`)
  }

  /** The snapshot under the name, with its tags if they become visible in time. */
  async #lookUp(): Promise<DiskSnapshot | ServiceFailure | undefined> {
    const { clock, patience } = this.#tools
    const hiddenMs = this.#responseLost ? newMayBeMissingMs : tagsHiddenMs
    const untilMs = Math.min(patience.untilMs, clock.monotonic() + hiddenMs)
    for (;;) {
      if (patience.signal?.aborted) return undefined
      const found = await this.#lookOnce()
      if (found === undefined || found instanceof ServiceFailure || !lacksTags(found)) return found
      if (clock.monotonic() + pauseMs > untilMs) return found
      await clock.sleep(pauseMs, patience.signal).catch(() => {})
    }
  }

  #lookOnce(): Promise<DiskSnapshot | ServiceFailure | undefined> {
    const { lightsail, clock, patience } = this.#tools
    const untilMs = Math.min(clock.monotonic() + lookMs, patience.untilMs + overtimeMs / 2)
    const brief = { untilMs, signal: patience.signal }
    return orServiceFailure(lightsail[this.#requests.get](this.#planned.snapshotName, brief))
  }

  /** Uses the snapshot under the name, or throws. */
  async #settle(snapshot: DiskSnapshot, failure: ServiceFailure): Promise<Outcome> {
    const sourceArn = await this.#sourceArn()
    const claim = claimOf(snapshot, this.#planned, { sourceArn, ifExists: this.#tools.ifExists })
    // Without its tags, what became of the lost request is unknown.
    if (this.#responseLost && lacksTags(snapshot)) throw failure
    this.#responseLost = false
    if (claim !== 'own' && claim !== 'adopted')
      throw this.#taken(failure, ...refusals[claim](snapshot, this.#tools.lightsail.region))
    const adopted = claim === 'adopted'
    this.#tellOf(snapshot, adopted)
    const { lightsail, patience, clock } = this.#tools
    const operation = await findOperation(snapshot, lightsail, patience, clock)
    return {
      operation: operation instanceof ServiceFailure ? undefined : operation,
      found: { snapshot, adopted },
    }
  }

  /** The ARN of the source, looked up if unknown; undefined if it can't be found. */
  async #sourceArn(): Promise<string | undefined> {
    const { source, arn } = this.#planned
    const { lightsail, clock, patience } = this.#tools
    if (arn !== undefined) return arn
    const brief = { untilMs: Math.min(clock.monotonic() + lookMs, patience.untilMs), signal: patience.signal }
    const get = source.type === 'disk' ? lightsail.getDisk : lightsail.getInstance
    const found = await orServiceFailure<Disk | Instance | undefined>(get(source.name, brief))
    return found instanceof ServiceFailure ? undefined : (found?.arn ?? undefined)
  }

  #tellOf({ name, tags, state }: DiskSnapshot, adopted: boolean): void {
    const { log } = this.#tools
    const of = `snapshot "${name}" of ${subjectOf(this.#planned.source)}`
    if (adopted) {
      const notice = `${capital(of)} already exists (${state}); ${runOf(tags)} took it for the same commit.`
      log.notice(`${notice} Using it instead of taking another.`)
    } else {
      log.info(`${capital(of)} was started, although the response to the request was lost`)
    }
  }

  /** The failure for a name that is taken. */
  #taken(failure: ServiceFailure, by: string, { advice, copyables }: Advised = failure): Failure {
    const { region } = this.#tools.lightsail
    return new Failure(
      `The name of snapshot "${this.#planned.snapshotName}" is already in use in ${region} ${by.replace(/\.$/, '')}.`,
      advice,
      { cause: failure.cause, copyables },
    )
  }

  /** The failure for a lost response, if what became of the request is unknown. */
  #notKnown(failure: ServiceFailure): LostResponse {
    const look = `Snapshot "${this.#planned.snapshotName}" may have been started anyway. Check ${consoleUrl} first.`
    const { errorClass, message } = failure
    // The usual advice says that nothing was created. Here that is unknown.
    const { advice, copyables } = errorClass === 'name-taken' ? { advice: '', copyables: [] } : failure
    return new LostResponse(errorClass, message, `${look} ${advice}`.trim(), failure, [
      lookAt(this.#tools.lightsail.region, this.#planned.snapshotName, this.#planned.snapshotType),
      ...copyables,
    ])
  }
}

/** The failure of a snapshot that a cancelled step did not start. */
export function notStarted({ snapshotName }: PlannedSnapshot): Failure {
  return new Failure(
    `This step was cancelled before snapshot "${snapshotName}" was started.`,
    'Nothing was deleted. Rerun the job to take it.',
  )
}
