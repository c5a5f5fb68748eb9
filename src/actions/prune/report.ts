import type { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import { setOutputs } from '../../github/outputs.js'
import type { RetentionResult } from '../../retention/candidates.js'
import {
  deletedNames,
  deletionFailure,
  keptNames,
  logDeleted,
  retentionHeading,
  retentionText,
} from '../../retention/report.js'

/** Reports the result: log, outputs, job summary. Throws a Failure if a snapshot could not be deleted. */
export async function report(result: RetentionResult, dryRun: boolean, step: Step): Promise<void> {
  const { log, signal, appendSummary } = step
  const { candidates } = result
  if (dryRun) log.info('Dry run: nothing was deleted')
  else logDeleted(candidates, log)
  setOutputs<'prune'>(step, {
    'deleted-snapshots': JSON.stringify(deletedNames(candidates)),
    'kept-snapshots': JSON.stringify(keptNames(candidates)),
  })
  await appendSummary(`${retentionHeading(result, dryRun)}\n\n${retentionText(result, dryRun)}`)
  const failure: Failure | undefined = dryRun ? undefined : deletionFailure(candidates, signal.aborted)
  if (failure !== undefined) throw failure
}
