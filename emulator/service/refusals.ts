import type { Behaviour } from './behaviour.js'
import { ServiceError } from './errors.js'

/** A kind of resource in the service's words. */
export type Kind = 'instance' | 'snapshot' | 'static IP'

/** The error for a request that the state of the resource doesn't allow. */
export function refusedInState(
  behaviour: Readonly<Behaviour>,
  verb: string,
  kind: Kind,
  state: string,
): ServiceError {
  return refused(
    behaviour,
    `You can't ${verb} this ${kind} right now. The state of this ${kind} is: ${state}`,
  )
}

/** The error for a change of a resource while another change of it is in progress. */
export function refusedDuringChange(kind: Kind): ServiceError {
  return new ServiceError(
    400,
    'InvalidInputException',
    'InvalidParams',
    `Sorry, another operation on this ${kind} is in progress. Please wait for it to complete and try again.`,
  )
}

/** The error for a request that can't be carried out as things are. */
export function refused({ stateRefusal }: Readonly<Behaviour>, message: string): ServiceError {
  return new ServiceError(400, stateRefusal, 'UnsupportedOperation', message)
}
