import { eventLine } from './events.js'
import type { Violation } from './invariants/all.js'
import { invariants } from './invariants/all.js'
import type { Trace } from './simulate.js'

/** Returns what happened, a line per event that matters. */
export function story({ world }: Trace): string[] {
  return world.events.filter(({ isDetail }) => !isDetail).map(eventLine)
}

/** Returns what is broken, and the rule that it breaks. */
export function verdict({ invariant, step, what }: Violation): string[] {
  const rule = invariants.find(({ name }) => name === invariant)?.sentence ?? ''
  return [`BROKEN "${invariant}" by step ${step}: ${what}`, `       ${rule}`]
}
