import type { Behaviour } from './behaviour.js'

/** An error response of the service: its HTTP status, its exception's name and the members of its body. */
export class ServiceError extends Error {
  readonly status: number
  readonly exception: string
  readonly code: string

  constructor(status: number, exception: string, code: string, message: string) {
    super(message)
    this.name = 'ServiceError'
    this.status = status
    this.exception = exception
    this.code = code
  }

  /** The body in JSON 1.1: `__type` names the exception (or the code), the other members are Lightsail's. */
  body(namedBy: 'exception' | 'code' = 'exception'): Record<string, string> {
    return {
      __type: this[namedBy],
      code: this.code,
      message: this.message,
      docs: 'https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/CommonErrors.html',
      tip: 'See the message.',
    }
  }
}

/** The error for an invalid member of a request. */
export function invalidInput(
  message: string,
  code: 'InvalidParams' | 'NameExists' = 'InvalidParams',
): ServiceError {
  return new ServiceError(400, 'InvalidInputException', code, message)
}

/** The error for a request that can't be carried out. */
export function operationFailure(
  message: string,
  exception: Behaviour['stateRefusal'] = 'OperationFailureException',
): ServiceError {
  return new ServiceError(400, exception, 'UnsupportedOperation', message)
}

/** The error for a missing resource. `kind` is Lightsail's term, such as `DiskSnapshot`. */
export function notFound(kind: string, name: string): ServiceError {
  return new ServiceError(400, 'NotFoundException', 'DoesNotExist', `The ${kind} does not exist: ${name}`)
}

/** The error for a path at which the instance has another disk. */
export function pathInUse(path: string, instanceName: string): ServiceError {
  return invalidInput(`The disk path ${path} is already in use on ${instanceName}.`)
}

/** A kind of resource in the words of a refusal. */
type Kind = 'disk' | 'instance' | 'snapshot' | 'static IP'

/** The error for a request that a state doesn't allow: by default that of the resource which was to be changed. */
export function wrongState(
  { stateRefusal }: Readonly<Behaviour>,
  verb: string,
  kind: Kind,
  state: string,
  stateOf: Kind = kind,
): ServiceError {
  const message = `You can't ${verb} this ${kind} right now. The state of this ${stateOf} is: ${state}`
  return operationFailure(message, stateRefusal)
}

/** The error for a request during another change of the resource. */
export function changeInProgress(kind: Kind): ServiceError {
  return invalidInput(
    `Sorry, another operation on this ${kind} is in progress. Please wait for it to complete and try again.`,
  )
}
