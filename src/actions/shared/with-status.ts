import { type Copyable, type Failure, throwAll } from '../../basics/failure.js'
import { textMember } from '../../basics/member.js'
import { type StatusPlan, setCommitStatus } from '../../github/commit-status.js'
import type { Step } from '../../github/entry-point.js'

/** How the snapshots of a step ended. */
export interface StepEnd {
  readonly failures: readonly Failure[]
  /** Whether a snapshot is certainly not good, and not just unknown. */
  readonly isBad: boolean
  /** What to say if all are complete; undefined while one is pending. */
  readonly success: string | undefined
  /** What a person does next, ready to copy. */
  readonly nextSteps: readonly Copyable[]
}

/**
 * Does the work of a step and sets the commit status: `pending`, then how it ended. A snapshot that failed or could not be
 * taken is a `failure`; one whose state is unknown is an `error`. Throws what the work throws, and the failures it returns.
 */
export async function withStatus(
  plan: StatusPlan | undefined,
  pending: string,
  step: Step,
  work: () => Promise<StepEnd>,
): Promise<void> {
  const set = (state: 'pending' | 'success' | 'failure' | 'error', description: string) =>
    setCommitStatus(plan, state, description, step)
  await set('pending', pending)
  let end: StepEnd
  try {
    end = await work()
  } catch (thrown) {
    await set('error', textMember(thrown, 'message'))
    throw thrown
  }
  const { failures, isBad, success, nextSteps } = end
  const messages = failures.map(({ message }) => message).join(' ')
  if (failures.length > 0) await set(isBad ? 'failure' : 'error', messages)
  // A snapshot that was only started keeps the status pending: wait/ sets it later.
  else if (success !== undefined) await set('success', success)
  throwAll(failures, nextSteps)
}
