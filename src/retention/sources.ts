import { diskLookup, findDisk, type Lineage, lineageNamed } from '../domain/lineage.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import { type Source, subjectOf } from '../lightsail/types.js'
import type { Candidate } from './candidates.js'

/** A source in the inputs, and its lineage. */
export interface PrunedSource {
  readonly source: Source
  readonly lineage: Lineage
  /** Whether the source is known to exist. An instance isn't looked up. */
  readonly exists: boolean
}

/**
 * Returns the lineage of each source. A deleted disk still has one: its snapshots can be pruned. Throws a Failure if several
 * disks could be meant.
 */
export async function lookUpLineages(
  sources: readonly Source[],
  lightsail: Pick<Lightsail, 'getDisk' | 'listDisks'>,
  patience: Patience,
  { log, run }: Pick<Step, 'log' | 'run'>,
): Promise<PrunedSource[]> {
  const lookup = diskLookup(lightsail, patience)
  const disks = sources.filter(({ type }) => type === 'disk').map(({ name }) => name)
  if (disks.length > 1) await lookup.prefetch(disks)
  const found: PrunedSource[] = []
  for (const source of sources) {
    const { type, name } = source
    const meant = type === 'disk' ? await findDisk(name, run.repository, lookup) : undefined
    // For its snapshots it doesn't matter whether the disk is attached.
    if (meant?.remark?.kind === 'notice') log.notice(meant.remark.text)
    const lineage = meant?.lineage ?? lineageNamed(type, name)
    found.push({ source, lineage, exists: meant !== undefined })
  }
  return found
}

/** Warns of sources without disk and snapshots: nobody would ever notice a misspelled name. */
export function warnOfUnknown(
  sources: readonly PrunedSource[],
  candidates: readonly Candidate[],
  log: Step['log'],
): void {
  for (const { source, lineage, exists } of sources) {
    if (exists || candidates.some((candidate) => candidate.lineage === lineage)) continue
    log.warning(
      `There is no snapshot of ${subjectOf(source)} that this repository took with this action. Check the spelling and aws-region.`,
    )
  }
}
