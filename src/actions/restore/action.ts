import { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import { type Lightsail, openLightsail } from '../../lightsail/client.js'
import type { Patience } from '../../lightsail/retry.js'
import { carryOut, type Reached } from '../../rollback/carry-out.js'
import { planRestore } from '../../rollback/checks.js'
import { beyondTimeout, carryOutRepair, exchange } from '../../rollback/exchange.js'
import type { RestoreInputs, RestorePlan, World } from '../../rollback/plan.js'
import { markChoice, recordSwap, unmarkChoice } from '../../rollback/record.js'
import { Scene } from '../../rollback/scene.js'
import { type Stage, stagesOf } from '../../rollback/stages.js'
import { survey } from '../../rollback/survey.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { checkRehearsal } from '../shared/rehearsal.js'
import { failedState, siteLines, withReport } from './failure-report.js'
import { readInputs } from './inputs.js'
import { logBefore, logPlan, logReached, logResult, setRestoreOutputs, summarize } from './report.js'

/**
 * restore/: rolls back to a snapshot. Looks everything up, checks it, then carries out the stages one by one; each goes by the
 * state of things, so that the same step run again resumes where an earlier one stopped. Throws a Failure with a report.
 */
export async function restoreDisk(step: Step): Promise<void> {
  const inputs = readInputs(step)
  checkRehearsal(step)
  const { clock, log, signal } = step
  const lightsail = openLightsail(inputs.region, clock, step.agents)
  const untilMs = clock.monotonic() + inputs.timeoutMs
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  try {
    for (const warning of inputs.warnings) log.warning(warning)
    const { plan, world } = await decide(inputs, lightsail, patience, step)
    await warnOfExpiry(lightsail, inputs.timeoutMs, patience, step, 'A restore')
    const stages = stagesOf(plan)
    logPlan(plan, stages, step)
    if (inputs.dryRun) await rehearse(plan, stages, world, step)
    else {
      const scene = new Scene(plan, world, lightsail, clock)
      await new Restore(plan, stages, scene, lightsail, patience, step).toEnd(inputs.timeoutMs)
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
): Promise<{ plan: RestorePlan; world: World }> {
  try {
    const facts = await survey(inputs, step, lightsail, patience)
    return { plan: planRestore(facts, step), world: facts.world }
  } catch (error) {
    step.setOutput('state', 'error')
    throw error
  }
}

async function rehearse(
  plan: RestorePlan,
  stages: readonly Stage[],
  world: World,
  step: Step,
): Promise<void> {
  step.log.info('Dry run: nothing was changed')
  setRestoreOutputs(plan, '', undefined, step)
  await summarize(plan, stages, new Map(), { end: 'dry run', world }, step)
}

/** A plan on its way, with what has been reached so far. */
class Restore {
  readonly #plan: RestorePlan
  readonly #stages: readonly Stage[]
  readonly #scene: Scene
  readonly #service: Lightsail
  readonly #patience: Patience
  readonly #step: Step
  readonly #journal = new Map<Stage, Reached>()

  constructor(
    plan: RestorePlan,
    stages: readonly Stage[],
    scene: Scene,
    service: Lightsail,
    patience: Patience,
    step: Step,
  ) {
    this.#plan = plan
    this.#stages = stages
    this.#scene = scene
    this.#service = service
    this.#patience = patience
    this.#step = step
  }

  async toEnd(timeoutMs: number): Promise<void> {
    setRestoreOutputs(this.#plan, 'pending', undefined, this.#step)
    logBefore(this.#plan, this.#scene.world, this.#step)
    try {
      await this.#carryOutAll(timeoutMs)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw await this.#failed(error)
    }
    setRestoreOutputs(this.#plan, 'completed', this.#operationId, this.#step)
    logResult(this.#plan, this.#journal, this.#scene.world, this.#step)
    await this.#summarize('done')
  }

  async #carryOutAll(timeoutMs: number): Promise<void> {
    const [service, patience, late] = [this.#service, this.#patience, beyondTimeout(this.#patience)]
    const { place, swap, repairs, diskName } = this.#plan
    await markChoice(this.#plan, service, patience, this.#step)
    const tools = { ...this.#step, service, patience, timeoutMs }
    for (const repair of repairs) await carryOutRepair(repair, this.#plan, tools)
    const [create, ...others] = this.#stages
    const carryOutStage = (stage: Stage, limit: Patience) => this.#carryOut(stage, limit)
    if (create !== undefined) await carryOutStage(create, patience)
    if (swap === undefined || place === undefined) {
      for (const stage of others) await carryOutStage(stage, patience)
    } else {
      await exchange({ diskName, place, swap }, others, this.#scene, carryOutStage, tools)
      await recordSwap(diskName, swap, service, late, this.#step)
    }
    await unmarkChoice(this.#plan, service, late, this.#step)
  }

  async #carryOut(stage: Stage, patience: Patience): Promise<void> {
    const { clock, log } = this.#step
    const onOperation = ({ id }: { readonly id: string }) => {
      if (stage.name === 'create') setRestoreOutputs(this.#plan, 'pending', id, this.#step)
    }
    const service = this.#service
    const reached = await carryOut(stage, this.#scene, { service, clock, log, patience, onOperation })
    this.#journal.set(stage, reached)
    logReached(stage, reached, this.#step)
  }

  get #operationId(): string | undefined {
    return [...this.#journal].find(([{ name }]) => name === 'create')?.[1].operation?.id
  }

  async #failed(error: Failure): Promise<Failure> {
    const isKnown = await this.#scene.lookOnceMore()
    const { world } = this.#scene
    this.#step.setOutput('state', failedState(error))
    const [site] = siteLines(error, this.#plan, world)
    await this.#summarize('failed', site)
    return withReport(error, this.#plan, this.#stages, this.#journal, { world, isKnown, run: this.#step.run })
  }

  #summarize(end: 'done' | 'failed', site?: string): Promise<void> {
    const { world } = this.#scene
    return summarize(this.#plan, this.#stages, this.#journal, { end, world, site }, this.#step)
  }
}
