import { diskLookup, findDisk, type Lineage, lineageNamed, lineageOf } from '../domain/lineage.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import { type Source, subjectOf } from '../lightsail/types.js'
import type { Candidate } from './candidates.js'

/** A name in the inputs, and the lineage that it means. */
export interface PrunedSource {
  readonly source: Source
  readonly lineage: Lineage
  /** Whether the source is known to exist. An instance isn't looked up. */
  readonly exists: boolean
}

/**
 * Returns which lineage each source means. A disk that was deleted still has a lineage: its snapshots can be pruned. Throws a
 * Failure if several disks could be meant.
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
    // That a disk is attached to nothing doesn't matter for its snapshots.
    if (meant?.remark?.kind === 'notice') log.notice(meant.remark.text)
    const lineage = meant === undefined ? lineageNamed(type, name) : lineageOf(meant.disk)
    found.push({ source, lineage, exists: meant !== undefined })
  }
  return found
}

/** Warns of each source of which there is nothing: a misspelled name would be pruned for ever without anybody noticing. */
export function warnOfUnknown(
  sources: readonly PrunedSource[],
  candidates: readonly Candidate[],
  log: Step['log'],
): void {
  for (const { source, lineage, exists } of sources) {
    if (exists || candidates.some((one) => one.lineage === lineage)) continue
    log.warning(
      `There is no snapshot of ${subjectOf(source)} that this repository took with this action. Check the spelling and aws-region.`,
    )
  }
}
