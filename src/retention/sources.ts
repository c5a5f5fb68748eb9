import { diskLookup, findNamed, instanceLookup, type Lineage, lineageNamed } from '../domain/lineage.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { orUndefined } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import { type Source, subjectOf } from '../lightsail/types.js'
import type { Candidate } from './candidates.js'

/** A source in the inputs, and its lineage. */
export interface PrunedSource {
  readonly source: Source
  readonly lineage: Lineage
  /** Whether the source is known to exist. */
  readonly exists: boolean
}

/**
 * Returns the lineage of each source. A deleted source still has one: its snapshots can be pruned. Throws a Failure if
 * several could be meant.
 */
export async function lookUpLineages(
  sources: readonly Source[],
  lightsail: Pick<Lightsail, 'getDisk' | 'listDisks' | 'getInstance' | 'listInstances'>,
  patience: Patience,
  { log, run }: Pick<Step, 'log' | 'run'>,
): Promise<PrunedSource[]> {
  const lookups = { disk: diskLookup(lightsail, patience), instance: instanceLookup(lightsail, patience) }
  const names = sources.map(({ name }) => name)
  if (sources.length > 1 && sources[0]?.type === 'disk') await lookups.disk.prefetch(names)
  const found: PrunedSource[] = []
  for (const source of sources) {
    const { type, name } = source
    // A role that only prunes may lack the permission to look instances up; their snapshots can be told without it.
    const meant = await (type === 'disk'
      ? findNamed(name, run.repository, lookups.disk)
      : orUndefined(findNamed(name, run.repository, lookups.instance), 'denied'))
    // For its snapshots it doesn't matter whether a disk is attached.
    if (meant?.remark?.kind === 'notice') log.notice(meant.remark.text)
    found.push({ source, lineage: meant?.lineage ?? lineageNamed(type, name), exists: meant !== undefined })
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
