import type { Decision } from '../decisions.js'
import type { Invariant } from './invariant.js'

/** What can happen on a good day. */
function isHarmless(decision: Decision): boolean {
  if (decision.is !== 'run' || decision.credentials !== undefined) return false
  if (decision.inputs?.['wait-timeout'] !== undefined) return false
  // Another attempt can't give the same name to a snapshot of the disk that has replaced the first.
  return decision.deploys.length <= 1 || decision.inputs?.['snapshot-name'] === undefined
}

/** Without this, a simulation in which nothing ever works would hold every invariant. */
export const goodDayInvariants: readonly Invariant[] = [
  {
    name: 'good day',
    sentence: 'A step in whose way nothing stands is green.',
    check: ({ outcome, failure }, { schedule }) =>
      outcome === 'green' || !schedule.decisions.every(isHarmless) ? [] : [failure?.message ?? outcome],
  },
]
