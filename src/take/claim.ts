import type { Failure } from '../basics/failure.js'
import type { PlannedSnapshot } from '../domain/planned-snapshot.js'
import { hasTokenOf, tagOf } from '../domain/tags.js'
import { deleteFailed } from '../lightsail/commands.js'
import { consoleUrl } from '../lightsail/names.js'
import { type DiskSnapshot, subjectOf, type Tag } from '../lightsail/types.js'

/** What to do if an earlier attempt of this run took a snapshot of the same name, source and commit. */
export const ifExistsChoices = ['adopt', 'fail'] as const
export type IfExists = (typeof ifExistsChoices)[number]

/** What a planned snapshot is to the one that has its name. */
export type Claim =
  /** It is the one: this step's own request created it. */
  | 'own'
  /** An earlier attempt of this run took it for the same source and commit. */
  | 'adopted'
  /** The same, but the step is told not to adopt it. */
  | 'refused'
  /** The same, and it failed. */
  | 'failed'
  /** Another step of this attempt took it. */
  | 'sibling'
  /** It is of another disk or instance that has, or had, the name of the source. */
  | 'namesake'
  /** It is another source's, commit's, run's or repository's. */
  | 'foreign'

const sameRun = ['repository', 'commit-sha', 'run-id'] as const

/**
 * Decides by source and tags what the snapshot under a planned name is. `sourceArn` is that of the planned source; undefined
 * if it isn't known, and then none is adopted.
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

/** Whether a snapshot's tags may just not be visible yet: nothing that this action creates has none. */
export function lacksTags({ tags }: DiskSnapshot): boolean {
  return tags.length === 0
}

/** What to do about it, if that is not the usual. */
export type Advised = Pick<Failure, 'advice' | 'copyables'>

/** Why a snapshot that has the name isn't taken for the planned one, and what to do. */
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
      copyables: [deleteFailed(region, snapshot.name)],
    },
  ],
}

/** Whose a snapshot is, as far as its source and tags tell: `a snapshot of disk "x", taken by run 5 of octo/shop`. */
export function ownerOf({ source, tags }: DiskSnapshot): string {
  const of = source === null ? 'an unknown source' : subjectOf(source)
  return `a snapshot of ${of}, ${takenBy(tags)}`
}

function takenBy(tags: readonly Tag[]): string {
  const [repository, commit] = sameRun.map((key) => tagOf({ tags }, key))
  if (repository === undefined || commit === undefined) return 'which this action did not take'
  return `taken by ${runOf(tags)} of ${repository} for commit ${commit.slice(0, 7)}`
}

/** `run 5 (attempt 1)`, as the tags have it. */
export function runOf(tags: readonly Tag[]): string {
  const [run, attempt] = ['run-id', 'run-attempt'].map((key) => tagOf({ tags }, key))
  if (run === undefined) return 'an unknown run'
  return attempt === undefined ? `run ${run}` : `run ${run} (attempt ${attempt})`
}
