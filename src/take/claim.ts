import type { Failure } from '../basics/failure.js'
import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import { hasTokenOf, tagOf } from '../domain/tags.js'
import { deleteFailed } from '../lightsail/commands.js'
import { consoleUrl } from '../lightsail/names.js'
import { type DiskSnapshot, subjectOf, type Tag } from '../lightsail/types.js'

/** What to do if an earlier attempt of this run took a snapshot of the same name, source and commit. */
export const ifExistsChoices = ['adopt', 'fail'] as const
export type IfExists = (typeof ifExistsChoices)[number]

/** What the snapshot under a planned name is. */
export type Claim =
  /** This step's own request created it. */
  | 'own'
  /** An earlier attempt of this run took it of the same source for the same commit. */
  | 'adopted'
  /** The same, but if-exists is fail. */
  | 'refused'
  /** The same, and it failed. */
  | 'failed'
  /** Another step of this attempt took it. */
  | 'sibling'
  /** It is of another disk or instance that had the same name. */
  | 'namesake'
  /** It is of another source, commit, run or repository. */
  | 'foreign'

const sameRun = ['repository', 'commit-sha', 'run-id'] as const

/**
 * Returns what the snapshot under a planned name is, by its source and tags. `sourceArn` is that of the planned source. If it
 * is undefined, no snapshot is adopted.
 */
export function claimOf(
  found: DiskSnapshot,
  planned: PlannedSnapshot,
  { sourceArn, ifExists }: { readonly sourceArn: string | undefined; readonly ifExists: IfExists },
): Claim {
  if (hasTokenOf(found, planned)) return 'own'
  const { source } = planned
  const isOfRun = sameRun.every((key) => tagOf(found, key) === tagOf(planned, key))
  if (found.source?.type !== source.type || found.source.name !== source.name || !isOfRun) return 'foreign'
  if (!(Number(tagOf(found, 'run-attempt')) < Number(tagOf(planned, 'run-attempt')))) return 'sibling'
  if (found.sourceArn !== sourceArn) return 'namesake'
  if (ifExists === 'fail') return 'refused'
  return found.state === 'error' ? 'failed' : 'adopted'
}

/** Whether a snapshot's tags may not be visible yet: everything that this action creates has tags. */
export function lacksTags({ tags }: DiskSnapshot): boolean {
  return tags.length === 0
}

/** Advice that differs from the error table's. */
export type Advised = Pick<Failure, 'advice' | 'copyables'>

/** Why the snapshot under the name can't be used, and what to do. */
export const refusals: Readonly<
  Record<Exclude<Claim, 'own' | 'adopted'>, (snapshot: DiskSnapshot, region: string) => [string, Advised?]>
> = {
  foreign: (snapshot) => [`by ${ownerOf(snapshot)}`],
  sibling: (snapshot) => [`by ${ownerOf(snapshot)}: another step of this attempt`],
  namesake: (snapshot) => [
    `by ${ownerOf(snapshot)}, and that may have been another disk or instance of the same name`,
  ],
  refused: (snapshot) => [`by ${ownerOf(snapshot)}, and if-exists is fail`],
  failed: (snapshot, region) => [
    `by ${ownerOf(snapshot)}, which failed in Lightsail`,
    {
      advice: `Nothing can be restored from it. Delete it at ${consoleUrl} and rerun the job, or put {{run_attempt}} into snapshot-name.`,
      copyables: [deleteFailed(region, snapshot.name, snapshot.type)],
    },
  ],
}

/** Describes a snapshot by its source and tags: `a snapshot of disk "x", taken by run 5 of octo/shop`. */
function ownerOf({ source, tags }: DiskSnapshot): string {
  const of = source === null ? 'an unknown source' : subjectOf(source)
  return `a snapshot of ${of}, ${takenBy(tags)}`
}

function takenBy(tags: readonly Tag[]): string {
  const [repository, commit] = sameRun.map((key) => tagOf({ tags }, key))
  if (repository === undefined || commit === undefined) return 'which this action did not take'
  return `taken by ${runOf(tags)} of ${repository} for commit ${commit.slice(0, 7)}`
}

/** Returns `run 5 (attempt 1)` for these tags. */
export function runOf(tags: readonly Tag[]): string {
  const [run, attempt] = ['run-id', 'run-attempt'].map((key) => tagOf({ tags }, key))
  if (run === undefined) return 'an unknown run'
  return attempt === undefined ? `run ${run}` : `run ${run} (attempt ${attempt})`
}
