import type { Step } from '../../github/entry-point.js'
import { decideAll } from '../../retention/candidates.js'
import { deleteAll } from '../../retention/deletion.js'
import { logDecisions } from '../../retention/report.js'
import { lookUpLineages, warnOfUnknown } from '../../retention/sources.js'
import { connect } from '../shared/connect.js'
import { tellOfRetries } from '../shared/patience.js'
import { readInputs } from './inputs.js'
import { report } from './report.js'

/** prune/: deletes old snapshots of this repository by a retention rule. Throws a Failure if one couldn't be deleted. */
export async function pruneSnapshots(step: Step): Promise<void> {
  const { region, sources, waitTimeoutMs, dryRun, ...plan } = readInputs(step)
  const { clock, random, log, signal } = step
  const lightsail = connect(region, step)
  const patience = { untilMs: clock.monotonic() + waitTimeoutMs, signal, onRetry: tellOfRetries(log) }
  const tools = { lightsail, clock, random, patience }
  try {
    const found = await lookUpLineages(sources, lightsail, patience, step)
    const result = await decideAll({ ...plan, lineages: found.map(({ lineage }) => lineage) }, tools)
    warnOfUnknown(found, result.candidates, log)
    logDecisions(result, dryRun, log)
    const candidates = dryRun ? result.candidates : await deleteAll(result.candidates, tools)
    await report({ ...result, candidates }, dryRun, step)
  } finally {
    lightsail.close()
  }
}
