import type { Clock } from '../basics/clock.js'
import type { Failure } from '../basics/failure.js'
import type { Lineage } from '../domain/lineage.js'
import type { Lightsail } from '../lightsail/client.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot } from '../lightsail/types.js'
import { type Beyond, beyondRules } from './beyond.js'
import { type Circumstances, judgeSnapshots, type Verdict } from './policy.js'

/** The requests that pruning sends. */
export type PruningService = Pick<
  Lightsail,
  'region' | 'serviceTime' | 'listDiskSnapshots' | 'getDiskSnapshot' | 'deleteDiskSnapshot' | 'getOperation'
>

/** What there is to prune. */
export interface PrunePlan extends Pick<Circumstances, 'repository' | 'retention' | 'justTaken'> {
  readonly lineages: readonly Lineage[]
  /** Snapshots that a dry run counts as if they existed. */
  readonly upcoming: readonly Omit<DiskSnapshot, 'createdAt'>[]
}

export interface PruneTools {
  readonly lightsail: PruningService
  readonly clock: Clock
  /** For all requests together. Its signal is the step's. */
  readonly patience: Patience
}

/** What happened to a snapshot. `untouched`: no rule let it go, or its deletion was not tried. `gone`: something else deleted it. */
export type Fate = 'untouched' | 'deleted' | 'gone' | 'spared' | 'failed' | 'unknown'

/** A snapshot of one of the sources, with what became of it. */
export interface Judged extends Verdict {
  readonly lineage: Lineage
  readonly fate: Fate
  readonly failure: Failure | undefined
}

/** What retention knows of the account. */
export interface Survey {
  readonly judged: readonly Judged[]
  readonly beyond: readonly Beyond[]
}

/** Reads every snapshot of the account, and decides about those of the lineages. Deletes nothing. Throws ServiceFailure. */
export async function judgeAll(plan: PrunePlan, { lightsail, patience }: PruneTools): Promise<Survey> {
  const all = await readWholeList((pageToken) => lightsail.listDiskSnapshots(pageToken, patience), arnOf)
  const now = lightsail.serviceTime() ?? newestDate(all)
  const upcoming = plan.upcoming.map((snapshot) => ({ ...snapshot, createdAt: new Date(now) }))
  const verdicts = plan.lineages.flatMap((lineage) =>
    judgeSnapshots([...upcoming, ...all], { ...plan, lineage, now })
      .filter(({ snapshot }) => all.includes(snapshot))
      .map((verdict): Judged => ({ ...verdict, lineage, fate: 'untouched', failure: undefined })),
  )
  return { judged: onceEach(verdicts), beyond: beyondRules(all, plan) }
}

/** Each snapshot once. One that is in several lineages stays if it stays in any of them. */
function onceEach(verdicts: readonly Judged[]): Judged[] {
  const found = new Map<DiskSnapshot, Judged>()
  for (const verdict of verdicts) {
    const before = found.get(verdict.snapshot)
    if (before === undefined || (!before.stays && verdict.stays)) found.set(verdict.snapshot, verdict)
  }
  return [...found.values()]
}

/** The latest time that the list proves, in milliseconds since the epoch: it can only make snapshots look younger. */
function newestDate(all: readonly DiskSnapshot[]): number {
  return all.reduce((newest, { createdAt }) => Math.max(newest, createdAt?.getTime() ?? 0), 0)
}
