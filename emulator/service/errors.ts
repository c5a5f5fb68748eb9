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

  /** The body in JSON 1.1: `__type` names the exception, the other members are Lightsail's. */
  body(): Record<string, string> {
    return {
      __type: this.exception,
      code: this.code,
      message: this.message,
      docs: 'https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/CommonErrors.html',
      tip: 'See the message.',
    }
  }
}

/** The error for an invalid member of a request. */
export function invalidInput(message: string, code = 'InvalidInput'): ServiceError {
  return new ServiceError(400, 'InvalidInputException', code, message)
}

/** The error for a missing resource. `kind` is Lightsail's term, such as `DiskSnapshot`. */
export function notFound(kind: string, name: string): ServiceError {
  return new ServiceError(400, 'NotFoundException', 'DoesNotExist', `The ${kind} does not exist: ${name}`)
}

/** The error for a path at which the instance has another disk. */
export function pathInUse(path: string, instanceName: string): ServiceError {
  return invalidInput(`The disk path ${path} is already in use on ${instanceName}.`, 'DiskPathInUse')
}

/** The error for a request that a resource's state doesn't allow. */
export function wrongState(behaviour: Readonly<Behaviour>, message: string): ServiceError {
  const exception = behaviour.stateRefusal
  return new ServiceError(400, exception, exception.replace(/Exception$/, ''), message)
}
