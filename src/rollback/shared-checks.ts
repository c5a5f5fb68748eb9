import { Failure, throwAll } from '../basics/failure.js'
import { groupOf, type Lineage } from '../domain/lineage.js'
import { type DiskSnapshot, type Source, subjectOf } from '../lightsail/types.js'

/** A check of the facts. Returns undefined if all is well, otherwise what is wrong and what to do. */
export type Check<Facts> = (facts: Facts) => readonly [problem: string, advice: string] | undefined

/** Throws a Failure that names every problem of the facts; nothing has been changed by then. */
export function throwProblems<Facts>(checks: readonly Check<Facts>[], facts: Facts): void {
  throwAll(
    checks.flatMap((check) => {
      const found = check(facts)
      return found === undefined ? [] : [new Failure(found[0], `${found[1]} Nothing was changed.`)]
    }),
  )
}

/** What the facts of a roll-back have in common, whatever is restored. */
interface SnapshotFacts {
  readonly inputs: { readonly source: Source | undefined }
  readonly snapshot: DiskSnapshot
  readonly lineage: Lineage | undefined
}

export const snapshotIsComplete: Check<SnapshotFacts> = ({ snapshot: { name, state, progress } }) =>
  state === 'completed'
    ? undefined
    : [
        `The snapshot "${name}" isn't complete: it is ${[state, progress].filter(Boolean).join(', ')}.`,
        'Wait for it with wait/ of this action, or give a snapshot that is complete.',
      ]

export const snapshotIsOfSource: Check<SnapshotFacts> = ({ inputs: { source }, snapshot, lineage }) => {
  if (source === undefined || lineage === undefined || groupOf(snapshot, lineage) !== undefined)
    return undefined
  const other = snapshot.source === null ? 'another source' : subjectOf(snapshot.source)
  return [
    `The snapshot "${snapshot.name}" is of ${other}, and not of ${subjectOf(source)}.`,
    `Give a snapshot of ${subjectOf(source)}, or only its name.`,
  ]
}
