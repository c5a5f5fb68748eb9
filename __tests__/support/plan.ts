import type { Plan } from '../../src/actions/snapshot/inputs.js'
import type { PlannedSnapshot } from '../../src/domain/planned-snapshot.js'
import { sourceAsNamed } from '../../src/domain/planned-snapshot.js'
import { exampleSha } from './step.js'

/** A plan for these snapshots, with names that planSnapshots would refuse. */
export function planOf(snapshots: readonly Pick<PlannedSnapshot, 'source' | 'snapshotName'>[]): Plan {
  const plan: Plan = {
    snapshotType: 'disk',
    snapshots: snapshots.map((snapshot) => ({
      ...sourceAsNamed(snapshot.source),
      snapshotType: 'disk',
      ...snapshot,
      tags: [],
    })),
    attachedDisks: false,
    region: 'eu-central-1',
    commitSha: exampleSha,
    wait: false,
    waitTimeoutMs: 3_600_000,
    pollIntervalMs: 15_000,
    ifExists: 'adopt',
    retention: undefined,
    status: undefined,
    pause: undefined,
    dryRun: false,
    warnings: [],
    withSources: () => plan,
  }
  return plan
}
