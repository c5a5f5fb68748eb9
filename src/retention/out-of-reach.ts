import { groupOf, type Lineage } from '../domain/lineage.js'
import { isMadeBy, isManaged, lineageTags, tagOf } from '../domain/tags.js'
import type { DiskSnapshot } from '../lightsail/types.js'

/** Snapshots that this action took and no rule of this step reaches, grouped. */
export interface OutOfReach {
  /** Their source, or the repository that took them. */
  readonly label: string
  readonly names: readonly string[]
}

interface Reach {
  readonly lineages: readonly Lineage[]
  readonly repository: string
}

/**
 * Returns the snapshots that this step doesn't delete although one might expect it: this repository's of other sources, such as
 * a renamed disk, and those of this step's sources that another repository took, such as this one under its old name.
 */
export function findOutOfReach(all: readonly DiskSnapshot[], reach: Reach): OutOfReach[] {
  const found = new Map<string, string[]>()
  for (const snapshot of all) {
    const label = snapshot.isAutomatic || !isManaged(snapshot) ? undefined : labelOf(snapshot, reach)
    if (label !== undefined) found.set(label, [...(found.get(label) ?? []), snapshot.name])
  }
  return [...found].map(([label, names]) => ({ label, names }))
}

/** Undefined for a snapshot that a rule reaches, and for one that has nothing to do with this step. */
function labelOf(snapshot: DiskSnapshot, { lineages, repository }: Reach): string | undefined {
  const isOfTheseSources = lineages.some((lineage) => groupOf(snapshot, lineage) !== undefined)
  const isOurs = isMadeBy(snapshot, repository)
  if (isOurs === isOfTheseSources) return undefined
  return isOurs ? sourceText(snapshot) : `repository ${tagOf(snapshot, 'repository') ?? '(none)'}`
}

function sourceText(snapshot: DiskSnapshot): string {
  const { source } = snapshot
  if (source === null) return 'an unknown source'
  return `${source.type} "${tagOf(snapshot, lineageTags.lineage) ?? source.name}"`
}
