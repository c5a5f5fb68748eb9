import { type Copyable, throwAll } from '../../basics/failure.js'
import { textMember } from '../../basics/member.js'
import { count } from '../../basics/text.js'
import { runAgain, waitStep } from '../../domain/next-steps.js'
import { setCommitStatus } from '../../github/commit-status.js'
import type { Step } from '../../github/entry-point.js'
import type { Taken } from '../../take/take.js'
import type { Plan } from './inputs.js'
import { resultText } from './report.js'

/**
 * Does the work of a step and tells the commit about it: `pending`, then how it ended. A snapshot that failed, or could not be
 * taken, is a `failure`; what nobody knows is an `error`. Throws what is wrong with the snapshots.
 */
export async function withStatus(
  plan: Plan,
  step: Step,
  work: () => Promise<readonly Taken[]>,
): Promise<void> {
  const tell = (state: 'pending' | 'success' | 'failure' | 'error', description: string) =>
    setCommitStatus(plan.status, state, description, step)
  await tell('pending', `Taking ${count(plan.snapshots.length, 'snapshot')}`)
  const taken = await endedOr(work, (thrown) => tell('error', textMember(thrown, 'message')))
  const failures = taken.flatMap(({ failure }) => failure ?? [])
  const words = failures.map(({ message }) => message).join(' ')
  const isBad = isKnown(taken) && !step.signal.aborted
  if (failures.length > 0) await tell(isBad ? 'failure' : 'error', words)
  // One that is only started keeps the status pending: wait/ goes on with it.
  else if (taken.every(({ record }) => record.state === 'completed'))
    await tell('success', resultText(plan, taken))
  throwAll(failures, nextSteps(taken, plan, step))
}

async function endedOr<T>(work: () => Promise<T>, onThrown: (thrown: unknown) => Promise<void>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    await onThrown(thrown)
    throw thrown
  }
}

/** Whether a snapshot is certainly not good: it failed, or wasn't taken although nobody called the step off. */
function isKnown(taken: readonly Taken[]): boolean {
  return taken.some(({ record, started }) => record.state === 'error' && started !== 'unknown')
}

/** What to do about snapshots that go on, or have failed in Lightsail. */
function nextSteps(taken: readonly Taken[], { region }: Plan, { run }: Step): Copyable[] {
  const started = taken.filter((one) => one.started === 'yes' && one.failure !== undefined)
  const inState = (state: 'pending' | 'error') =>
    started.map(({ record }) => record).filter((record) => record.state === state)
  return [
    ...waitStep(inState('pending'), region, run),
    ...(inState('error').length > 0 ? [runAgain(run)] : []),
  ]
}
