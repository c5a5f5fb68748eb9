import type { Trace } from '../simulate.js'
import type { StepTrace } from '../step.js'

/** What must be true of every step, whatever happens to it. */
export interface Invariant {
  readonly name: string
  readonly sentence: string
  /** Returns what is wrong with a step that has ended; nothing if the invariant holds. */
  readonly check: (step: StepTrace, trace: Trace) => readonly string[]
}

/** Returns the names in an output that is a JSON array; none if it isn't set. */
export function namesIn(step: StepTrace, output: string): string[] {
  const value: unknown = JSON.parse(step.outputs[output] || '[]')
  return Array.isArray(value) ? value.map(String) : []
}

/** The steps of the same run that began before, in any attempt. */
export function earlierSteps({ identity, startedAt }: StepTrace, { steps }: Trace): StepTrace[] {
  return steps.filter((other) => other.identity.run === identity.run && other.startedAt < startedAt)
}

/** The requests of a step that the service has accepted. */
export function acceptedBy(step: StepTrace, operation: string): StepTrace['requests'] {
  return step.requests.filter((request) => request.accepted && request.operation === operation)
}

/** Whether a step's log or its error has these words. */
export function says(step: StepTrace, words: string): boolean {
  return step.log.some((line) => line.includes(words))
}

/** Whether it is part of the lineage of the place: what holds its data, or once did. */
export function isOfPlace(sourceArn: string | undefined, { world: { history } }: Trace): boolean {
  return history.wasLive(sourceArn)
}
