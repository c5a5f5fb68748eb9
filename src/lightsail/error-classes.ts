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
  ['RequestTimeTooSkewed', 'clock-skew'],
  ['RequestExpired', 'clock-skew'],
  ['RequestInTheFuture', 'clock-skew'],
])

/**
 * The class of each error of the system that is known by its code. The first five mean that no connection was made, so that
 * nothing was sent; the others break one that was.
 */
export const classesByCode: ReadonlyMap<string, ErrorClass> = new Map([
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
    classesByCode.get(textMember(thrown, 'code')) ??
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
    names: ['InvalidSignatureException'],
    words: /signature (?:expired|not yet current)/i,
    errorClass: 'clock-skew',
  },
]

function classOfWords(name: string, message: string): ErrorClass | undefined {
  return classesByWords.find(({ names, words }) => names.includes(name) && words.test(message))?.errorClass
}

/** `isNoJson`: the body couldn't be read, so that the answer is one of something between the runner and the service. */
function classOfStatus(status: unknown, isNoJson: boolean): ErrorClass {
  if (typeof status !== 'number') return isNoJson ? 'unreadable' : 'other'
  if (status >= 500) return 'server'
  if (isNoJson || (status >= 200 && status < 300)) return 'unreadable'
  if (status === 429) return 'throttled'
  return status === 401 || status === 403 ? 'credentials-refused' : 'other'
}
