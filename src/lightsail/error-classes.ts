import { member, textMember } from '../basics/member.js'
import type { ErrorClass } from './error-table.js'

export type { ErrorClass }

/** The SDK's name for a response that names no error. */
export const unnamed = 'Unknown'

/** Words that mean a class of errors, such as codes. */
type ClassWords = readonly (readonly [ErrorClass, string])[]

// The errors' names: the exception, or the `code` in the body, which some versions of the SDK take for it.
const names: ClassWords = [
  [
    'throttled',
    `ThrottlingException Throttling TooManyRequestsException RequestLimitExceeded RequestThrottled
     RequestThrottledException ThrottledException`,
  ],
  ['server', 'ServiceException ServiceUnavailableException InternalFailure'],
  ['denied', 'AccessDeniedException AccessDenied UnauthorizedOperation'],
  ['credentials-missing', 'CredentialsProviderError TokenProviderError'],
  [
    'credentials-refused',
    `UnauthenticatedException UnrecognizedClientException InvalidClientTokenId
     InvalidSignatureException MissingAuthenticationTokenException IncompleteSignature`,
  ],
  ['credentials-expired', 'ExpiredTokenException ExpiredToken'],
  ['account-setup', 'AccountSetupInProgressException'],
  ['region-setup', 'RegionSetupInProgressException'],
  ['not-found', 'NotFoundException DoesNotExist'],
  ['name-taken', 'NameExists'],
  ['invalid', 'InvalidInputException InvalidParams'],
  ['other', 'UnsupportedOperation'],
  ['cancelled', 'AbortError'],
  ['network', 'TimeoutError RequestTimeout'],
  ['time-over', 'TimeIsOver'],
  ['clock-skew', 'RequestTimeTooSkewed RequestExpired RequestInTheFuture'],
]

// The codes of the system, of Node.js and of OpenSSL, by class. All but the last row mean that nothing was sent.
const codes: ClassWords = [
  [
    'unreachable',
    `EADDRNOTAVAIL EAI_AGAIN ECONNREFUSED EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENOTFOUND`,
  ],
  [
    'certificate',
    `CERT_CHAIN_TOO_LONG CERT_HAS_EXPIRED CERT_REJECTED CERT_REVOKED CERT_SIGNATURE_FAILURE
     CERT_UNTRUSTED DEPTH_ZERO_SELF_SIGNED_CERT ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH INVALID_CA
     INVALID_PURPOSE PATH_LENGTH_EXCEEDED SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_GET_ISSUER_CERT
     UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE`,
  ],
  ['clock-behind', 'CERT_NOT_YET_VALID'],
  [
    'tls',
    `EPROTO ERR_SSL_HTTP_REQUEST ERR_SSL_NO_PROTOCOLS_AVAILABLE ERR_SSL_PACKET_LENGTH_TOO_LONG
     ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR
     ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION ERR_SSL_TLSV1_UNRECOGNIZED_NAME ERR_SSL_UNSUPPORTED_PROTOCOL
     ERR_SSL_WRONG_VERSION_NUMBER`,
  ],
  [
    'malformed-setting',
    `ERR_HTTP_INVALID_HEADER_VALUE ERR_INVALID_ARG_TYPE ERR_INVALID_ARG_VALUE ERR_INVALID_CHAR
     ERR_INVALID_HTTP_TOKEN ERR_INVALID_PROTOCOL ERR_INVALID_URL ERR_SOCKET_BAD_PORT
     ERR_UNESCAPED_CHARACTERS`,
  ],
  ['unreadable-file', 'EACCES EISDIR ELOOP EMFILE ENFILE ENOENT ENOTDIR EPERM'],
  ['network', 'ECONNABORTED ECONNRESET EPIPE ERR_STREAM_DESTROYED ERR_STREAM_PREMATURE_CLOSE ETIMEDOUT'],
]

/** Classes by the error's name. */
export const classesByName = byWord(names)

/** Classes by the code of an error that has no response. */
export const classesByCode = byWord(codes)

