import { Failure } from '../basics/failure.js'
import { openLightsail } from '../lightsail/client.js'
import { type Source, subjectOf } from '../lightsail/types.js'
import { tellOfRetries } from '../shared/patience.js'
import { readRegion } from '../shared/region.js'
import { checkRehearsal } from '../shared/rehearsal.js'
import { readSources } from '../shared/sources.js'
import type { Step } from '../workflow/door.js'
import { InputReader } from '../workflow/inputs.js'
import { readRetention } from './inputs.js'
import { type PruneOutputName, pruneInputDefaults } from './interface.js'
import { deleteAll, type Judged, judgeAll, type PrunePlan } from './prune.js'
import {
  deletedNames,
  deletionFailure,
  keptNames,
  logDeleted,
  logVerdicts,
  retentionHeading,
  retentionText,
} from './report.js'

/** prune/: deletes old snapshots of this repository by a retention rule. Throws a Failure where one couldn't be deleted. */
export async function pruneSnapshots(step: Step): Promise<void> {
  const { region, ...plan } = readInputs(step)
  checkRehearsal(step)
  const { clock, log, signal } = step
  const lightsail = openLightsail(region, clock, step.agents)
  const tools = { lightsail, clock, signal, onRetry: tellOfRetries(log) }
  try {
    const judged = await judgeAll(plan, tools)
    warnOfSourcesWithout(judged, plan.sources, log)
    logVerdicts(judged, plan.dryRun, log)
    const ended = plan.dryRun ? judged : await deleteAll(judged, tools)
    await report(ended, plan.dryRun, step)
  } finally {
    lightsail.close()
  }
}

function readInputs({ input, environment, run }: Step): PrunePlan & { readonly region: string } {
  const inputs = new InputReader(input, pruneInputDefaults)
  const sources = readSources(inputs)
  const retention = readRetention(inputs)
  if (retention === undefined) {
    inputs.missing('keep-last', 'is missing, and so is keep-within: give at least one of the two')
  }
  const read = {
    sources,
    repository: run.repository,
    retention: retention ?? { keepLast: undefined, keepWithinMs: undefined },
    justTaken: new Set<string>(),
    dryRun: inputs.boolean('dry-run'),
    region: readRegion(inputs, environment),
  }
  inputs.finish()
  return read
}

/** A name that is misspelled would be pruned for ever without anybody noticing. */
function warnOfSourcesWithout(judged: readonly Judged[], sources: readonly Source[], log: Step['log']): void {
  for (const source of sources.filter((one) => judged.every((other) => other.source !== one))) {
    log.warning(
      `There is no snapshot of ${subjectOf(source)} that this repository took with this action. Check the spelling and aws-region.`,
    )
  }
}

async function report(judged: readonly Judged[], dryRun: boolean, step: Step): Promise<void> {
  const { log, signal, setOutput, appendSummary } = step
  if (dryRun) log.info('Dry run: nothing was deleted')
  else logDeleted(judged, log)
  const values: Record<PruneOutputName, string> = {
    'deleted-snapshots': JSON.stringify(deletedNames(judged)),
    'kept-snapshots': JSON.stringify(keptNames(judged)),
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
  await appendSummary(`${retentionHeading(judged, dryRun)}\n\n${retentionText(judged, dryRun)}`)
  const failure = deletionFailure(judged)
  if (failure !== undefined) throw failure
  if (signal.aborted && !dryRun && judged.some(({ stays, deleted }) => !stays && !deleted)) throw cancelled()
}

function cancelled(): Failure {
  return new Failure(
    'This step was cancelled before everything that no rule keeps was deleted.',
    'What was deleted is an output. Run the job again for the rest.',
  )
}
