import { Failure } from '../basics/failure.js'
import { type LightsailMachines, openLightsailMachines } from '../lightsail/machines.js'
import type { Patience } from '../lightsail/retry.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { checkRehearsal } from '../shared/rehearsal.js'
import type { Step } from '../workflow/door.js'
import { carryOut, type Reached } from './carry-out.js'
import { planRestore } from './checks.js'
import { failedState, withReport } from './failure-report.js'
import { type RestoreInputs, readInputs } from './inputs.js'
import type { RestorePlan, World } from './plan.js'
import { logBefore, logPlan, logReached, logResult, setOutputs, summarize } from './report.js'
import { Scene } from './scene.js'
import { type Stage, stagesOf } from './stages.js'
import { survey } from './survey.js'

/**
 * restore/: rolls back to a snapshot. Looks everything up, checks it, then carries out the stages one by one; each goes by the
 * state of things, so that the same step run again goes on where an earlier one stopped. Throws a Failure with a report.
 */
export async function restoreDisk(step: Step): Promise<void> {
  const inputs = readInputs(step)
  checkRehearsal(step)
  const { clock, log, signal } = step
  const lightsail = openLightsailMachines(inputs.region, clock, step.agents)
  const untilMs = clock.monotonic() + inputs.timeoutMs
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  try {
    for (const warning of inputs.warnings) log.warning(warning)
    await warnOfExpiry(lightsail, inputs.timeoutMs, patience, step, 'A restore')
    const { plan, world } = await decide(inputs, lightsail, patience, step)
    const stages = stagesOf(plan)
    logPlan(plan, stages, step)
    if (inputs.dryRun) await rehearse(plan, stages, step)
    else await restore(plan, stages, new Scene(plan, world, lightsail, clock), lightsail, patience, step)
  } finally {
    lightsail.close()
  }
}

/** Looks everything up and makes the plan. Changes nothing. */
async function decide(
  inputs: RestoreInputs,
  lightsail: LightsailMachines,
  patience: Patience,
  { run, setOutput }: Step,
): Promise<{ plan: RestorePlan; world: World }> {
  try {
    const facts = await survey(inputs, run, lightsail, patience)
    return { plan: planRestore(facts), world: facts.world }
  } catch (error) {
    setOutput('state', 'error')
    throw error
  }
}

async function rehearse(plan: RestorePlan, stages: readonly Stage[], step: Step): Promise<void> {
  step.log.info('Dry run: nothing was changed')
  setOutputs(plan, '', undefined, step)
  await summarize(plan, stages, new Map(), { dryRun: true, failed: false }, step)
}

async function restore(
  plan: RestorePlan,
  stages: readonly Stage[],
  scene: Scene,
  service: LightsailMachines,
  patience: Patience,
  step: Step,
): Promise<void> {
  const { clock, log } = step
  const journal = new Map<Stage, Reached>()
  const operationId = () => [...journal].find(([{ name }]) => name === 'create')?.[1].operation?.id
  setOutputs(plan, 'pending', undefined, step)
  logBefore(plan, scene.world, step)
  try {
    for (const stage of stages) {
      const onOperation = ({ id }: { readonly id: string }) => {
        if (stage.name === 'create') setOutputs(plan, 'pending', id, step)
      }
      const reached = await carryOut(stage, scene, { service, clock, log, patience, onOperation })
      journal.set(stage, reached)
      logReached(stage, reached, step)
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const isKnown = await scene.lookOnceMore()
    step.setOutput('state', failedState(error))
    await summarize(plan, stages, journal, { dryRun: false, failed: true }, step)
    throw withReport(error, plan, stages, journal, { world: scene.world, isKnown, run: step.run })
  }
  setOutputs(plan, 'completed', operationId(), step)
  logResult(plan, journal, step)
  await summarize(plan, stages, journal, { dryRun: false, failed: false }, step)
}
