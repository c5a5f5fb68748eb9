import { inspect } from 'node:util'
import { type Copyable, Failure } from '../basics/failure.js'
import { member, textMember } from '../basics/member.js'
import { type CredentialSource, noneFound, withoutSecrets } from './credentials.js'
import { classify, type ErrorClass, unnamed } from './error-classes.js'
import { adviceOn, errorTable, type RequestDescription } from './error-table.js'
import { credentialsStep } from './remedies.js'

const missing: ReadonlySet<ErrorClass> = new Set(['not-found', 'unreachable'])

/** The failure of a request, after all retries. */
export class ServiceFailure extends Failure {
  readonly errorClass: ErrorClass
  /** How long (ms) the service asked to wait before a retry; undefined if it didn't. */
  readonly retryAfterMs: number | undefined

  constructor(
    errorClass: ErrorClass,
    message: string,
    advice: string,
    cause: unknown,
    copyables: readonly Copyable[] = [],
  ) {
    super(message, advice, { cause, copyables, isMissing: missing.has(errorClass) })
    this.name = 'ServiceFailure'
    this.errorClass = errorClass
    this.retryAfterMs = retryAfter(cause)
  }
}

/** The service asks for seconds. More than this (ms) is a mistake, which must not use up the time of the step. */
const longestRetryAfterMs = 300_000

/** Reads the header of the response, which the SDK keeps in a hidden member of the error. */
function retryAfter(thrown: unknown): number | undefined {
  const headers = member(member(thrown, '$response'), 'headers')
  const ms = Number(textMember(headers, 'x-amz-retry-after'))
  return ms > 0 ? Math.ceil(Math.min(ms, longestRetryAfterMs)) : undefined
}

/** Makes a failure of whatever a request threw. */
export type Explain = (thrown: unknown, request: RequestDescription) => ServiceFailure

/** The failure for whatever a request threw. */
export function explain(thrown: unknown, request: RequestDescription): ServiceFailure {
  return explainAs(classify(thrown), thrown, request)
}

function explainAs(errorClass: ErrorClass, thrown: unknown, request: RequestDescription): ServiceFailure {
  const { message, addsNothing, copyable } = errorTable[errorClass]
  const toCopy = copyable?.(request)
  const own = addsNothing ? '' : `: ${ownMessage(thrown)}`
  return new ServiceFailure(
    errorClass,
    `${message(request)}${own}.`.replace(/(?<!\.)\.+$/, '.'),
    adviceOn(errorClass, request),
    thrown,
    toCopy === undefined ? [] : [toCopy],
  )
}

/** The error's own message after its name or system code, on one line: `ThrottlingException, Rate exceeded`. */
function ownMessage(thrown: unknown): string {
  const [name, code, message] = ['name', 'code', 'message'].map((part) => textMember(thrown, part))
  if (!name && !message) return inspect(thrown)
  if (name === unnamed) return `HTTP ${member(member(thrown, '$metadata'), 'httpStatusCode')}`
  const words = sdkNoise.reduce((text, noise) => text.replace(noise, ''), message ?? '')
  // A system error's name says nothing, its code does.
  const named = code !== '' && (name === 'Error' || name === 'AggregateError') ? code : name
  return [named, words.replace(/\s+/g, ' ').trim()].filter(Boolean).join(', ')
}

// What the SDK adds to an error's message for programmers.
const sdkNoise = [/Deserialization error: to see the raw response.*$/s, /^@smithy\/\S+ - \[ERROR\] /]

/** A taken name is about the snapshot, everything else about the source. */
export function explainSnapshotCreation(snapshot: string): Explain {
  return (thrown, request) => {
    const failure = explain(thrown, request)
    return failure.errorClass === 'name-taken' ? explain(thrown, { ...request, subject: snapshot }) : failure
  }
}

/** Not found is about the snapshot, a taken name about the new disk or instance. */
export function explainCreation(snapshot: string, kind: 'disk' | 'instance'): Explain {
  return (thrown, request) => {
    const failure = explain(thrown, request)
    if (failure.errorClass === 'not-found') {
      const { message } = explain(thrown, { ...request, subject: snapshot })
      return new ServiceFailure('not-found', message, 'Check that nobody has deleted the snapshot.', thrown)
    }
    if (failure.errorClass !== 'name-taken') return failure
    const advice = `Nothing was created, and the existing resource is untouched. Give the ${kind} another name.`
    return new ServiceFailure('name-taken', failure.message, advice, thrown)
  }
}

/** An attachment can be refused because of its path. */
export function explainAttach(instance: string): Explain {
  return (thrown, request) => {
    const failure = explain(thrown, request)
    const { errorClass, message } = failure
    if (errorClass !== 'invalid' || !/\balready in use\b/i.test(message)) return failure
    return new ServiceFailure(errorClass, message, `Give a path that is free on ${instance}.`, thrown)
  }
}

/** Returns the response, or undefined if it is an error of this class. Default: that there is no such resource. */
export async function orUndefined<T>(
  response: Promise<T>,
  errorClass: ErrorClass = 'not-found',
): Promise<T | undefined> {
  const found = await orServiceFailure(response)
  if (!(found instanceof ServiceFailure)) return found
  if (found.errorClass === errorClass) return undefined
  throw found
}

const passing = ['throttled', 'server', 'network', 'unreachable', 'unreadable', 'connection-fault'] as const

// These happen between the runner and whatever gives credentials: their own advice helps more than the source's.
const onTheWay = [
  'certificate',
  'clock-behind',
  'clock-skew',
  'malformed-setting',
  'proxy-refused',
  'tls',
  'unreadable-file',
] as const

/** What an error of a source of credentials is reported as, if not as `credentials-unavailable`. */
const reportedAs = new Map<ErrorClass, ErrorClass>([
  ...passing.map((own) => [own, 'credentials-unreachable'] as const),
  ...onTheWay.map((own) => [own, own] as const),
])

const ownRow: ReadonlySet<ErrorClass> = new Set(['cancelled', 'credentials-expired', 'time-over'])

/**
 * Makes a failure of whatever a source of credentials threw, with what it `said` before. Such a source asks services of its own:
 * their refusal isn't Lightsail's, and nothing has been sent to Lightsail yet.
 */
export function explainCredentials(
  thrown: unknown,
  request: RequestDescription,
  source: CredentialSource,
  said: string | undefined,
): ServiceFailure {
  const own = classify(thrown)
  const isNoneFound = own === 'credentials-missing' && textMember(thrown, 'message') === noneFound
  if (ownRow.has(own) || (isNoneFound && source.name === undefined && said === undefined)) {
    return explainAs(own, thrown, request)
  }
  const errorClass = reportedAs.get(own) ?? 'credentials-unavailable'
  const origin = source.name === undefined ? '' : ` from ${source.name}`
  const words = isNoneFound ? withoutSecrets(said ?? 'it gave none') : ownMessage(thrown)
  const message = `The AWS credentials of this job could not be fetched${origin}: ${words}`
  const advice = errorClass === 'credentials-unavailable' ? source.advice : adviceOn(errorClass, request)
  return new ServiceFailure(errorClass, message.replace(/(?<![:. ])[:. ]*$/, '.'), advice, thrown, [
    credentialsStep(request.region),
  ])
}

/** Returns the response, or the ServiceFailure instead of it. Throws anything else. */
export async function orServiceFailure<T>(response: Promise<T>): Promise<T | ServiceFailure> {
  try {
    return await response
  } catch (error) {
    if (error instanceof ServiceFailure) return error
    throw error
  }
}
