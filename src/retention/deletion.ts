import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import { withGrace } from '../basics/signals.js'
import { sentence } from '../basics/text.js'
import { isUncertain } from '../lightsail/error-table.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { retry } from '../lightsail/retry.js'
import { snapshotTypes } from '../lightsail/snapshot-types.js'
import type { DiskSnapshot, Operation } from '../lightsail/types.js'
import type { Candidate, Fate, PruneTools } from './candidates.js'
import { reasonToSpare } from './policy.js'

/** How many deletions are in progress at once. */
const atOnce = 5

/** A snapshot counts as gone only if a second look agrees, this many ms later: a single miss may be eventual consistency. */
const secondLookMs = 1000

/** Pauses between two looks at a deletion in progress, in milliseconds: doubled each time. */
const firstPauseMs = 500
const longestPauseMs = 5000

/** How long (ms) to look for the effect of a request whose response was lost, if it can't be retried. */
const lookForEffectMs = 60_000

/**
 * Deletes what no rule keeps, several at a time. A failure doesn't stop the others. Throws ServiceFailure, before anything is
 * deleted, if the role may not read the snapshots.
 */
export async function deleteAll(
  candidates: readonly Candidate[],
  tools: PruneTools,
): Promise<readonly Candidate[]> {
  const first = candidates.find(({ stays }) => !stays)
  if (first === undefined) return candidates
  await checkMayRead(first.snapshot, tools)
  return withGrace(tools.patience.signal, tools.clock, (later) =>
    mapBounded(candidates, atOnce, async (decision) =>
      decision.stays
        ? decision
        : { ...decision, ...(await new Deletion(decision.snapshot, tools, later).run()) },
    ),
  )
}

/** Throws ServiceFailure if the role may not read the snapshot. Other problems show when it is deleted. */
async function checkMayRead(
  { type, name }: DiskSnapshot,
  { lightsail, patience }: PruneTools,
): Promise<void> {
  const found = await orServiceFailure(lightsail[snapshotTypes[type].get](name, patience))
  if (found instanceof ServiceFailure && found.errorClass === 'denied') throw found
}

/** The result of a deletion, as a part of Candidate. */
interface Outcome {
  readonly fate: Fate
  readonly reason?: string
  readonly failure?: Failure
}

/** The deletion of one snapshot. */
class Deletion {
  readonly #snapshot: DiskSnapshot
  readonly #tools: PruneTools
  readonly #later: AbortSignal
  /** Whether a request was sent that Lightsail may carry out. */
  #mayBeDeleted = false
  #mayReadOperations = true

  /** `later` is aborted a little after the step's own signal: then deletions in progress are no longer waited for. */
  constructor(snapshot: DiskSnapshot, tools: PruneTools, later: AbortSignal) {
    this.#snapshot = snapshot
    this.#tools = tools
    this.#later = later
  }