function byWord(classes: ClassWords): ReadonlyMap<string, ErrorClass> {
  return new Map(
    classes.flatMap(([errorClass, words]) => words.split(/\s+/).map((word) => [word, errorClass] as const)),
  )
}

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
    (textMember(thrown, 'code') === 'NameExists' ? 'name-taken' : undefined) ??
    classesByName.get(name) ??
    (status === undefined ? classOfCode(thrown) : classesByName.get(textMember(thrown, 'code'))) ??
    classOfStatus(status, isForeign(thrown, name))
  )
}

interface WordRule {
  readonly errorClass: ErrorClass
  /** Default: the refusals. */
  readonly names?: readonly string[]
  /** All of these are in the message. */
  readonly words: readonly RegExp[]
}

// Lightsail refuses with either exception, whatever the reason. The other two are their codes.
const refusals = [
  'InvalidInputException',
  'OperationFailureException',
  'InvalidParams',
  'UnsupportedOperation',
]

// One name stands for these and for other errors: only the message tells them apart. Each rule is as narrow as the known
// messages, which are in its test. What Lightsail says during an automatic snapshot isn't known.
const wordRules: readonly WordRule[] = [
  { errorClass: 'name-taken', words: [/\bsome names are already in use\b/i] },
  {
    errorClass: 'automatic-snapshot',
    words: [/\bauto(?:matic)? snapshot\b/i, /\bin progress\b|\bbeing (?:created|made|taken)\b/i],
  },
  {
    errorClass: 'quota',
    words: [/\byou['’]ve reached the (?:limit|maximum number|maximum size limit) of\b/i, /\baccount\b/i],
  },
  { errorClass: 'account-verification', words: [/\baccount is pending verification\b/i] },
  { errorClass: 'not-now', words: [/\byou can['’]t [\w ]{1,80} right now\b/i] },
  { errorClass: 'not-now', words: [/\bis in progress\b/i, /\bplease wait\b/i] },
  { errorClass: 'unreachable', names: ['TimeoutError'], words: [/did not establish a connection/i] },
  {
    errorClass: 'clock-skew',
    names: ['InvalidSignatureException'],
    words: [/signature (?:expired|not yet current)/i],
  },
]

// A resource can have a name that reads like a reason. Names have no spaces, so only these could be taken for a phrase.
const resourceNames = /"[^"]*"|\b\w+(?:-\w+)+/g

function classOfWords(name: string, message: string): ErrorClass | undefined {
  const text = message.replace(resourceNames, ' ')
  return wordRules.find(
    ({ names = refusals, words }) => names.includes(name) && words.every((word) => word.test(text)),
  )?.errorClass
}

/** The class of an error without a response, by the code of the system or the HTTP parser; undefined if there is no code. */
function classOfCode(thrown: unknown): ErrorClass | undefined {
  const code = textMember(thrown, 'code')
  if (code === '') return undefined
  // Several addresses were tried, none was reached.
  const neverConnected = member(thrown, 'syscall') === 'connect' || Array.isArray(member(thrown, 'errors'))
  if (neverConnected) return 'unreachable'
  // The response isn't HTTP, or its compression is broken.
  if (/^(?:HPE|Z)_/.test(code)) return 'unreadable'
  return classesByCode.get(code) ?? 'connection-fault'
}

/**
 * Whether something between the runner and the service has responded: the body isn't JSON, or it names no error and has no request
 * id, which AWS gives to every response.
 */
function isForeign(thrown: unknown, name: string): boolean {
  const hasRequestId = textMember(member(thrown, '$metadata'), 'requestId') !== ''
  return name === 'SyntaxError' || (name === unnamed && !hasRequestId)
}

/** The class of an error by its HTTP status. */
function classOfStatus(status: unknown, isFromElsewhere: boolean): ErrorClass {
  if (typeof status !== 'number') return isFromElsewhere ? 'unreadable' : 'other'
  if (status >= 500) return 'server'
  if (status === 429) return 'throttled'
  if (isFromElsewhere || (status >= 200 && status < 300)) return 'unreadable'
  return status === 401 || status === 403 ? 'credentials-refused' : 'other'
}
