import type { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import { InputReader } from '../../github/inputs.js'
import { openLightsail } from '../../lightsail/client.js'
import type { Source } from '../../lightsail/types.js'
import { deleteAll } from '../../retention/deletion.js'
import { judgeAll, type PrunePlan, type Survey } from '../../retention/judge.js'
import { retentionHeading, retentionText } from '../../retention/page.js'
import { deletedNames, deletionFailure, keptNames, logDeleted, logSurvey } from '../../retention/report.js'
import { lookUpLineages, warnOfUnknown } from '../../retention/sources.js'
import { tellOfRetries } from '../shared/patience.js'
import { readRegion } from '../shared/region.js'
import { checkRehearsal } from '../shared/rehearsal.js'
import { readRetention } from '../shared/retention.js'
import { readSources } from '../shared/sources.js'
import { type PruneOutputName, pruneInputDefaults } from './interface.js'

/** prune/: deletes old snapshots of this repository by a retention rule. Throws a Failure if one couldn't be deleted. */
export async function pruneSnapshots(step: Step): Promise<void> {
  const { region, sources, waitTimeoutMs, dryRun, ...plan } = readInputs(step)
  checkRehearsal(step)
  const { clock, log, signal } = step
  const lightsail = openLightsail(region, clock, step.agents)
  const patience = { untilMs: clock.monotonic() + waitTimeoutMs, signal, onRetry: tellOfRetries(log) }
  const tools = { lightsail, clock, patience }
  try {
    const found = await lookUpLineages(sources, lightsail, patience, step)
    const survey = await judgeAll({ ...plan, lineages: found.map(({ lineage }) => lineage) }, tools)
    warnOfUnknown(found, survey.judged, log)
    logSurvey(survey, dryRun, log)
    const judged = dryRun ? survey.judged : await deleteAll(survey.judged, tools)
    await report({ ...survey, judged }, dryRun, step)
  } finally {
    lightsail.close()
  }
}

interface Inputs extends Omit<PrunePlan, 'lineages'> {
  readonly sources: readonly Source[]
  readonly region: string
  readonly waitTimeoutMs: number
  readonly dryRun: boolean
}

function readInputs({ input, environment, run }: Step): Inputs {
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
    upcoming: [],
    waitTimeoutMs: inputs.duration('wait-timeout'),
    dryRun: inputs.boolean('dry-run'),
    region: readRegion(inputs, environment),
  }
  inputs.finish()
  return read
}

async function report(survey: Survey, dryRun: boolean, step: Step): Promise<void> {
  const { log, signal, setOutput, appendSummary } = step
  const { judged } = survey
  if (dryRun) log.info('Dry run: nothing was deleted')
  else logDeleted(judged, log)
  const values: Record<PruneOutputName, string> = {
    'deleted-snapshots': JSON.stringify(deletedNames(judged)),
    'kept-snapshots': JSON.stringify(keptNames(judged)),
  }
  for (const [name, value] of Object.entries(values)) setOutput(name, value)
  await appendSummary(`${retentionHeading(survey, dryRun)}\n\n${retentionText(survey, dryRun)}`)
  const failure: Failure | undefined = dryRun ? undefined : deletionFailure(judged, signal.aborted)
  if (failure !== undefined) throw failure
}
