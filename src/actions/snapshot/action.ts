import { Failure } from '../../basics/failure.js'
import { count } from '../../basics/text.js'
import { runAgain, waitStep } from '../../domain/next-steps.js'
import type { PlannedSnapshot } from '../../domain/planned-snapshot.js'
import { watchedRecord } from '../../domain/snapshot-record.js'
import type { Step } from '../../github/entry-point.js'
import type { Lightsail } from '../../lightsail/client.js'
import { consoleUrl } from '../../lightsail/names.js'
import type { Patience } from '../../lightsail/retry.js'
import { subjectOf } from '../../lightsail/types.js'
import { applyRetention } from '../../retention/apply.js'
import { deletedNames } from '../../retention/report.js'
import { findMissingOperations } from '../../take/missing-operations.js'
import { notStarted } from '../../take/snapshot-request.js'
import { lookUpSources } from '../../take/sources.js'
import { notTaken, type Taken, takeAll } from '../../take/take.js'
import { watchSnapshots } from '../../watch/watch.js'
import { connect } from '../shared/connect.js'
import { tellOfRetries, warnOfExpiry } from '../shared/patience.js'
import { type StepEnd, withStatus } from '../shared/with-status.js'
import { type Plan, planSnapshots } from './inputs.js'
import { checkPause, type PausedTaking, type PauseTools, takeWhilePaused, whileConnecting } from './paused.js'
import {
  logPlan,
  logResult,
  logTaken,
  resultText,
  setDryRunOutputs,
  setTakenOutputs,
  summarize,
} from './report.js'

/** How long (ms) requests are retried with `wait: false`. */
const patienceWithoutWaitMs = 60_000

/**
 * The root action: plan, take the snapshots, wait until all are complete, report. The outputs are set as soon as they are
 * known, so that they are there whatever happens during the wait. Throws a Failure if a snapshot isn't good.
 */
export async function takeSnapshots(step: Step): Promise<void> {
  const inputs = planSnapshots(step)
  const { clock, log, signal } = step
  const lightsail = connect(inputs.region, step)
  const waits = inputs.wait && !inputs.dryRun
  const untilMs =
    clock.monotonic() + (waits ? inputs.waitTimeoutMs : Math.min(inputs.waitTimeoutMs, patienceWithoutWaitMs))
  const patience = { untilMs, signal, onRetry: tellOfRetries(log) }
  try {
    for (const warning of inputs.warnings) log.warning(warning)
    await whileConnecting(inputs, { lightsail, patience, step }, async (early) => {
      const tools = { lightsail, patience, step, early }
      if (inputs.dryRun) return rehearse(inputs, tools)
      const pending = `Taking ${count(inputs.snapshots.length, 'snapshot')}`
      return withStatus(inputs.status, pending, step, async () =>
        endOf(await takeAndWait(inputs, tools), inputs, step),
      )
    })
  } finally {
    lightsail.close()
  }
}

/** Returns the plan for the sources that the names mean. Throws a Failure if one doesn't exist or its snapshot can't be named. */
async function planSources(
  inputs: Plan,
  lightsail: Lightsail,
  patience: Patience,
  step: Step,
): Promise<Plan> {
  const wanted = { ...inputs, sources: inputs.snapshots }
  const plan = inputs.withSources(await lookUpSources(wanted, lightsail, patience, step))
  // After a request, because the service's time is known only then, and the runner's clock may be wrong.
  if (plan.wait && !plan.dryRun) warnOfExpiry(lightsail, plan.waitTimeoutMs, step)
  logPlan(plan, step)
  return plan
}

async function rehearse(inputs: Plan, tools: PauseTools): Promise<void> {
  const { lightsail, patience, step } = tools
  const plan = await planSources(inputs, lightsail, patience, step)
  for (const { source, snapshotName } of plan.snapshots) {
    step.log.info(`Dry run: ${subjectOf(source)} exists; its snapshot would be named "${snapshotName}"`)
  }
  await checkPause(plan, tools)
  const pruned = await applyRetention(plan, lightsail, patience, step)
  step.log.info('Dry run: nothing was changed')
  setDryRunOutputs(plan, step)
  await summarize(plan, [], pruned, step)
}

