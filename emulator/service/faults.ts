import { ServiceError } from './errors.js'

/** What happens to a request that gets a fault. `works`: whether the operation is carried out anyway. */
export interface Fault {
  readonly works: boolean
  /** The header `x-amz-retry-after` of an error: milliseconds. */
  readonly retryAfter?: string | undefined
  readonly response:
    | { readonly type: 'error'; readonly error: ServiceError }
    | { readonly type: 'raw'; readonly contentType: string; readonly body: string }
    | { readonly type: 'truncate' }
    | { readonly type: 'drop' }
    | { readonly type: 'hang' }
    | { readonly type: 'stall' }
    | { readonly type: 'refuse' }
}

/** The error for too many requests. */
export const throttled = new ServiceError(400, 'ThrottlingException', 'ThrottlingException', 'Rate exceeded')

/** The fault of a request that is refused with this error. */
export function asFault(error: ServiceError): Fault {
  return { works: false, response: { type: 'error', error } }
}

function error(status: number, exception: string, message: string, works = false): Fault {
  return { ...asFault(new ServiceError(status, exception, exception, message)), works }
}

/** Every fault, by name. */
export const faults = {
  throttle: asFault(throttled),
  'too-many-requests': error(429, 'TooManyRequestsException', 'Too many requests'),
  'internal-error': error(500, 'ServiceException', 'An internal error occurred.'),
  'internal-error-after': error(500, 'ServiceException', 'An internal error occurred.', true),
  unavailable: error(503, 'ServiceUnavailableException', 'The service is unavailable.'),
  'access-denied': error(
    400,
    'AccessDeniedException',
    'User: arn:aws:sts::123456789012:assumed-role/deploy/session is not authorized to perform this action because no identity-based policy allows it',
  ),
  'expired-token': error(
    400,
    'ExpiredTokenException',
    'The security token included in the request is expired',
  ),
  'invalid-token': error(
    400,
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  ),
  unauthenticated: error(400, 'UnauthenticatedException', 'The user has not been authenticated.'),
  'clock-skew': error(
    400,
    'InvalidSignatureException',
    'Signature expired: 20260101T000000Z is now earlier than 20260101T120000Z (20260101T120500Z - 5 min.)',
  ),
  'account-setup': error(400, 'AccountSetupInProgressException', 'The account is still being set up.'),
  'region-setup': error(400, 'RegionSetupInProgressException', 'The Region is still being set up.'),
  'operation-failure': error(400, 'OperationFailureException', 'The operation failed to execute.'),
  'auto-snapshot': error(
    400,
    'InvalidInputException',
    'An automatic snapshot of this resource is in progress. Try again later.',
  ),
  'drop-before': { works: false, response: { type: 'drop' } },
  'drop-after': { works: true, response: { type: 'drop' } },
  hang: { works: false, response: { type: 'hang' } },
  'hang-after': { works: true, response: { type: 'hang' } },
  'unreadable-body': {
    works: true,
    response: { type: 'raw', contentType: 'application/x-amz-json-1.1', body: '{"operations": [{"id' },
  },
  'wrong-content-type': {
    works: false,
    response: {
      type: 'raw',
      contentType: 'text/html',
      body: '<html><body>Sign in to the network</body></html>',
    },
  },
  // The headers arrive, the body never ends.
  'stalled-body': { works: true, response: { type: 'stall' } },
  // The connection is dropped, and new ones are refused for a while, like a restarting service.
  'refuse-connections': { works: false, response: { type: 'refuse' } },
  'truncated-body': { works: true, response: { type: 'truncate' } },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

const brokenResponses = {
  raw: 'unreadable response',
  truncate: 'response cut off',
  drop: 'connection dropped',
  hang: 'no response',
  stall: 'response that never ends',
  refuse: 'connections refused for a while',
} as const

/** What a client gets, in a few words: the name of an error, or what is wrong with the response. */
export function responseText({ response }: Fault): string {
  return response.type === 'error' ? response.error.exception : brokenResponses[response.type]
}

/** Whether `name` is the name of a fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name)
}

/** Gives a fault to some requests of an operation, counted from 1 since the rule was added, or to all of them. */
export interface FaultRule {
  readonly operation: string
  readonly fault: FaultName | Fault
  readonly retryAfter?: Fault['retryAfter']
  readonly occurrences: readonly number[] | 'all'
}

/** The fault that a rule gives. */
export function faultOf({ fault, retryAfter }: FaultRule): Fault {
  return { ...(typeof fault === 'string' ? faults[fault] : fault), retryAfter }
}

/** The rules for faults, each with the number of requests it has counted. */
export class FaultPlan {
  private readonly rules: { rule: FaultRule; seen: number }[] = []

  add(rule: FaultRule): void {
    this.rules.push({ rule, seen: 0 })
  }

  clear(): void {
    this.rules.length = 0
  }

  /** Counts one request of `operation` and returns its fault; the rule added first wins. */
  next(operation: string): Fault | undefined {
    const entry = this.rules
      .filter(({ rule }) => rule.operation === operation || rule.operation === '*')
      .map((counted) => {
        counted.seen += 1
        return counted
      })
      .find(({ rule, seen }) => rule.occurrences === 'all' || rule.occurrences.includes(seen))
    return entry === undefined ? undefined : faultOf(entry.rule)
  }
}
