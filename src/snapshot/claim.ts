import { type DiskSnapshot, snapshotStage, subjectOf, type Tag } from '../lightsail/types.js'
import { tagOf } from '../shared/tags.js'
import type { PlannedSnapshot } from './plan.js'

/** What to do where the name is taken by a snapshot of the same source, commit and repository. */
export const ifExistsChoices = ['adopt', 'fail'] as const
export type IfExists = (typeof ifExistsChoices)[number]

/** What a planned snapshot is to the one that has its name. */
export type Claim =
  /** It is the one: the request that made it was this step's, and only its answer was lost. */
  | 'own'
  /** It may stand for the planned one. */
  | 'adopted'
  /** It could, but the step is told not to. */
  | 'refused'
  /** It is of the same source, commit and repository, and failed. */
  | 'failed'
  /** It is another source's, commit's or repository's. */
  | 'foreign'

const sameCommit = ['repository', 'commit-sha'] as const
const sameAttempt = ['run-id', 'run-attempt'] as const

/**
 * Decides by source and tags what the snapshot under a planned name is. `answerLost`: a request of this step for it may
 * have been carried out without an answer.
 */
export function claimOf(
  found: DiskSnapshot,
  planned: PlannedSnapshot,
  { answerLost, ifExists }: { readonly answerLost: boolean; readonly ifExists: IfExists },
): Claim {
  const agrees = (keys: readonly string[]) => keys.every((key) => tagOf(found, key) === tagOf(planned, key))
  const { source } = planned
  if (found.source?.type !== source.type || found.source.name !== source.name || !agrees(sameCommit)) {
    return 'foreign'
  }
  if (answerLost && agrees(sameAttempt)) return 'own'
  if (ifExists === 'fail') return 'refused'
  return snapshotStage(found.state) === 'failed' ? 'failed' : 'adopted'
}

/** Whose a snapshot is, as far as its source and tags tell: `a snapshot of disk "x", taken by run 5 of octo/shop`. */
export function ownerOf({ source, tags }: DiskSnapshot): string {
  const of = source === null ? 'an unknown source' : subjectOf(source)
  return `a snapshot of ${of}, ${takenBy(tags)}`
}

function takenBy(tags: readonly Tag[]): string {
  const [repository, commit] = sameCommit.map((key) => tagOf({ tags }, key))
  if (repository === undefined || commit === undefined) return 'which this action did not take'
  return `taken by ${runOf(tags)} of ${repository} for commit ${commit.slice(0, 7)}`
}

/** `run 5 (attempt 1)`, as the tags have it. */
export function runOf(tags: readonly Tag[]): string {
  const [run, attempt] = sameAttempt.map((key) => tagOf({ tags }, key))
  if (run === undefined) return 'an unknown run'
  return attempt === undefined ? `run ${run}` : `run ${run} (attempt ${attempt})`
}
