import { inspect } from 'node:util'
import { Failure } from '../basics/failure.js'
import { member, textMember } from '../basics/member.js'

/** What kind of thing went wrong; decides what a person reads and whether a request is sent again. */
export type ErrorClass =
  | 'throttled'
  | 'server'
  | 'unreachable'
  | 'network'
  | 'unreadable'
  | 'denied'
  | 'credentials-missing'
  | 'credentials-refused'
  | 'credentials-expired'
  | 'account-setup'
  | 'region-setup'
  | 'not-found'
  | 'name-taken'
  | 'automatic-snapshot'
  | 'invalid'
  | 'cancelled'
  | 'other'

/** A request as a person knows it. */
export interface RequestDescription {
  /** The service's name for it, which is the IAM action's name too. */
  readonly operation: string
  /** What it is about, such as `disk "shop-data"`. */
  readonly subject: string
  readonly region: string
}

/** A request that failed for good. */
export class ServiceFailure extends Failure {
  readonly errorClass: ErrorClass

  constructor(errorClass: ErrorClass, message: string, advice: string, cause: unknown) {
    super(message, advice, { cause })
    this.name = 'ServiceFailure'
    this.errorClass = errorClass
  }
}

/** The class of each error that is known by its name. */
export const classesByName: ReadonlyMap<string, ErrorClass> = new Map([
  ['ThrottlingException', 'throttled'],
  ['Throttling', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['ServiceException', 'server'],
  ['ServiceUnavailableException', 'server'],
  ['InternalFailure', 'server'],
  ['AccessDeniedException', 'denied'],
  ['AccessDenied', 'denied'],
  ['UnauthorizedOperation', 'denied'],
  ['CredentialsProviderError', 'credentials-missing'],
  ['TokenProviderError', 'credentials-missing'],
  ['UnauthenticatedException', 'credentials-refused'],
  ['UnrecognizedClientException', 'credentials-refused'],
  ['InvalidClientTokenId', 'credentials-refused'],
  ['InvalidSignatureException', 'credentials-refused'],
  ['MissingAuthenticationTokenException', 'credentials-refused'],
  ['IncompleteSignature', 'credentials-refused'],
  ['ExpiredTokenException', 'credentials-expired'],
  ['ExpiredToken', 'credentials-expired'],
  ['AccountSetupInProgressException', 'account-setup'],
  ['RegionSetupInProgressException', 'region-setup'],
  ['NotFoundException', 'not-found'],
  ['InvalidInputException', 'invalid'],
  ['AbortError', 'cancelled'],
  ['TimeoutError', 'network'],
  ['SyntaxError', 'unreadable'],
])

// The first five mean that no connection was made, so that nothing was sent; the others break one that was.
const classesByCode: ReadonlyMap<string, ErrorClass> = new Map([
  ['EAI_AGAIN', 'unreachable'],
  ['ECONNREFUSED', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['ECONNABORTED', 'network'],
  ['ECONNRESET', 'network'],
  ['EPIPE', 'network'],
  ['ETIMEDOUT', 'network'],
])

type Telling = (request: RequestDescription) => string

interface Explanation {
  readonly what: Telling
  readonly advice: Telling
}

const renew = 'Put aws-actions/configure-aws-credentials before this step'

/** The one place with what each class of error means to a person. The service's own words are added behind `what`. */
const explanations: Readonly<Record<ErrorClass, Explanation>> = {
  throttled: {
    what: ({ operation, region }) => `Lightsail in ${region} refused ${operation} for too many requests`,
    advice: () => 'Run the job again in a few minutes, or let fewer jobs use this account at the same time.',
  },
  server: {
    what: ({ operation, region }) => `Lightsail in ${region} failed at ${operation}`,
    advice: () => 'Run the job again in a few minutes; see https://health.aws.amazon.com for known problems.',
  },
  unreachable: {
    what: ({ operation, region }) => `Lightsail in ${region} could not be reached for ${operation}`,
    advice: () =>
      'Check that aws-region is a Region that Lightsail has, and that the runner reaches it (network, firewall, AWS_ENDPOINT_URL).',
  },
  network: {
    what: ({ operation, region }) => `The connection to Lightsail in ${region} broke during ${operation}`,
    advice: () => 'Run the job again; if it comes back, check the network of the runner.',
  },
  unreadable: {
    what: ({ operation, region }) =>
      `The answer to ${operation} from ${region} is not one that Lightsail gives`,
    advice: () =>
      'Check what stands between the runner and AWS (a proxy, AWS_ENDPOINT_URL), then run the job again.',
  },
  denied: {
    what: ({ operation, subject, region }) =>
      `Not allowed: lightsail:${operation} for ${subject} in ${region}`,
    advice: ({ operation }) =>
      `Add ${(iamActions.get(operation) ?? [operation]).map((action) => `lightsail:${action}`).join(' and ')} to the policy of the role that this job assumes; the README has the least policy.`,
  },
  'credentials-missing': {
    what: () => 'There are no complete AWS credentials in this job',
    advice: () =>
      `${renew}, with permissions: id-token: write, and check that no secret which the job names is empty.`,
  },
  'credentials-refused': {
    what: ({ region }) => `Lightsail in ${region} did not accept the AWS credentials of this job`,
    advice: () => `${renew}, and check the role that it assumes and the clock of a self-hosted runner.`,
  },
  'credentials-expired': {
    what: ({ operation }) => `The AWS credentials of this job had expired when ${operation} was sent`,
    advice: () =>
      `${renew} so that it renews them, with a longer role-duration-seconds where that is not enough.`,
  },
  'account-setup': {
    what: () => 'This AWS account is still being set up for Lightsail',
    advice: () =>
      'Open the Lightsail console once with this account, wait some minutes, and run the job again.',
  },
  'region-setup': {
    what: ({ region }) => `Lightsail is still setting up ${region} for this account`,
    advice: () => 'Wait some minutes and run the job again.',
  },
  'not-found': {
    what: ({ subject, region }) => `There is no ${subject} in ${region}`,
    advice: () =>
      'Check the spelling and aws-region, and that a disk is given as disk-name and an instance as instance-name.',
  },
  'name-taken': {
    what: ({ subject, region }) => `The name of ${subject} is already in use in ${region}`,
    advice: () =>
      'Nothing was made, and what has the name is untouched. Give snapshot-name what no other snapshot, disk or instance in the Region has: {{run_id}} and {{run_attempt}}, and {{job}} or a text of its own where several steps of one run take the same source.',
  },
  'automatic-snapshot': {
    what: ({ subject, region }) => `An automatic snapshot of ${subject} in ${region} is being made`,
    advice: () => 'Run the job again when it is done; it can take up to 45 minutes after its set hour.',
  },
  invalid: {
    what: ({ operation, subject, region }) => `Lightsail in ${region} refused ${operation} for ${subject}`,
    advice: () => "Correct what Lightsail's own words name, and run the job again.",
  },
  cancelled: {
    what: ({ operation, subject, region }) =>
      `This step was cancelled during ${operation} for ${subject} in ${region}`,
    advice: () => 'Nothing was deleted.',
  },
  other: {
    what: ({ operation, subject, region }) => `${operation} for ${subject} in ${region} failed`,
    advice: () => "Correct what Lightsail's own words name, or run the job again with debug logging.",
  },
}

// Which IAM actions a request needs where they are more than its own name.
const iamActions: ReadonlyMap<string, readonly string[]> = new Map([
  ['CreateDiskSnapshot', ['CreateDiskSnapshot', 'TagResource']],
])

// After these nobody knows whether a request that changes something was carried out.
const uncertain: ReadonlySet<ErrorClass> = new Set(['server', 'network', 'unreadable', 'cancelled'])

/** Whether nobody knows if a request that ended like this was carried out. */
export function isUncertain(errorClass: ErrorClass): boolean {
  return uncertain.has(errorClass)
}

/** What a person is told about whatever a request threw. */
export function explain(thrown: unknown, request: RequestDescription): ServiceFailure {
  const errorClass = classify(thrown)
  const { what, advice } = explanations[errorClass]
  const said = errorClass === 'credentials-missing' ? '' : `: ${ownWords(thrown)}`
  return new ServiceFailure(
    errorClass,
    `${what(request)}${said}.`.replace(/\.+$/, '.'),
    advice(request),
    thrown,
  )
}

/**
 * The class of whatever a request threw: by its name, then its system code, then the HTTP status. It is asked for its
 * members and not for its kind: what is thrown may be anything, also an error of another realm.
 */
export function classify(thrown: unknown): ErrorClass {
  const name = textMember(thrown, 'name')
  return (
    classOfWords(name, textMember(thrown, 'message')) ??
    classesByName.get(name) ??
    classesByCode.get(textMember(thrown, 'code')) ??
    classOfStatus(member(member(thrown, '$metadata'), 'httpStatusCode'))
  )
}

// The service has one name for these and for every other bad input: only its words tell them apart.
const classesByWords: readonly (readonly [RegExp, ErrorClass])[] = [
  [/already in use/i, 'name-taken'],
  [/automatic snapshot|auto ?snapshot/i, 'automatic-snapshot'],
]

function classOfWords(name: string, message: string): ErrorClass | undefined {
  if (name !== 'InvalidInputException' && name !== 'OperationFailureException') return undefined
  return classesByWords.find(([words]) => words.test(message))?.[1]
}

function classOfStatus(status: unknown): ErrorClass {
  if (typeof status !== 'number') return 'other'
  if (status === 429) return 'throttled'
  if (status === 401 || status === 403) return 'credentials-refused'
  if (status >= 500) return 'server'
  return status >= 200 && status < 300 ? 'unreadable' : 'other'
}

/** Its own words behind its name or system code, on one line: `ThrottlingException, Rate exceeded`. */
function ownWords(thrown: unknown): string {
  const [name, code, message] = ['name', 'code', 'message'].map((part) => textMember(thrown, part))
  if (!name && !message) return inspect(thrown)
  const words = sdkNoise.reduce((text, noise) => text.replace(noise, ''), message ?? '')
  const named = classesByCode.has(code ?? '') || name === 'Error' ? code : name
  return [named, words.replace(/\s+/g, ' ').trim()].filter(Boolean).join(', ')
}

// What the SDK adds to an error's words for programmers.
const sdkNoise = [/\s*Deserialization error: to see the raw response.*$/s, /^@smithy\/\S+ - \[ERROR\] /]
