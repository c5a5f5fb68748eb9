import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import type { Lightsail } from '../lightsail/client.js'
import { deleteFailed, lookAt } from '../lightsail/commands.js'
import { ServiceFailure } from '../lightsail/errors.js'
import { consoleUrl } from '../lightsail/names.js'
import { isUncertain, mayPass, overtimeMs, type Patience, retry } from '../lightsail/retry.js'
import { type DiskSnapshot, type Operation, subjectOf } from '../lightsail/types.js'
import { newMayBeMissingMs } from '../wait/judge.js'
import type { Log } from '../workflow/log.js'
import { type Claim, claimOf, type IfExists, ownerOf, runOf } from './claim.js'
import { findOperation, type OperationLists } from './operation-lookup.js'
import type { PlannedSnapshot } from './plan.js'

/** What the taking of snapshots asks of the service. */
export type TakingService = OperationLists &
  Pick<Lightsail, 'region' | 'createDiskSnapshot' | 'getDiskSnapshot'>

export interface TakeTools {
  readonly lightsail: TakingService
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'notice' | 'warning'>
  /** Its signal keeps a request from being sent again. */
  readonly patience: Patience
  /** Calls off the request that is under way. */
  readonly abort: AbortSignal
  readonly ifExists: IfExists
}

/** A snapshot that was there already, under the planned name. */
export interface Found {
  readonly snapshot: DiskSnapshot
  /** Whether it is another step's. */
  readonly adopted: boolean
}

/** What came of a request: an operation where it is known, and the snapshot where it was there already. */
export interface Outcome {
  readonly operation: Operation | undefined
  readonly found: Found | undefined
}

/** For so long the service is asked about the name at a time, in milliseconds. */
const lookMs = 5000
const pauseMs = 2000

/**
 * The request for one snapshot. The service has no client token for it: what makes it safe to send again is the name, which
 * a second snapshot can't have. Where an answer is lost the name is looked up, and the snapshot that has it decides.
 */
export class Request {
  /** Whether a request may have been carried out whose answer nobody has. */
  answerLost = false
  readonly #planned: PlannedSnapshot
  readonly #tools: TakeTools

  constructor(planned: PlannedSnapshot, tools: TakeTools) {
    this.#planned = planned
    this.#tools = tools
  }

  /** Sends it until there is one snapshot under the name. Throws a Failure where there can't be, or nobody knows. */
  async send(): Promise<Outcome> {
    const { patience, clock } = this.#tools
    try {
      return await retry(
        () => this.#sendOnce(),
        () => true,
        patience,
        { clock },
      )
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (this.answerLost) throw this.#notKnown(error)
      throw error.errorClass === 'cancelled' ? notStarted(this.#planned) : error
    }
  }

  async #sendOnce(): Promise<Outcome> {
    const { lightsail, patience, abort } = this.#tools
    try {
      const once = { ...patience, signal: abort, attempts: 1 }
      const operation = await lightsail.createDiskSnapshot(this.#planned, once)
      return { operation, found: undefined }
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      const isTaken = error.errorClass === 'name-taken'
      this.answerLost ||= isUncertain(error.errorClass)
      if (!isTaken && !isUncertain(error.errorClass)) throw error
      const found = await this.#lookUp(isTaken ? newMayBeMissingMs : 0)
      if (found !== undefined && !(found instanceof ServiceFailure)) return this.#settle(found, error)
      throw isTaken && !this.answerLost ? this.#takenByUnknown(error, found) : error
    }
  }

  /** The name is taken by what can't be seen. */
  #takenByUnknown(failure: ServiceFailure, found: ServiceFailure | undefined): Failure {
    if (this.#tools.patience.signal?.aborted) return notStarted(this.#planned)
    return found === undefined
      ? this.#taken(failure, 'by something that is not a disk snapshot')
      : this.#taken(failure, `by something that could not be read. ${found.message}`, found)
  }

  /** The snapshot under the name. One that is certainly there may not be visible yet: `hiddenMs` waits for it. */
  async #lookUp(hiddenMs: number): Promise<DiskSnapshot | ServiceFailure | undefined> {
    const { clock, patience } = this.#tools
    const hiddenUntilMs = Math.min(patience.untilMs, clock.monotonic() + hiddenMs)
    for (;;) {
      if (patience.signal?.aborted) return undefined
      const found = await this.#lookOnce()
      const isHidden = found === undefined || (found instanceof ServiceFailure && mayPass(found.errorClass))
      if (!isHidden || clock.monotonic() + pauseMs > hiddenUntilMs) return found
      await clock.sleep(pauseMs, patience.signal).catch(() => {})
    }
  }

