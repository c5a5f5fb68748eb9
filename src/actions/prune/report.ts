import type { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import { setOutputs } from '../../github/outputs.js'
import type { Survey } from '../../retention/judge.js'
import { retentionHeading, retentionText } from '../../retention/page.js'
import { deletedNames, deletionFailure, keptNames, logDeleted } from '../../retention/report.js'

/** Says how it ended: log, outputs and job summary. Throws a Failure if a snapshot could not be deleted. */
export async function report(survey: Survey, dryRun: boolean, step: Step): Promise<void> {
  const { log, signal, appendSummary } = step
  const { judged } = survey
  if (dryRun) log.info('Dry run: nothing was deleted')
  else logDeleted(judged, log)
  setOutputs<'prune'>(step, {
    'deleted-snapshots': JSON.stringify(deletedNames(judged)),
    'kept-snapshots': JSON.stringify(keptNames(judged)),
  })
  await appendSummary(`${retentionHeading(survey, dryRun)}\n\n${retentionText(survey, dryRun)}`)
  const failure: Failure | undefined = dryRun ? undefined : deletionFailure(judged, signal.aborted)
  if (failure !== undefined) throw failure
}
