import { member, textMember } from '../basics/member.js'

/** What kind of thing went wrong; decides what a person reads and whether a request is sent again. */
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

/** The class of each error that is known by its name. */
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
 * The class of each error of the system that is known by its code. All of these mean that no connection was made, so that
 * nothing was sent; any other code is that of a connection that broke.
 */
const classesByCode: ReadonlyMap<string, ErrorClass> = new Map([
  ['EAI_AGAIN', 'unreachable'],
  ['ECONNREFUSED', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['CERT_HAS_EXPIRED', 'unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable'],
  // A proxy or an endpoint that is no URL.
  ['ERR_INVALID_URL', 'unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unreachable'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unreachable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unreachable'],
])

/**
 * The class of whatever a request threw: by its words, its name, its system code, then the HTTP status. It is asked for its
 * members and not for its kind: what is thrown may be anything, also an error of another realm.
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

// The service has one name for these and for others: only its words tell them apart.
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

/** What went wrong on the way, by the system's or the HTTP parser's code; undefined where there is none. */
function classOfBrokenWay(thrown: unknown): ErrorClass | undefined {
  const code = textMember(thrown, 'code')
  if (code === '') return undefined
  // Several addresses were tried, and none was reached.
  const neverConnected = member(thrown, 'syscall') === 'connect' || Array.isArray(member(thrown, 'errors'))
  return classesByCode.get(code) ?? (neverConnected ? 'unreachable' : 'network')
}

/** `isNoJson`: the body couldn't be read, so that the answer is one of something between the runner and the service. */
function classOfStatus(status: unknown, isNoJson: boolean): ErrorClass {
  if (typeof status !== 'number') return isNoJson ? 'unreadable' : 'other'
  if (status >= 500) return 'server'
  if (isNoJson || (status >= 200 && status < 300)) return 'unreadable'
  if (status === 429) return 'throttled'
  return status === 401 || status === 403 ? 'credentials-refused' : 'other'
}