  async #lookOnce(): Promise<DiskSnapshot | ServiceFailure | undefined> {
    const { lightsail, clock, patience } = this.#tools
    const untilMs = Math.min(clock.monotonic() + lookMs, patience.untilMs + overtimeMs / 2)
    try {
      return await lightsail.getDiskSnapshot(this.#planned.snapshotName, {
        untilMs,
        signal: patience.signal,
      })
    } catch (error) {
      if (error instanceof ServiceFailure) return error
      throw error
    }
  }

  /** Decides what the snapshot under the name is to this step. */
  async #settle(snapshot: DiskSnapshot, failure: ServiceFailure): Promise<Outcome> {
    const claim = claimOf(snapshot, this.#planned, {
      answerLost: this.answerLost,
      ifExists: this.#tools.ifExists,
    })
    // What has become of the request is known now.
    this.answerLost = false
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

  #tellOf({ name, tags, state }: DiskSnapshot, adopted: boolean): void {
    const { log } = this.#tools
    const of = `snapshot "${name}" of ${subjectOf(this.#planned.source)}`
    if (adopted) {
      const notice = `The ${of} is there already (${state}): ${runOf(tags)} took it for the same commit.`
      log.notice(`${notice} It is adopted, and no other is taken.`)
    } else {
      log.info(`The ${of} was started, although the answer to the request was lost`)
    }
  }

  /** The name is taken, and by what. */
  #taken(failure: ServiceFailure, by: string, { advice, copyables }: Advised = failure): Failure {
    const { region } = this.#tools.lightsail
    return new Failure(
      `The name of snapshot "${this.#planned.snapshotName}" is already in use in ${region} ${by.replace(/\.$/, '')}.`,
      advice,
      { cause: failure.cause, copyables },
    )
  }

  /** The step's last word where an answer was lost and nothing since has told what became of the request. */
  #notKnown(failure: ServiceFailure): Failure {
    const look = `The snapshot "${this.#planned.snapshotName}" may have been started all the same: look for it at ${consoleUrl} first.`
    const { errorClass, message, advice, copyables } = failure
    return new ServiceFailure(errorClass, message, `${look} ${advice}`, failure, [
      lookAt(this.#tools.lightsail.region, this.#planned.snapshotName),
      ...copyables,
    ])
  }
}

type Advised = Pick<Failure, 'advice' | 'copyables'>

/** Why a snapshot that has the name isn't taken for the planned one, and what to do where that is not the usual. */
const refusals: Readonly<
  Record<Exclude<Claim, 'own' | 'adopted'>, (snapshot: DiskSnapshot, region: string) => [string, Advised?]>
> = {
  foreign: (snapshot) => [`by ${ownerOf(snapshot)}`],
  refused: (snapshot) => [`by ${ownerOf(snapshot)}, and if-exists is fail`],
  failed: (snapshot, region) => [
    `by ${ownerOf(snapshot)}, which failed in Lightsail`,
    {
      advice: `Nothing can be restored from it, so it isn't adopted. Delete it at ${consoleUrl} and run the job again, or put {{run_attempt}} into snapshot-name.`,
      copyables: [deleteFailed(region, snapshot.name)],
    },
  ],
}

/** The end of a planned snapshot that a cancelled step did not start. */
export function notStarted({ snapshotName }: PlannedSnapshot): Failure {
  return new Failure(
    `This step was cancelled before the snapshot "${snapshotName}" was started.`,
    'Nothing was deleted. Run the job again for a snapshot.',
  )
}
