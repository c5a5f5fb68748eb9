import { Failure } from '../basics/failure.js'
import { type Lightsail, openLightsail, subjectOf } from '../lightsail/client.js'
import type { Operation } from '../lightsail/types.js'
import { judge } from '../wait/judge.js'
import { watchSnapshot } from '../wait/watch.js'
import type { Step } from '../workflow/door.js'
import { type Plan, type PlannedSnapshot, planSnapshots } from './plan.js'
import { startedRecord, watchedRecord } from './record.js'
import {
  logPlan,
  logResult,
  logStarted,
  type Outcome,
  setDryRunOutputs,
  setOutputs,
  summarize,
} from './report.js'

/**
 * The root action: plan, take each snapshot, wait until it is complete, report. The outputs are set as soon as there is
 * something to set, so that they are there whatever happens to the wait. Throws a Failure where a snapshot isn't good.
 */
export async function takeSnapshots(step: Step): Promise<void> {
  const plan = planSnapshots(step)
  logPlan(plan, step)
  const lightsail = openLightsail(plan.region, step.clock)
  try {
    if (plan.dryRun) await rehearse(plan, lightsail, step)
    else await takeAndWait(plan, lightsail, step)
  } finally {
    lightsail.close()
  }
}

async function rehearse(plan: Plan, lightsail: Lightsail, step: Step): Promise<void> {
  for (const { source, snapshotName } of plan.snapshots) {
    await lightsail.checkSource(source)
    step.log.info(
      `Dry run: ${subjectOf(source)} exists; its snapshot would be named "${snapshotName}". Nothing was changed.`,
    )
  }
  setDryRunOutputs(plan, step)
  const outcomes = plan.snapshots.map((planned) => ({ planned, record: undefined, durationMs: undefined }))
  await summarize('Lightsail snapshot: dry run', outcomes, plan, step)
}

/** One planned snapshot on its way through the step. */
interface Taken extends Outcome {
  readonly operation: Operation | undefined
  readonly startedAt: number
  readonly failure: Failure | undefined
}

async function takeAndWait(plan: Plan, lightsail: Lightsail, step: Step): Promise<void> {
  const taken: Taken[] = []
  for (const planned of plan.snapshots) taken.push(await takeOne(planned, lightsail, step))
  setOutputs(taken, step)
  logStarted(taken, step)
  const ended = plan.wait ? await waitForAll(taken, plan, lightsail, step) : taken
  logResult(ended, step)
  const failures = ended.flatMap(({ failure }) => (failure === undefined ? [] : [failure]))
  await summarize(
    failures.length === 0 ? 'Lightsail snapshot' : 'Lightsail snapshot: failed',
    ended,
    plan,
    step,
  )
  throwAll(failures)
}

async function takeOne(planned: PlannedSnapshot, lightsail: Lightsail, { clock }: Step): Promise<Taken> {
  const startedAt = clock.monotonic()
  const open = { planned, startedAt, durationMs: undefined }
  try {
    const operation = await lightsail.createDiskSnapshot(planned)
    const record = startedRecord(planned, operation, lightsail.region)
    const verdict = judge(planned.snapshotName, { snapshot: undefined, operation }, 0)
    return { ...open, record, operation, failure: verdict instanceof Failure ? verdict : undefined }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { ...open, record: undefined, operation: undefined, failure: error }
  }
}

async function waitForAll(
  taken: readonly Taken[],
  plan: Plan,
  lightsail: Lightsail,
  step: Step,
): Promise<Taken[]> {
  const ended = await Promise.all(taken.map((one) => waitForOne(one, plan, lightsail, step)))
  setOutputs(ended, step)
  return ended
}

async function waitForOne(taken: Taken, plan: Plan, lightsail: Lightsail, step: Step): Promise<Taken> {
  const { record, operation, failure } = taken
  if (record === undefined || operation === undefined || failure !== undefined) return taken
  const target = { snapshotName: record.snapshotName, operation }
  const limits = { timeoutMs: plan.waitTimeoutMs, pollIntervalMs: plan.pollIntervalMs }
  const watched = await watchSnapshot(target, limits, { lightsail, clock: step.clock, log: step.log })
  return {
    ...taken,
    record: watchedRecord(record, watched),
    durationMs: watched.stage === 'running' ? undefined : step.clock.monotonic() - taken.startedAt,
    failure: watched.failure,
  }
}

/** One failure is thrown as it is; of several, each is named. */
function throwAll(failures: readonly Failure[]): void {
  const [first, ...others] = failures
  if (first === undefined) return
  if (others.length === 0) throw first
  throw new Failure(
    failures.map(({ message }) => message).join('\n'),
    [...new Set(failures.map(({ advice }) => advice))].join(' '),
    { cause: first },
  )
}
