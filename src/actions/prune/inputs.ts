import type { Step } from '../../github/entry-point.js'
import { InputReader } from '../../github/inputs.js'
import type { Source } from '../../lightsail/types.js'
import type { PrunePlan } from '../../retention/candidates.js'
import { readRegion } from '../shared/region.js'
import { readRetention } from '../shared/retention.js'
import { readSnapshotType } from '../shared/snapshot-type.js'
import { readSources } from '../shared/sources.js'

/** What the inputs ask for. */
export interface PruneInputs extends Omit<PrunePlan, 'lineages'> {
  readonly sources: readonly Source[]
  readonly region: string
  readonly waitTimeoutMs: number
  readonly dryRun: boolean
}

/** Reads every input. Throws one Failure that lists every problem of all of them. */
export function readInputs(step: Step): PruneInputs {
  const { environment, run } = step
  const inputs = new InputReader(step, 'prune')
  const sources = readSources(inputs)
  const retention = readRetention(inputs)
  if (retention === undefined) {
    inputs.missing('keep-last', 'is missing, and so is keep-within: give at least one of the two')
  }
  const read = {
    snapshotType: readSnapshotType(inputs, sources),
    sources,
    repository: run.repository,
    retention: retention ?? { keepLast: undefined, keepWithinMs: undefined },
    justTaken: new Set<string>(),
    upcoming: [],
    waitTimeoutMs: inputs.duration('wait-timeout'),
    dryRun: inputs.boolean('dry-run'),
    region: readRegion(inputs, environment),
  }
  inputs.finish()
  return read
}
