import { readStatusPlan, type StatusPlan } from '../../github/commit-status.js'
import type { Step } from '../../github/entry-point.js'
import { InputReader } from '../../github/inputs.js'
import { parseList } from '../../github/parse.js'
import { isSourceName } from '../../lightsail/names.js'
import type { WaitLimits } from '../../watch/watch.js'
import { readCommit } from '../shared/commit.js'
import { readRegion } from '../shared/region.js'

/** What the inputs ask for. */
export interface WaitInputs extends WaitLimits {
  readonly operationIds: readonly string[]
  readonly snapshotNames: readonly string[]
  readonly region: string
  readonly status: StatusPlan | undefined
}

/** The operation of an adopted snapshot may be too old to be found. */
const ifNull =
  'has a null: the operation of that snapshot could not be found. Give the output snapshot-names as snapshot-name instead'

/** Reads every input. Throws one Failure that lists every problem of all of them. */
export function readInputs(step: Step): WaitInputs {
  const { input, environment, run } = step
  const inputs = new InputReader(step, 'wait')
  const list = (name: 'operation-id' | 'snapshot-name', rules = {}) => {
    const items = inputs.read(name, (text) => parseList(text, { commas: true, ...rules }), undefined)
    return items && [...new Set(items)]
  }
  const [operationIds, snapshotNames] = [list('operation-id', { ifNull }), list('snapshot-name')]
  if (operationIds?.length === 0 && snapshotNames?.length === 0) {
    inputs.missing('operation-id', 'is missing, and so is snapshot-name: give exactly one of the two')
  }
  if (operationIds?.length && snapshotNames?.length) {
    inputs.missing('operation-id', 'is given together with snapshot-name: give exactly one of the two')
  }
  for (const id of (operationIds ?? []).filter((item) => !/^[\w-]+$/.test(item))) {
    inputs.problem('operation-id', id, 'is not an operation id: letters, digits, "_" and "-"')
  }
  for (const name of (snapshotNames ?? []).filter((item) => !isSourceName(item))) {
    inputs.problem('snapshot-name', name, 'is not a name that a snapshot can have')
  }
  const read = {
    operationIds: operationIds ?? [],
    snapshotNames: snapshotNames ?? [],
    region: readRegion(inputs, environment),
    // The commit is needed only for a status.
    status: readStatusPlan(inputs, input, inputs.text('commit-status') === '' ? '' : readCommit(inputs, run)),
    timeoutMs: inputs.duration('wait-timeout'),
    pollIntervalMs: inputs.duration('poll-interval'),
  }
  inputs.finish()
  return read
}
