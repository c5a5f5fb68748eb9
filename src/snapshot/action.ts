import { throwAll } from '../basics/failure.js'
import { type Lightsail, openLightsail, subjectOf } from '../lightsail/client.js'
import { watchedRecord } from '../wait/record.js'
import { watchSnapshots } from '../wait/watch.js'
import type { Step } from '../workflow/door.js'
import { type Plan, planSnapshots } from './plan.js'
import { logPlan, logResult, logStarted, setDryRunOutputs, setOutputs, summarize } from './report.js'
import { lookUpSources } from './sources.js'
import { type Taken, takeAll } from './take.js'

/** How long requests are tried before the wait begins, where the step may not wait at all, in milliseconds. */
const patienceWithoutWaitMs = 60_000

/**
 * The root action: plan, take each snapshot, wait until all are complete, report. The outputs are set as soon as there is
 * something to set, so that they are there whatever happens to the wait. Throws a Failure where a snapshot isn't good.
 */
export async function takeSnapshots(step: Step): Promise<void> {
  const inputs = planSnapshots(step)
  const lightsail = openLightsail(inputs.region, step.clock)
  const untilMs = step.clock.monotonic() + (inputs.wait ? inputs.waitTimeoutMs : patienceWithoutWaitMs)
  try {
    for (const warning of inputs.warnings) step.log.warning(warning)
    const plan = await lookUpSources(inputs, lightsail, { untilMs, signal: step.signal })
    logPlan(plan, step)
    if (plan.dryRun) await rehearse(plan, step)
    else await takeAndWait(plan, lightsail, untilMs, step)
  } finally {
    lightsail.close()
  }
}

async function rehearse(plan: Plan, step: Step): Promise<void> {
  for (const { source, snapshotName } of plan.snapshots) {
    step.log.info(`Dry run: ${subjectOf(source)} exists; its snapshot would be named "${snapshotName}"`)
  }
  step.log.info('Dry run: nothing was changed')
  setDryRunOutputs(plan, step)
  await summarize('Lightsail snapshot: dry run', plan, [], step)
}

async function takeAndWait(plan: Plan, lightsail: Lightsail, untilMs: number, step: Step): Promise<void> {
  const taken = await takeAll(plan.snapshots, lightsail, { untilMs, signal: step.signal }, step.clock)
  setOutputs(taken, step)
  logStarted(taken, step)
  const ended = plan.wait ? await waitForAll(taken, plan, lightsail, step) : taken
  if (plan.wait) setOutputs(ended, step)
  logResult(plan, ended, step)
  await summarize('Lightsail snapshot', plan, ended, step)
  throwAll(ended.flatMap(({ failure }) => failure ?? []))
}

/** Waits for those that were started and may still become good. */
async function waitForAll(
  taken: readonly Taken[],
  plan: Plan,
  lightsail: Lightsail,
  { clock, log, signal }: Step,
): Promise<Taken[]> {
  const running = taken.filter(({ record, failure }) => record !== undefined && failure === undefined)
  const targets = running.map(({ planned: { snapshotName }, operation }) => ({
    snapshotName,
    operation,
    ageMs: 0,
  }))
  const limits = { timeoutMs: plan.waitTimeoutMs, pollIntervalMs: plan.pollIntervalMs }
  const watched = await watchSnapshots(targets, limits, { lightsail, clock, log, signal })
  const ends = new Map(running.map((one, place) => [one, watched[place]]))
  return taken.map((one) => {
    const end = ends.get(one)
    if (end === undefined || one.record === undefined) return one
    return {
      ...one,
      record: watchedRecord(one.record, end),
      durationMs: end.stage === 'running' ? undefined : end.endedAtMs - one.startedAtMs,
      failure: end.failure,
    }
  })
}
