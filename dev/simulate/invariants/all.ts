import type { Trace } from '../simulate.js'
import { endingInvariants } from './ending.js'
import { goodDayInvariants } from './good-day.js'
import type { Invariant } from './invariant.js'
import { retentionInvariants } from './retention.js'
import { rollBackInvariants } from './roll-back.js'
import { siteInvariants } from './site.js'
import { snapshotInvariants } from './snapshots.js'

/** Everything that is checked. */
export const invariants: readonly Invariant[] = [
  ...snapshotInvariants,
  ...rollBackInvariants,
  ...siteInvariants,
  ...retentionInvariants,
  ...endingInvariants,
  ...goodDayInvariants,
]

/** An invariant that a step breaks. */
export interface Violation {
  readonly invariant: string
  readonly step: string
  readonly what: string
}

/** Returns every invariant that is broken. */
export function violationsIn(trace: Trace): Violation[] {
  return trace.steps.flatMap((step) =>
    invariants.flatMap(({ name, check }) =>
      check(step, trace).map((what) => ({ invariant: name, step: step.label, what })),
    ),
  )
}
