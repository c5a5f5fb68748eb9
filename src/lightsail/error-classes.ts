import { member, textMember } from '../basics/member.js'

/** The kind of an error, see `errorTable` for what a person reads and whether the request is retried. */
export type ErrorClass =
  | 'throttled'
  | 'server'
  | 'unreachable'
  | 'network'
  | 'unreadable'
  | 'clock-skew'
  | 'proxy-refused'
  | 'denied'
  | 'credentials-missing'
  | 'credentials-unreachable'
  | 'credentials-refused'
  | 'credentials-expired'
  | 'account-setup'
  | 'region-setup'
  | 'not-found'
  | 'name-taken'
  | 'automatic-snapshot'
  | 'invalid'
  | 'time-over'
  | 'cancelled'
  | 'other'

/** Classes by the error's name. */
export const classesByName: ReadonlyMap<string, ErrorClass> = new Map([
  ['ThrottlingException', 'throttled'],
  ['Throttling', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['RequestThrottled', 'throttled'],
  ['RequestThrottledException', 'throttled'],
  ['ThrottledException', 'throttled'],
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
  ['RequestTimeout', 'network'],
  ['TimeIsOver', 'time-over'],
  ['RequestTimeTooSkewed', 'clock-skew'],
  ['RequestExpired', 'clock-skew'],
  ['RequestInTheFuture', 'clock-skew'],
])

/**
 * Classes by the system's error code. All of these mean that no connection was made, so nothing was sent; any other code
 * means that a connection broke.
 */
const classesByCode: ReadonlyMap<string, ErrorClass> = new Map([
  ['EAI_AGAIN', 'unreachable'],
  ['ECONNREFUSED', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['CERT_HAS_EXPIRED', 'unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable'],
  // A proxy or an endpoint that isn't a URL.
  ['ERR_INVALID_URL', 'unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unreachable'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unreachable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unreachable'],
])

/**
 * Returns the class of whatever a request threw: by its message, its name, its system code, then the HTTP status. Duck-typed:
 * anything may be thrown, including an error from another realm.
 */
export function classify(thrown: unknown): ErrorClass {
  const name = textMember(thrown, 'name')
  const status = member(member(thrown, '$metadata'), 'httpStatusCode')
  if (status === 407) return 'proxy-refused'
  return (
    classOfWords(name, textMember(thrown, 'message')) ??
    classesByName.get(name) ??
    (status === undefined ? classOfBrokenWay(thrown) : undefined) ??
    classOfStatus(status, name === 'SyntaxError')
  )
}

// The service uses one name for these and for other errors: only the message tells them apart.
const classesByWords: readonly {
  readonly names: readonly string[]
  readonly words: RegExp
  readonly errorClass: ErrorClass
}[] = [
  {
    names: ['InvalidInputException', 'OperationFailureException'],
    words: /already in use/i,
    errorClass: 'name-taken',
  },
  {
    names: ['InvalidInputException', 'OperationFailureException'],
    words: /automatic snapshot|auto ?snapshot/i,
    errorClass: 'automatic-snapshot',
  },
  {
    names: ['TimeoutError'],
    words: /did not establish a connection/i,
    errorClass: 'unreachable',
  },
  {
    names: ['InvalidSignatureException'],
    words: /signature (?:expired|not yet current)/i,
    errorClass: 'clock-skew',
  },
]

function classOfWords(name: string, message: string): ErrorClass | undefined {
  return classesByWords.find(({ names, words }) => names.includes(name) && words.test(message))?.errorClass
}

/** The class of a connection error, by the code of the system or the HTTP parser; undefined if there is no code. */
function classOfBrokenWay(thrown: unknown): ErrorClass | undefined {
  const code = textMember(thrown, 'code')
  if (code === '') return undefined
  // Several addresses were tried, none was reached.
  const neverConnected = member(thrown, 'syscall') === 'connect' || Array.isArray(member(thrown, 'errors'))
  return classesByCode.get(code) ?? (neverConnected ? 'unreachable' : 'network')
}

/** `isNoJson`: the body isn't JSON, so the response is from something between the runner and the service. */
function classOfStatus(status: unknown, isNoJson: boolean): ErrorClass {
  if (typeof status !== 'number') return isNoJson ? 'unreadable' : 'other'
  if (status >= 500) return 'server'
  if (isNoJson || (status >= 200 && status < 300)) return 'unreadable'
  if (status === 429) return 'throttled'
  return status === 401 || status === 403 ? 'credentials-refused' : 'other'
}
