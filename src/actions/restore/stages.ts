import type { Failure } from '../../basics/failure.js'
import { capital, durationText } from '../../basics/text.js'
import type { Step } from '../../github/entry-point.js'
import { markdownTable, withoutEmptyColumns } from '../../github/summary.js'
import { SwapFailure } from '../../rollback/bring-back.js'
import { type Journal, type Reached, type Stage, StageFailure } from '../../rollback/stage.js'

// What a restore of a disk and one of an instance report in the same words.

/** Logs a stage that was reached. */
export function logReached(
  stage: Pick<Stage, 'toDo' | 'done'>,
  reached: Reached,
  { log }: Pick<Step, 'log'>,
): void {
  const text = capital(reachedText(stage, reached))
  log.info(reached.already ? text : `${text} (${durationText(reached.durationMs)})`)
}

/** Returns what was reached, in words. */
export function reachedText({ toDo, done }: Pick<Stage, 'toDo' | 'done'>, { already }: Reached): string {
  return already ? `already done: ${toDo}` : done
}

/** Returns the table of the stages, for the summary. */
export function stagesTable<R>(stages: readonly Stage<R>[], journal: Journal<R>, isDryRun: boolean): string {
  const rows = stages.map((stage) => {
    const reached = journal.get(stage)
    const open = isDryRun ? 'dry run' : 'not reached'
    const state = reached === undefined ? open : reached.already ? 'already done' : 'done'
    const duration = reached === undefined || reached.already ? '' : durationText(reached.durationMs)
    return [{ text: capital(stage.toDo) }, { text: state }, { text: duration }]
  })
  return markdownTable(...withoutEmptyColumns(['Stage', 'State', 'Duration'], rows))
}

/** Sets the output `state` if nothing can be restored. */
export async function orError<T>(step: Pick<Step, 'setOutput'>, decide: () => Promise<T>): Promise<T> {
  try {
    return await decide()
  } catch (error) {
    step.setOutput('state', 'error')
    throw error
  }
}

/** Returns the output `state` of a failed step: `pending` if the service may still be working. */
export function failedState(failure: Failure): string {
  const cause = failure instanceof SwapFailure ? failure.failure : failure
  return cause instanceof StageFailure && cause.open ? 'pending' : 'error'
}
