import { inspect } from 'node:util'
import { type Copyable, Failure } from '../basics/failure.js'
import { textMember } from '../basics/member.js'
import { classify, type ErrorClass } from './error-classes.js'
import { errorTable, type RequestDescription, renew } from './error-table.js'
import { credentialsStep } from './remedies.js'

/** The failure of a request, after all retries. */
export class ServiceFailure extends Failure {
  readonly errorClass: ErrorClass

  constructor(
    errorClass: ErrorClass,
    message: string,
    advice: string,
    cause: unknown,
    copyables: readonly Copyable[] = [],
  ) {
    super(message, advice, { cause, copyables })
    this.name = 'ServiceFailure'
    this.errorClass = errorClass
  }
}

/** Makes a failure of whatever a request threw. */
export type Explain = (thrown: unknown, request: RequestDescription) => ServiceFailure

/** The failure for whatever a request threw. */
export function explain(thrown: unknown, request: RequestDescription): ServiceFailure {
  return explainAs(classify(thrown), thrown, request)
}

function explainAs(errorClass: ErrorClass, thrown: unknown, request: RequestDescription): ServiceFailure {
  const { message, addsNothing, advice, copyable } = errorTable[errorClass]
  const toCopy = copyable?.(request)
  const own = addsNothing ? '' : `: ${ownMessage(thrown)}`
  return new ServiceFailure(
    errorClass,
    `${message(request)}${own}.`.replace(/\.+$/, '.'),
    advice(request),
    thrown,
    toCopy === undefined ? [] : [toCopy],
  )
}

/** The error's own message after its name or system code, on one line: `ThrottlingException, Rate exceeded`. */
function ownMessage(thrown: unknown): string {
  const [name, code, message] = ['name', 'code', 'message'].map((part) => textMember(thrown, part))
  if (!name && !message) return inspect(thrown)
  const words = sdkNoise.reduce((text, noise) => text.replace(noise, ''), message ?? '')
  // An error of the system has a name that says nothing, and a code that does.
  const named = code !== '' && (name === 'Error' || name === 'AggregateError') ? code : name
  return [named, words.replace(/\s+/g, ' ').trim()].filter(Boolean).join(', ')
}

// What the SDK adds to an error's words for programmers.
const sdkNoise = [/\s*Deserialization error: to see the raw response.*$/s, /^@smithy\/\S+ - \[ERROR\] /]

/** A taken name is a sentence about the snapshot, everything else one about the source. */
export function explainSnapshotCreation(snapshot: string): Explain {
  return (thrown, request) => {
    const failure = explain(thrown, request)
    return failure.errorClass === 'name-taken' ? explain(thrown, { ...request, subject: snapshot }) : failure
  }
}

/** What isn't there is the snapshot; a taken name is the disk's own. */
export function explainDiskCreation(snapshot: string): Explain {
  return (thrown, request) => {
    const failure = explain(thrown, request)
    if (failure.errorClass === 'not-found') {
      const { message } = explain(thrown, { ...request, subject: snapshot })
      return new ServiceFailure('not-found', message, 'Check that nobody has deleted the snapshot.', thrown)
    }
    if (failure.errorClass !== 'name-taken') return failure
    const advice = 'Nothing was created, and the existing resource is untouched. Give the disk another name.'
    return new ServiceFailure('name-taken', failure.message, advice, thrown)
  }
}

/** What is "already in use" for an attachment is the path, not a name. */
export function explainAttach(instance: string): Explain {
  return (thrown, request) => {
    const failure = explain(thrown, request)
    if (failure.errorClass !== 'name-taken') return failure
    return new ServiceFailure(
      'invalid',
      `Lightsail in ${request.region} refused AttachDisk for ${request.subject}: ${textMember(thrown, 'message')}`,
      `Give a path that is free on ${instance}.`,
      thrown,
    )
  }
}

/** The answer, or undefined where the service says that there is no such thing. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ServiceFailure && error.errorClass === 'not-found') return undefined
    throw error
  }
}

const passing: ReadonlySet<ErrorClass> = new Set([
  'throttled',
  'server',
  'network',
  'unreachable',
  'unreadable',
])

/**
 * What a person is told about whatever the sources of credentials threw. They ask services of their own: what those refuse is
 * no refusal of Lightsail's, and nothing has been sent to it yet.
 */
export function explainCredentials(thrown: unknown, request: RequestDescription): ServiceFailure {
  const own = classify(thrown)
  const errorClass = passing.has(own) ? 'credentials-unreachable' : own
  if (errorClass !== 'denied' && errorClass !== 'other' && errorClass !== 'invalid') {
    return explainAs(errorClass, thrown, request)
  }
  return new ServiceFailure(
    'credentials-refused',
    `The AWS credentials of this job could not be fetched: ${ownMessage(thrown)}.`.replace(/\.+$/, '.'),
    `${renew}, and check the role that it assumes, and that the role trusts this repository.`,
    thrown,
    [credentialsStep(request.region)],
  )
}

/** The response, or the ServiceFailure instead of it. Throws anything else. */
export async function orServiceFailure<T>(response: Promise<T>): Promise<T | ServiceFailure> {
  try {
    return await response
  } catch (error) {
    if (error instanceof ServiceFailure) return error
    throw error
  }
}