  async run(): Promise<Outcome> {
    try {
      // Safe to retry after a lost response: each attempt looks at the snapshot first.
      return await retry(
        () => this.#attempt(),
        () => true,
        this.#tools.patience,
        this.#tools,
      )
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      if (this.#mayBeDeleted) return this.#lookForEffect(error.message)
      return error.errorClass === 'cancelled' ? { fate: 'untouched' } : { fate: 'failed', failure: error }
    }
  }

  async #attempt(): Promise<Outcome> {
    const { patience } = this.#tools
    if (this.#isLate()) return this.#notSent()
    const found = await this.#look(patience.signal)
    if (found === undefined) return this.#gone()
    const reason = reasonToSpare(found)
    if (reason !== undefined && !this.#mayBeDeleted) return { fate: 'spared', reason }
    if (reason !== undefined || this.#isLate()) return this.#notSent()
    return this.#send()
  }

  /** Whether no new deletion may begin: the step was cancelled, or its time ran out. */
  #isLate(): boolean {
    const { clock, patience } = this.#tools
    return patience.signal?.aborted === true || clock.monotonic() >= patience.untilMs
  }

  #notSent(): Outcome | Promise<Outcome> {
    return this.#mayBeDeleted
      ? this.#lookForEffect('The response to an earlier request was lost.')
      : { fate: 'untouched' }
  }

  #gone(): Outcome {
    return { fate: this.#mayBeDeleted ? 'deleted' : 'gone' }
  }

  async #send(): Promise<Outcome> {
    const operation = await this.#request()
    if (operation !== undefined) return this.#follow(operation, this.#tools.patience.untilMs)
    if ((await this.#look(this.#later)) === undefined) return this.#gone()
    const { region } = this.#tools.lightsail
    const { name } = this.#snapshot
    throw new ServiceFailure(
      'server',
      `Lightsail in ${region} refused to delete snapshot "${name}" because it doesn't exist, but still shows it.`,
      'Rerun the job.',
      undefined,
    )
  }

  /** Sends the request once. Returns undefined if there is no such snapshot. */
  async #request(): Promise<Operation | undefined> {
    const { lightsail, patience } = this.#tools
    const before = this.#mayBeDeleted
    this.#mayBeDeleted = true
    try {
      const once = { ...patience, signal: this.#later, attempts: 1 }
      const { type, name } = this.#snapshot
      const operation = await lightsail[snapshotTypes[type].remove](name, once)
      if (operation === undefined) this.#mayBeDeleted = before
      return operation
    } catch (error) {
      if (error instanceof ServiceFailure && !isUncertain(error.errorClass)) this.#mayBeDeleted = before
      throw error
    }
  }

  #lookForEffect(why: string): Promise<Outcome> {
    const { clock, patience } = this.#tools
    return this.#follow(undefined, Math.min(patience.untilMs, clock.monotonic() + lookForEffectMs), why)
  }

  /** Waits until a deletion in progress has ended, by its operation and by the snapshot itself. */
  async #follow(
    begun: Operation | undefined,
    untilMs: number,
    why = `Operation ${begun?.id} had not finished.`,
  ): Promise<Outcome> {
    const { clock } = this.#tools
    let operation = begun
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (operation?.status === 'failed') return this.#failedIn(operation)
      if (operation?.status === 'succeeded' || (await this.#isGone())) return { fate: 'deleted' }
      const leftMs = untilMs - clock.monotonic()
      if (leftMs <= 0 || !(await this.#pause(Math.min(pauseMs, leftMs), this.#later))) break
      operation = operation && (await this.#readAgain(operation))
    }
    return { fate: 'unknown', failure: this.#unknown(why) }
  }

  #failedIn({ errorCode, errorDetails }: Operation): Outcome {
    const { region } = this.#tools.lightsail
    const said = [errorCode, errorDetails].filter(Boolean).join(', ') || 'no reason given'
    const message = `Lightsail in ${region} failed to delete snapshot "${this.#snapshot.name}": ${said}`
    const advice = "Fix what Lightsail's message reports, then rerun the job."
    return { fate: 'failed', failure: new Failure(sentence(message), advice) }
  }

  #unknown(why: string): Failure {
    const advice =
      'Check the snapshot in the Lightsail console: if it is still there, the next run tries to delete it again.'
    return new Failure(`Snapshot "${this.#snapshot.name}" may still be deleted. ${why}`, advice)
  }

  /** Returns the snapshot now; undefined if it is gone, or another one has its name. Throws ServiceFailure. */
  async #look(signal: AbortSignal | undefined): Promise<DiskSnapshot | undefined> {
    const { lightsail, patience } = this.#tools
    const { type, name } = this.#snapshot
    const read = () => lightsail[snapshotTypes[type].get](name, { ...patience, signal, attempts: 1 })
    const found = await read()
    if (this.#isSame(found)) return found
    await this.#pause(secondLookMs, signal)
    const again = await read()
    return this.#isSame(again) ? again : undefined
  }

  #isSame(found: DiskSnapshot | undefined): boolean {
    return found !== undefined && (found.arn === null || found.arn === this.#snapshot.arn)
  }

  /** Whether it is certainly gone. */
  async #isGone(): Promise<boolean> {
    return (await orServiceFailure(this.#look(this.#later))) === undefined
  }

  /** Returns the operation now, or unchanged if it can't be read: a role that only prunes may lack the permission. */
  async #readAgain(operation: Operation): Promise<Operation> {
    if (!this.#mayReadOperations) return operation
    const { lightsail, patience } = this.#tools
    const once = { ...patience, signal: this.#later, attempts: 1 }
    const found = await orServiceFailure(lightsail.getOperation(operation.id, once))
    if (!(found instanceof ServiceFailure)) return found ?? operation
    if (found.errorClass === 'denied') this.#mayReadOperations = false
    return operation
  }

  /** Pauses. Returns false if aborted. */
  #pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    return this.#tools.clock.sleep(ms, signal).then(
      () => true,
      () => false,
    )
  }
}
