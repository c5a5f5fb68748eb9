import type { Failure } from '../basics/failure.js'
import { type Lineage, lineageNamed } from '../domain/lineage.js'
import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot, SnapshotType } from '../lightsail/types.js'
import { decideAll, type PrunePlan, type RetentionResult } from './candidates.js'
import { deleteAll } from './deletion.js'
import type { Retention } from './policy.js'
import { deletionFailure, logDecisions, logDeleted } from './report.js'

/** The snapshots that a step has just taken, or would take, and the rules for the older ones. */
export interface RetentionPlan {
  readonly snapshotType: SnapshotType
  readonly snapshots: readonly PlannedSnapshot[]
  readonly retention: Retention | undefined
  readonly dryRun: boolean
}

/** How long retention may take at least, however little is left of wait-timeout, in milliseconds. */
const leastPatienceMs = 30_000

/**
 * Applies `keep-last` and `keep-within` once the new snapshots are known to be good. The step has done its job, so a problem
 * here is only a warning. A dry run counts the snapshots that would be taken, and deletes nothing. Returns undefined if no rule
 * is given or nothing is known.
 */
export async function applyRetention(
  plan: RetentionPlan,
  lightsail: Lightsail,
  patience: Patience,
  { clock, random, log, run, signal }: Step,
): Promise<RetentionResult | undefined> {
  const lineages = plan.snapshots.flatMap((planned) => lineageFor(planned) ?? [])
  if (plan.retention === undefined || lineages.length < plan.snapshots.length) return undefined
  const detached = plan.snapshots.find(({ disk }) => disk?.attachedTo === null)
  if (detached !== undefined) {
    log.warning(
      `No old snapshots are deleted, because disk "${detached.source.name}" is attached to nothing and may not be the live one.`,
    )
    return undefined
  }
  const untilMs = Math.max(patience.untilMs, clock.monotonic() + leastPatienceMs)
  const tools = { lightsail, clock, random, patience: { ...patience, untilMs } }
  const prune: PrunePlan = {
    snapshotType: plan.snapshotType,
    lineages,
    repository: run.repository,
    retention: plan.retention,
    justTaken: new Set(plan.snapshots.map(({ snapshotName }) => snapshotName)),
    upcoming: plan.dryRun ? plan.snapshots.map(asTaken) : [],
  }
  try {
    const result = await decideAll(prune, tools)
    logDecisions(result, plan.dryRun, log)
    if (plan.dryRun) return result
    const candidates = await deleteAll(result.candidates, tools)
    logDeleted(candidates, log)
    warnOf(deletionFailure(candidates, signal.aborted), log)
    return { ...result, candidates }
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    warnOf(error, log)
    return undefined
  }
}

/** Undefined for a disk that could not be looked up: its snapshots are unknown. */
function lineageFor({ source, lineage }: PlannedSnapshot): Lineage | undefined {
  return lineage ?? (source.type === 'instance' ? lineageNamed('instance', source.name) : undefined)
}

/** The snapshot that a dry run would take. */
function asTaken({
  snapshotType,
  snapshotName,
  source,
  arn,
  tags,
}: PlannedSnapshot): Omit<DiskSnapshot, 'createdAt'> {
  return {
    type: snapshotType,
    name: snapshotName,
    arn: null,
    state: 'completed',
    progress: null,
    sizeInGb: null,
    source,
    sourceArn: arn ?? null,
    tags,
    isAutomatic: false,
    bundleId: null,
  }
}

function warnOf(failure: Failure | undefined, log: Step['log']): void {
  if (failure === undefined) return
  const isCancelled = failure instanceof ServiceFailure && failure.errorClass === 'cancelled'
  const advice = isCancelled ? 'Old snapshots are kept until the next run.' : failure.advice
  log.warning(`${failure.message}\nThe new snapshots are good. ${advice}`)
}
