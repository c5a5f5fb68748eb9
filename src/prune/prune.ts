import type { Clock } from '../basics/clock.js'
import type { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot, Source } from '../lightsail/types.js'
import { judgeSnapshots, type Retention, type Verdict } from './rule.js'

/** What pruning asks of the service. */
export type PruningService = Pick<Lightsail, 'region' | 'listDiskSnapshots' | 'deleteDiskSnapshot'>

/** What there is to prune. */
export interface PrunePlan {
  readonly sources: readonly Source[]
  readonly repository: string
  readonly retention: Retention
  readonly justTaken: ReadonlySet<string>
  readonly dryRun: boolean
}

export interface PruneTools {
  readonly lightsail: PruningService
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onRetry?: Patience['onRetry']
}

/** What became of a snapshot that a rule let go: undefined while nothing has been tried. */
export interface Judged extends Verdict {
  readonly source: Source
  readonly deleted: boolean
  readonly failure: Failure | undefined
}

/** How many deletions are under way at once. */
const atOnce = 5

/** How long each page of the list, and each deletion, is tried, in milliseconds. */
const patienceMs = 60_000

/**
 * Reads every snapshot of the account in one pass, and decides about those of the sources. Deletes nothing. Throws
 * ServiceFailure.
 */
export async function judgeAll(plan: PrunePlan, tools: PruneTools): Promise<Judged[]> {
  const { lightsail, clock } = tools
  const all: DiskSnapshot[] = []
  await readPages(
    (pageToken) => lightsail.listDiskSnapshots(pageToken, patienceFor(tools)),
    (items) => {
      all.push(...items)
      return 'more'
    },
  )
  return plan.sources.flatMap((source) =>
    judgeSnapshots(all, { ...plan, source, now: clock.now() }).map((verdict) => ({
      ...verdict,
      source,
      deleted: false,
      failure: undefined,
    })),
  )
}

/** Deletes what no rule keeps, some side by side. One that can't be deleted doesn't keep the others from it. */
export function deleteAll(judged: readonly Judged[], tools: PruneTools): Promise<Judged[]> {
  return mapBounded(judged, atOnce, async (one) =>
    one.stays || tools.signal.aborted ? one : deleteOne(one, tools),
  )
}

async function deleteOne(one: Judged, tools: PruneTools): Promise<Judged> {
  try {
    await tools.lightsail.deleteDiskSnapshot(one.snapshot.name, patienceFor(tools))
    return { ...one, deleted: true }
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    return { ...one, failure: error }
  }
}

function patienceFor({ clock, signal, onRetry }: PruneTools): Patience {
  return { untilMs: clock.monotonic() + patienceMs, signal, onRetry }
}
