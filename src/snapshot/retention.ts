import type { Failure } from '../basics/failure.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import { deleteAll, type Judged, judgeAll } from '../prune/prune.js'
import { deletionFailure, logDeleted, logVerdicts } from '../prune/report.js'
import type { Retention } from '../prune/rule.js'
import { tellOfRetries } from '../shared/patience.js'
import type { Step } from '../workflow/door.js'
import type { Plan } from './plan.js'

/**
 * What `keep-last` and `keep-within` ask for, once the new snapshots are known to be good. The step has what it is for: what
 * goes wrong here is a warning. A dry run counts the snapshots that would be taken, and deletes nothing.
 */
export async function applyRetention(
  plan: Plan,
  lightsail: Lightsail,
  { clock, log, run, signal }: Step,
): Promise<Judged[]> {
  if (plan.retention === undefined) return []
  const tools = { lightsail, clock, signal, onRetry: tellOfRetries(log) }
  const prunePlan = {
    sources: plan.snapshots.map(({ source }) => source),
    repository: run.repository,
    retention: plan.dryRun ? withOneMore(plan.retention) : plan.retention,
    justTaken: new Set(plan.snapshots.map(({ snapshotName }) => snapshotName)),
    dryRun: plan.dryRun,
  }
  try {
    const judged = await judgeAll(prunePlan, tools)
    logVerdicts(judged, plan.dryRun, log)
    if (plan.dryRun) return judged
    const ended = await deleteAll(judged, tools)
    logDeleted(ended, log)
    warnOf(deletionFailure(ended), log)
    return ended
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    warnOf(error, log)
    return []
  }
}

function withOneMore({ keepLast, ...rest }: Retention): Retention {
  return { ...rest, keepLast: keepLast === undefined ? undefined : keepLast - 1 }
}

function warnOf(failure: Failure | undefined, log: Step['log']): void {
  if (failure === undefined) return
  log.warning(`${failure.message}\nThe new snapshots are good all the same. ${failure.advice}`)
}
