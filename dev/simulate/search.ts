import type { Decision, Schedule } from './decisions.js'
import { drawSchedule } from './draw.js'
import { type Violation, violationsIn } from './invariants/all.js'
import { shrink } from './shrink.js'
import { simulate, type Trace } from './simulate.js'

/** A schedule that was carried out, and what it broke. */
export interface Outcome {
  readonly schedule: Schedule
  readonly trace: Trace
  readonly violations: readonly Violation[]
}

/** Carries out a schedule, and checks it. */
export async function tryOut(schedule: Schedule): Promise<Outcome> {
  const trace = await simulate(schedule)
  return { schedule, trace, violations: violationsIn(trace) }
}

/** Carries out the schedules of these seeds, one after the other. */
export async function* tryAll(first: number, count: number): AsyncGenerator<Outcome> {
  for (let seed = first; seed < first + count; seed += 1) yield await tryOut(drawSchedule(seed))
}

/** Returns the shortest schedule that breaks the same invariant, with the places of its decisions in the given one. */
export async function shortened(
  schedule: Schedule,
  { invariant }: Violation,
): Promise<Outcome & { readonly kept: readonly number[] }> {
  const breaks = async (decisions: readonly Decision[]) =>
    (await tryOut({ ...schedule, decisions })).violations.some((other) => other.invariant === invariant)
  const decisions = await shrink(schedule.decisions, breaks)
  const kept = schedule.decisions.flatMap((decision, index) => (decisions.includes(decision) ? [index] : []))
  return { ...(await tryOut({ ...schedule, decisions })), kept }
}
