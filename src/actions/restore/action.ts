import { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import type { Lightsail } from '../../lightsail/client.js'
import type { Patience } from '../../lightsail/retry.js'
import { snapshotTypes } from '../../lightsail/snapshot-types.js'
import type { DiskSnapshot } from '../../lightsail/types.js'
import { mayBeDown, siteAfter } from '../../rollback/bring-back.js'
import { carryOut } from '../../rollback/carry-out.js'
import { planRestore } from '../../rollback/checks.js'
import { tagChoice, untagChoice } from '../../rollback/choice.js'
import { beyondTimeout, carryOutRepair, exchange } from '../../rollback/exchange.js'
import { gatherFacts } from '../../rollback/facts.js'
import type { Resources, RestoreInputs, RestorePlan } from '../../rollback/plan.js'
import { recordSwap, replacementOf } from '../../rollback/record.js'
import { type ResourceTracker, trackDisks } from '../../rollback/resource-tracker.js'
import { snapshotNamed } from '../../rollback/search.js'
import { siteLines } from '../../rollback/site.js'
import type { Reached, Stage } from '../../rollback/stage.js'
import { stagesOf } from '../../rollback/stages.js'
import { connect } from '../shared/connect.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { readInputs } from './inputs.js'
import { type RestoreService, restoreInstance } from './instance.js'
import { logBefore, logPlan, logResult, setRestoreOutputs, summarize, withReport } from './report.js'
import { failedState, logReached, orError } from './stages.js'

/**
 * restore/: rolls back to a snapshot. Looks everything up, checks it, then carries out the stages one by one. Each depends only
 * on the state of the resources, so a rerun resumes where an earlier attempt stopped. Throws a Failure with a report.
 */
export async function restore(step: Step): Promise<void> {
  const given = readInputs(step)
  const { clock, log, signal } = step
  const lightsail = connect(given.region, step)
  const untilMs = clock.monotonic() + given.timeoutMs
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  try {
    for (const warning of given.warnings) log.warning(warning)
    const named = await orError(step, () => snapshotInInputs(given, lightsail, patience))
    const inputs = { ...given, snapshotType: named?.type ?? given.snapshotType }
    const restoreOne = inputs.snapshotType === 'instance' ? restoreInstance : restoreDisk
    await restoreOne(inputs, { lightsail, patience, named }, step)
  } finally {
    lightsail.close()
  }
}

/** Returns the snapshot that the inputs name. Throws a Failure if there is none, or other inputs don't go with its type. */
async function snapshotInInputs(
  { snapshotName, snapshotType, misplaced }: RestoreInputs,
  lightsail: Lightsail,
  patience: Patience,
): Promise<DiskSnapshot | undefined> {
  if (snapshotName === undefined) return undefined
  const named = await snapshotNamed(snapshotName, lightsail, patience)
  const wrong = misplaced[named.type]
  if (wrong.length === 0 && (snapshotType === 'disk' || named.type === 'instance')) return named
  throw new Failure(
    `Snapshot "${snapshotName}" is ${snapshotTypes[named.type].words}, and ${wrong.join(', ') || 'snapshot-type: instance'} goes with the other type.`,
    "Fix the step's `with:` block. Nothing was changed.",
  )
}

/** Creates a disk from a snapshot, and attaches it, or puts it in the place of the current one. */
async function restoreDisk(inputs: RestoreInputs, service: RestoreService, step: Step): Promise<void> {
  const { lightsail, patience } = service
  const { plan, resources } = await orError(step, async () => {
    const facts = await gatherFacts(inputs, step, service)
    return { plan: planRestore(facts, step), resources: facts.resources }
  })
  warnOfExpiry(lightsail, inputs.timeoutMs, step, 'A restore')
  const stages = stagesOf(plan)
  logPlan(plan, stages, step)
  if (inputs.dryRun) return rehearse(plan, stages, resources, step)
  const tracker = trackDisks(plan, resources, lightsail, step.clock)
  await new Restore(plan, stages, tracker, lightsail, patience, step).toEnd(inputs.timeoutMs)
}

async function rehearse(
  plan: RestorePlan,
  stages: readonly Stage[],
  resources: Resources,
  step: Step,
): Promise<void> {
  step.log.info('Dry run: nothing was changed')
  setRestoreOutputs(plan, '', undefined, step)
  await summarize(plan, stages, new Map(), { end: 'dry run', resources }, step)
}

/** A plan being carried out, with the stages reached so far. */
class Restore {
  readonly #plan: RestorePlan
  readonly #stages: readonly Stage[]
  readonly #tracker: ResourceTracker
  readonly #service: Lightsail
  readonly #patience: Patience
  readonly #step: Step
  readonly #journal = new Map<Stage, Reached>()

  constructor(
    plan: RestorePlan,
    stages: readonly Stage[],
    tracker: ResourceTracker,
    service: Lightsail,
    patience: Patience,
    step: Step,
  ) {
    this.#plan = plan
    this.#stages = stages
    this.#tracker = tracker
    this.#service = service
    this.#patience = patience
    this.#step = step
  }

  async toEnd(timeoutMs: number): Promise<void> {
    setRestoreOutputs(this.#plan, 'pending', undefined, this.#step)
    logBefore(this.#plan, this.#tracker.resources, this.#step)
    try {
      await this.#carryOutAll(timeoutMs)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw await this.#failed(error)
    }
    setRestoreOutputs(this.#plan, 'completed', this.#operationId, this.#step)
    logResult(this.#plan, this.#journal, this.#tracker.resources, this.#step)
    await this.#summarize('done')
  }

  async #carryOutAll(timeoutMs: number): Promise<void> {
    const [service, patience, late] = [this.#service, this.#patience, beyondTimeout(this.#patience)]
    const { attachment, swap, repairs, diskName } = this.#plan
    await tagChoice(this.#plan, service, patience, this.#step)
    const tools = { ...this.#step, service, patience, timeoutMs }
    for (const repair of repairs) await carryOutRepair(repair, tools)
    const [create, ...others] = this.#stages
    const carryOutStage = (stage: Stage, limit: Patience) => this.#carryOut(stage, limit)
    if (create !== undefined) await carryOutStage(create, patience)
    if (swap === undefined || attachment === undefined) {
      for (const stage of others) await carryOutStage(stage, patience)
    } else {
      await exchange({ diskName, attachment, swap }, others, this.#tracker, carryOutStage, tools)
      await recordSwap(replacementOf(diskName, swap), service, late, this.#step)
    }
    await untagChoice(this.#plan, service, late, this.#step)
  }

  async #carryOut(stage: Stage, patience: Patience): Promise<void> {
    const { clock, log } = this.#step
    const onOperation = ({ id }: { readonly id: string }) => {
      if (stage.name === 'create') setRestoreOutputs(this.#plan, 'pending', id, this.#step)
    }
    const service = this.#service
    const reached = await carryOut(stage, this.#tracker, { service, clock, log, patience, onOperation })
    this.#journal.set(stage, reached)
    logReached(stage, reached, this.#step)
  }

  get #operationId(): string | undefined {
    return [...this.#journal].find(([{ name }]) => name === 'create')?.[1].operation?.id
  }

  async #failed(error: Failure): Promise<Failure> {
    const isKnown = await this.#tracker.refreshForReport()
    const { resources } = this.#tracker
    this.#step.setOutput('state', failedState(error))
    const [site] = siteLines(siteAfter(error), this.#plan, resources, !isKnown && mayBeDown(error))
    await this.#summarize('failed', site)
    return withReport(error, this.#plan, this.#stages, this.#journal, {
      resources,
      isKnown,
      run: this.#step.run,
    })
  }

  #summarize(end: 'done' | 'failed', site?: string): Promise<void> {
    const { resources } = this.#tracker
    return summarize(this.#plan, this.#stages, this.#journal, { end, resources, site }, this.#step)
  }
}
