import { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import { markdownText } from '../../github/escaping.js'
import type { Lightsail } from '../../lightsail/client.js'
import type { Patience } from '../../lightsail/retry.js'
import type { EarlyConnection, PausePlan } from '../../pause/connect.js'
import { notStarted } from '../../take/snapshot-request.js'
import { notTaken, type Taken } from '../../take/take.js'
import type { Plan } from './inputs.js'

/** The snapshots, and what became of the pause. */
export interface PausedTaking {
  readonly taken: readonly Taken[]
  /** What went wrong with the pause, if that is to fail the step. */
  readonly failures: readonly Failure[]
  /** For the job summary, in Markdown. */
  readonly summary: string
}

/** Most steps have no pause: its code is loaded only if it is used. */
const loadPause = () => import('../../pause/pause.js')

export const skippedInRehearsal = 'The pause is skipped: in a rehearsal there is no instance to connect to.'

/** What a pause takes. */
export interface PauseTools {
  readonly lightsail: Lightsail
  readonly patience: Patience
  readonly step: Step
  /** Undefined: no connection has been begun. */
  readonly early?: EarlyConnection | undefined
}

/** Does the work while a connection to the instance is set up, if the plan has a pause. Ends the connection if it isn't used. */
export async function whileConnecting<T>(
  { pause: plan, dryRun, snapshots: [first] }: Plan,
  tools: PauseTools,
  work: (early: EarlyConnection | undefined) => Promise<T>,
): Promise<T> {
  if (plan === undefined || first === undefined || tools.step.run.isRehearsal) return work(undefined)
  const { EarlyConnection } = await loadPause()
  const early = new EarlyConnection(first.source, { ...tools, plan, mode: dryRun ? 'check' : 'pause' })
  try {
    return await work(early)
  } finally {
    await early.close()
  }
}

/** Takes the snapshots, while the instance is paused if the plan says so. */
export async function takeWhilePaused(
  plan: Plan,
  take: () => Promise<readonly Taken[]>,
  tools: PauseTools,
): Promise<PausedTaking> {
  const { pause } = plan
  if (pause === undefined) return { taken: await take(), failures: [], summary: '' }
  const { step } = tools
  if (step.run.isRehearsal) {
    step.log.info(skippedInRehearsal)
    return { taken: await take(), failures: [], summary: skippedInRehearsal }
  }
  let hasBegun = false
  const takeNow = () => {
    hasBegun = true
    return take()
  }
  try {
    return await pausedTaking(pause, plan, takeNow, tools)
  } catch (error) {
    // Once a snapshot may have been requested, none is taken a second time.
    if (hasBegun || !(error instanceof Failure)) throw error
    return withoutPause(pause, plan, error, take, tools)
  }
}

async function pausedTaking(
  pause: PausePlan,
  plan: Plan,
  take: () => Promise<readonly Taken[]>,
  tools: PauseTools,
): Promise<PausedTaking> {
  const { step, early } = tools
  const { readyPause, whilePaused } = await loadPause()
  const ready = await readyPause({ ...tools, plan: pause, mode: 'pause' }, plan.snapshots, early)
  const { name } = ready.instance
  step.log.info(`Connected to instance "${name}"; pausing it`)
  const { value, held, durationMs, failures } = await whilePaused(ready, step, take)
  const lasted = durationMs < 1000 ? `${Math.round(durationMs)}ms` : `${(durationMs / 1000).toFixed(1)}s`
  const text = `Paused instance "${name}" for ${lasted}`
  step.log.info(text)
  const taken = held ? value.map((snapshot) => consistentIfOn(ready.disks, snapshot)) : value
  if (pause.onFailure === 'continue') for (const failure of failures) cautionOf(failure, step)
  return {
    taken,
    failures: pause.onFailure === 'continue' ? [] : failures,
    summary: `${markdownText(text)}.`,
  }
}

/** An adopted snapshot was requested before this pause. A system disk is never frozen. */
function consistentIfOn(disks: ReadonlySet<string>, taken: Taken): Taken {
  const { planned, record, started } = taken
  const isFrozen = planned.source.type === 'disk' && disks.has(planned.source.name)
  if (!isFrozen || started !== 'yes' || record.adopted) return taken
  return { ...taken, record: { ...record, consistency: 'file-system' } }
}

/** What comes after a pause that didn't begin. */
async function withoutPause(
  pause: PausePlan,
  plan: Plan,
  failure: Failure,
  take: () => Promise<readonly Taken[]>,
  { step, lightsail }: PauseTools,
): Promise<PausedTaking> {
  const isCancelled = step.signal.aborted
  if (pause.onFailure === 'continue' && !isCancelled) {
    cautionOf(failure, step)
    return { taken: await take(), failures: [], summary: 'Not paused.' }
  }
  const { message, advice, copyables } = failure
  const reason = new Failure(message, `${advice} No snapshot was taken.`, { cause: failure, copyables })
  return {
    taken: plan.snapshots.map((planned) =>
      notTaken(planned, isCancelled ? notStarted(planned) : reason, lightsail.region, step.clock),
    ),
    failures: [],
    summary: '',
  }
}

function cautionOf({ message, advice }: Failure, { caution }: Pick<Step, 'caution'>): void {
  caution(`${message} The step continues, because on-pause-failure is "continue". ${advice}`)
}

/** Makes the checks of a pause for a dry run. Throws a Failure if one fails. */
export async function checkPause(plan: Plan, tools: PauseTools): Promise<void> {
  const { pause } = plan
  const { step, early } = tools
  if (pause === undefined) return
  if (step.run.isRehearsal) return step.log.info(`Dry run: ${skippedInRehearsal}`)
  try {
    const { readyPause } = await loadPause()
    const { session, instance } = await readyPause(
      { ...tools, plan: pause, mode: 'check' },
      plan.snapshots,
      early,
    )
    session.close()
    step.log.info(`Dry run: instance "${instance.name}" can be paused`)
  } catch (error) {
    if (!(error instanceof Failure) || pause.onFailure === 'fail') throw error
    cautionOf(error, step)
  }
}
