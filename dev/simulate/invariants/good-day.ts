import type { Decision, Schedule } from '../decisions.js'
import { isPassing } from '../faults.js'
import { againName } from '../runs.js'
import type { Trace } from '../simulate.js'
import type { StepTrace } from '../step.js'
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
  {
    name: 'finished in the end',
    sentence: 'A roll-back that did not finish does so when it is run again on a good day.',
    check: ({ identity, outcome, failure, inputs }, { schedule }) =>
      identity.name !== againName || outcome === 'green' || !mayFinish(inputs, schedule)
        ? []
        : [failure?.message ?? outcome],
  },
  {
    name: 'what passes is survived',
    sentence: 'Temporary errors and lost responses fail no step that has time.',
    check: (step, trace) =>
      step.outcome === 'green' || !hadOnlyPassing(step, trace) ? [] : [step.failure?.message ?? step.outcome],
  },
]

/** What people may do without getting into the way of a roll-back. */
const harmlessActs: ReadonlySet<string> = new Set(['write', 'take snapshot'])

/** Whether a roll-back can succeed: to the newest snapshot, with time, and nobody worked on the instance or on the snapshots. */
function mayFinish(inputs: Readonly<Record<string, string>>, { decisions }: Schedule): boolean {
  const isToNewest = inputs['snapshot-name'] === undefined && inputs['commit-sha'] === undefined
  const acts = decisions.filter((decision) => decision.is === 'act')
  return isToNewest && inputs['wait-timeout'] === undefined && acts.every(({ act }) => harmlessActs.has(act))
}

/** Whether nothing stood in a step's way but faults that pass. */
function hadOnlyPassing({ inputs, requests }: StepTrace, { schedule }: Trace): boolean {
  const others = schedule.decisions.filter(({ is }) => is !== 'run' && is !== 'fault')
  const runs = schedule.decisions.filter((decision) => decision.is === 'run')
  const hasTime = inputs['wait'] !== 'false' && inputs['wait-timeout'] === undefined
  return (
    others.length === 0 &&
    hasTime &&
    runs.every(isHarmless) &&
    requests.every(({ fault }) => fault === undefined || isPassing(fault))
  )
}
