import type { Failure } from '../basics/failure.js'
import type { Lineage } from '../domain/lineage.js'
import type { Lightsail } from '../lightsail/client.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import type { Patience, RetryTools } from '../lightsail/retry.js'
import { snapshotTypes } from '../lightsail/snapshot-types.js'
import type { DiskSnapshot, SnapshotType } from '../lightsail/types.js'
import { findOutOfReach, type OutOfReach } from './out-of-reach.js'
import { type Circumstances, type Decision, decide } from './policy.js'

/** The requests that pruning sends. */
export type PruningService = Pick<
  Lightsail,
  | 'region'
  | 'serviceTime'
  | 'listDiskSnapshots'
  | 'getDiskSnapshot'
  | 'deleteDiskSnapshot'
  | 'listInstanceSnapshots'
  | 'getInstanceSnapshot'
  | 'deleteInstanceSnapshot'
  | 'getOperation'
>

/** What to prune. */
export interface PrunePlan extends Pick<Circumstances, 'repository' | 'retention' | 'justTaken'> {
  /** The types are counted separately. */
  readonly snapshotType: SnapshotType
  readonly lineages: readonly Lineage[]
  /** Snapshots that a dry run counts as if they existed. */
  readonly upcoming: readonly Omit<DiskSnapshot, 'createdAt'>[]
}

export interface PruneTools extends RetryTools {
  readonly lightsail: PruningService
  /** For all requests together, with the step's signal. */
  readonly patience: Patience
}

/** What happened to a snapshot. `untouched`: it was kept, or its deletion not tried. `gone`: deleted by something else. */
export type Fate = 'untouched' | 'deleted' | 'gone' | 'spared' | 'failed' | 'unknown'

/** A snapshot of one of the sources, the decision about it, and what happened to it. */
export interface Candidate extends Decision {
  readonly lineage: Lineage
  readonly fate: Fate
  readonly failure: Failure | undefined
}

/** The result of retention. */
export interface RetentionResult {
  readonly candidates: readonly Candidate[]
  readonly outOfReach: readonly OutOfReach[]
}

/** Reads all snapshots of the type in the account and decides about those of the lineages. Deletes nothing. Throws ServiceFailure. */
export async function decideAll(
  plan: PrunePlan,
  { lightsail, patience }: PruneTools,
): Promise<RetentionResult> {
  const { list } = snapshotTypes[plan.snapshotType]
  const all = await readWholeList((pageToken) => lightsail[list](pageToken, patience), arnOf)
  const now = lightsail.serviceTime() ?? newestDate(all)
  const upcoming = plan.upcoming.map((snapshot) => ({ ...snapshot, createdAt: new Date(now) }))
  const decisions = plan.lineages.flatMap((lineage) =>
    decide([...upcoming, ...all], { ...plan, lineage, now })
      .filter(({ snapshot }) => all.includes(snapshot))
      .map((decision): Candidate => ({ ...decision, lineage, fate: 'untouched', failure: undefined })),
  )
  return { candidates: onceEach(decisions), outOfReach: findOutOfReach(all, plan) }
}

/** Each snapshot once. One that is in several lineages stays if it stays in any of them. */
function onceEach(decisions: readonly Candidate[]): Candidate[] {
  const found = new Map<DiskSnapshot, Candidate>()
  for (const decision of decisions) {
    const before = found.get(decision.snapshot)
    if (before === undefined || (!before.stays && decision.stays)) found.set(decision.snapshot, decision)
  }
  return [...found.values()]
}

/** The latest date in the list, in milliseconds since the epoch: as "now" it can only make snapshots look younger. */
function newestDate(all: readonly DiskSnapshot[]): number {
  return all.reduce((newest, { createdAt }) => Math.max(newest, createdAt?.getTime() ?? 0), 0)
}