/** Takes the snapshots and waits for them. Returns what became of them and of the pause. */
async function takeAndWait(
  inputs: Plan,
  pauseTools: PauseTools,
): Promise<Pick<PausedTaking, 'taken' | 'failures'>> {
  const { lightsail, patience, step } = pauseTools
  const { clock, random, log } = step
  let plan: Plan
  try {
    plan = await planSources(inputs, lightsail, patience, step)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { taken: await reportNoneTaken(inputs, error, step), failures: [] }
  }
  const tools = { lightsail, clock, random, log, patience, ifExists: plan.ifExists }
  const take = () => takeAll(plan.snapshots, tools, reporter(plan, step))
  const { taken, failures, summary } = await takeWhilePaused(plan, take, pauseTools)
  setTakenOutputs(taken, step)
  if (taken.some(({ started }) => started === 'yes')) log.info(`In the Lightsail console: ${consoleUrl}`)
  const ended = plan.wait ? await waitForAll(taken, plan, lightsail, patience.untilMs, step) : taken
  const whole = await findMissingOperations(ended, lightsail, patience, step)
  if (whole !== taken) setTakenOutputs(whole, step)
  const isGood = failures.length === 0 && whole.every(({ failure }) => failure === undefined)
  if (isGood) logResult(plan, whole, step)
  const pruned = isGood ? await applyRetention(plan, lightsail, patience, step) : undefined
  if (pruned !== undefined) setTakenOutputs(whole, step, deletedNames(pruned.candidates))
  await summarize(plan, whole, pruned, step, summary)
  return { taken: whole, failures }
}

/** Returns what the commit status and the error say. */
function endOf(
  { taken, failures }: Pick<PausedTaking, 'taken' | 'failures'>,
  plan: Plan,
  { run, signal }: Step,
): StepEnd {
  const isComplete = taken.every(({ record }) => record.state === 'completed')
  const failed = taken.filter(({ started, failure }) => started === 'yes' && failure !== undefined)
  const inState = (state: 'pending' | 'error') =>
    failed.map(({ record }) => record).filter((record) => record.state === state)
  return {
    failures: [...taken.flatMap(({ failure }) => failure ?? []), ...failures],
    isBad:
      !signal.aborted &&
      taken.some(({ record, started }) => record.state === 'error' && started !== 'unknown'),
    success: isComplete ? resultText(plan, taken) : undefined,
    nextSteps: [
      ...waitStep(inState('pending'), plan.region, run),
      ...(inState('error').length > 0 ? [runAgain(run)] : []),
    ],
  }
}

/** Reports that none of the snapshots was taken, and why. */
async function reportNoneTaken(inputs: Plan, failure: Failure, step: Step): Promise<readonly Taken[]> {
  const taken = inputs.snapshots.map((planned) =>
    notTaken(planned, step.signal.aborted ? notStarted(planned) : failure, inputs.region, step.clock),
  )
  setTakenOutputs(taken, step)
  await summarize(inputs, taken, undefined, step)
  return taken
}

/** With more sources than this, the outputs are set once a second while the snapshots are started. */
const fewSources = 10
const oftenMs = 1000

/** Returns what logs each snapshot that was started and sets the outputs, while others are still to come. */
function reporter(plan: Plan, step: Step): (taken: Taken) => void {
  const known = new Map<PlannedSnapshot, Taken>()
  let setAtMs = Number.NEGATIVE_INFINITY
  return (taken) => {
    logTaken(taken, step)
    known.set(taken.planned, taken)
    const now = step.clock.monotonic()
    if (known.size > fewSources && now - setAtMs < oftenMs) return
    setAtMs = now
    setTakenOutputs(
      plan.snapshots.flatMap((planned) => known.get(planned) ?? []),
      step,
    )
  }
}

/** Waits for those that were started and have not failed. */
async function waitForAll(
  taken: readonly Taken[],
  plan: Plan,
  lightsail: Lightsail,
  untilMs: number,
  { clock, random, log, signal }: Step,
): Promise<Taken[]> {
  const running = taken.filter(({ started, failure }) => started === 'yes' && failure === undefined)
  const targets = running.map(({ planned: { snapshotName, snapshotType }, operation, record }) => ({
    snapshotName,
    snapshotType,
    operation,
    // The age of an adopted snapshot is unknown.
    ageMs: record.adopted ? undefined : 0,
  }))
  // Requests have already used part of the timeout.
  const timeoutMs = Math.max(0, untilMs - clock.monotonic())
  const limits = { timeoutMs, pollIntervalMs: plan.pollIntervalMs }
  const watched = await watchSnapshots(targets, limits, { lightsail, clock, random, log, signal })
  const ends = new Map(running.map((snapshot, index) => [snapshot, watched[index]]))
  return taken.map((snapshot) => {
    const end = ends.get(snapshot)
    if (end === undefined) return snapshot
    return {
      ...snapshot,
      record: watchedRecord(snapshot.record, end),
      durationMs: end.state === 'pending' ? undefined : end.endedAtMs - snapshot.startedAtMs,
      failure: end.failure,
    }
  })
}
