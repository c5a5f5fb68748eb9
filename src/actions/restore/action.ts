import { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import type { Lightsail } from '../../lightsail/client.js'
import type { Patience } from '../../lightsail/retry.js'
import { mayBeDown, siteAfter } from '../../rollback/bring-back.js'
import { carryOut } from '../../rollback/carry-out.js'
import { planRestore } from '../../rollback/checks.js'
import { beyondTimeout, carryOutRepair, exchange } from '../../rollback/exchange.js'
import { gatherFacts } from '../../rollback/facts.js'
import type { Reached, Resources, RestoreInputs, RestorePlan, Stage } from '../../rollback/plan.js'
import { ResourceTracker, siteLines } from '../../rollback/resource-tracker.js'
import { stagesOf } from '../../rollback/stages.js'
import { recordSwap, tagChoice, untagChoice } from '../../rollback/swap-tags.js'
import { connect } from '../shared/connect.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { readInputs } from './inputs.js'
import {
  failedState,
  logBefore,
  logPlan,
  logReached,
  logResult,
  setRestoreOutputs,
  summarize,
  withReport,
} from './report.js'

/**
 * restore/: rolls back to a snapshot. Looks everything up, checks it, then carries out the stages one by one. Each depends only
 * on the state of the resources, so a rerun resumes where an earlier attempt stopped. Throws a Failure with a report.
 */
export async function restoreDisk(step: Step): Promise<void> {
  const inputs = readInputs(step)
  const { clock, log, signal } = step
  const lightsail = connect(inputs.region, step)
  const untilMs = clock.monotonic() + inputs.timeoutMs
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  try {
    for (const warning of inputs.warnings) log.warning(warning)
    const { plan, resources } = await decide(inputs, lightsail, patience, step)
    warnOfExpiry(lightsail, inputs.timeoutMs, step, 'A restore')
    const stages = stagesOf(plan)
    logPlan(plan, stages, step)
    if (inputs.dryRun) await rehearse(plan, stages, resources, step)
    else {
      const tracker = new ResourceTracker(plan, resources, lightsail, clock)
      await new Restore(plan, stages, tracker, lightsail, patience, step).toEnd(inputs.timeoutMs)
    }
  } finally {
    lightsail.close()
  }
}

/** Looks everything up and makes the plan. Changes nothing. */
async function decide(
  inputs: RestoreInputs,
  lightsail: Lightsail,
  patience: Patience,
  step: Step,
): Promise<{ plan: RestorePlan; resources: Resources }> {
  try {
    const facts = await gatherFacts(inputs, step, lightsail, patience)
    return { plan: planRestore(facts, step), resources: facts.resources }
  } catch (error) {
    step.setOutput('state', 'error')
    throw error
  }
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
    for (const repair of repairs) await carryOutRepair(repair, this.#plan, tools)
    const [create, ...others] = this.#stages
    const carryOutStage = (stage: Stage, limit: Patience) => this.#carryOut(stage, limit)
    if (create !== undefined) await carryOutStage(create, patience)
    if (swap === undefined || attachment === undefined) {
      for (const stage of others) await carryOutStage(stage, patience)
    } else {
      await exchange({ diskName, attachment, swap }, others, this.#tracker, carryOutStage, tools)
      await recordSwap(diskName, swap, service, late, this.#step)
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
