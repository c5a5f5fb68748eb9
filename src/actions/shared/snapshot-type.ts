import type { InputReader } from '../../github/inputs.js'
import { allSnapshotTypes, type SnapshotType, type Source } from '../../lightsail/types.js'

/** Returns the type in `snapshot-type`. Whole instances go with instance-name; a problem is noted otherwise. */
export function readSnapshotType(inputs: InputReader, sources: readonly Source[]): SnapshotType {
  const type = inputs.choice('snapshot-type', allSnapshotTypes)
  if (type === 'instance' && sources.some((source) => source.type === 'disk')) {
    inputs.problem('snapshot-type', type, 'goes with instance-name, not with disk-name')
  }
  return type
}
