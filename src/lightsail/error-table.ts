import type { Copyable } from '../basics/failure.js'
import { renew } from './credentials.js'
import { credentialsStep, iamActionsOf, missingStatement, spares, uniqueName } from './remedies.js'
import { snapshotTypes } from './snapshot-types.js'

/** A request as a person knows it. */
export interface RequestDescription {
  /** The service's name for it, which is the IAM action's name too. */
  readonly operation: string
  /** What it is about, such as `disk "shop-data"`. */
  readonly subject: string
  readonly region: string
}

type Text = (request: RequestDescription) => string

/** How a failed request is retried. All times are in milliseconds. */
export interface RetryRule {
  /** How long to retry at most, counted from the first failure; never longer than the step may take. */
  readonly longestMs: number
  /** Pause before the first retry; doubles each time. */
  readonly firstPauseMs: number
  /** Upper limit of a pause. */
  readonly longestPauseMs: number
}

/** Everything about a class of errors. */
interface ErrorRow {
  /** What happened. The error's own message follows it, unless that adds nothing. */
  readonly message: Text
  readonly addsNothing?: true
  readonly advice: string | Text
  readonly copyable?: (request: RequestDescription) => Copyable | undefined
  /** Undefined: the request fails at once, because a retry would give the same response. */
  readonly retry?: RetryRule
  /** Whether the request may have been carried out although it failed. */
  readonly isUncertain?: true
}

const always = Number.POSITIVE_INFINITY
const creations: readonly string[] = Object.values(snapshotTypes).map(({ creation }) => creation)
// The pauses of AWS's standard retry mode in its version of 2026, with two differences. Retries are limited by time and not in
// number; so that their pauses do grow, each is random between half and all of its length, not between zero and all.
const passing: RetryRule = { firstPauseMs: 50, longestPauseMs: 20_000, longestMs: always }
const throttled: RetryRule = { ...passing, firstPauseMs: 1000 }
/** For what is more often a wrong setting than something that passes. */
const doubtful: RetryRule = { ...passing, longestMs: 120_000 }

const nothingSent = 'Nothing was sent.'

const rows = {
  throttled: {
    message: ({ operation, region }) => `Lightsail in ${region} throttled ${operation} (too many requests)`,
    advice: 'Rerun the job in a few minutes, or let fewer jobs use this account at the same time.',
    retry: throttled,
  },
  server: {
    message: ({ operation, region }) => `Lightsail in ${region} returned a server error for ${operation}`,
    advice: 'Rerun the job in a few minutes. See https://health.aws.amazon.com for known problems.',
    retry: passing,
    isUncertain: true,
  },
  unreachable: {
    message: ({ operation, region }) => `Lightsail in ${region} could not be reached for ${operation}`,
    advice:
      'Check that Lightsail is available in the Region in aws-region, and that the runner can reach it (network, firewall, HTTPS_PROXY, NODE_EXTRA_CA_CERTS, AWS_ENDPOINT_URL).',
    retry: doubtful,
  },
  network: {
    message: ({ operation, region }) => `The connection to Lightsail in ${region} broke during ${operation}`,
    advice: "Rerun the job. If it happens again, check the runner's network.",
    retry: passing,
    isUncertain: true,
  },
  unreadable: {
    message: ({ operation, region }) =>
      `The response to ${operation} from ${region} did not come from Lightsail`,
    advice: 'Check what is between the runner and AWS (a proxy, AWS_ENDPOINT_URL), then rerun the job.',
    retry: doubtful,
    isUncertain: true,
  },
  'connection-fault': {
    message: ({ operation, region }) =>
      `${operation} to Lightsail in ${region} ended with an unknown network error`,
    advice: "Check the runner's network and its proxy variables, then rerun the job.",
    retry: doubtful,
    isUncertain: true,
  },
  certificate: {
    message: ({ operation, region }) =>
      `This runner doesn't trust the certificate of what responded in place of Lightsail in ${region} to ${operation}`,
    advice: `${nothingSent} If a proxy or firewall inspects TLS, put its certificate into the file in NODE_EXTRA_CA_CERTS; otherwise check AWS_ENDPOINT_URL and the runner's clock.`,
  },
  'clock-behind': {
    message: ({ operation, region }) =>
      `The clock of this runner is behind: the certificate of Lightsail in ${region} is not valid yet, so ${operation} could not be sent`,
    advice: `${nothingSent} Synchronize the runner's clock with a time server, then rerun the job.`,
  },
  tls: {
    message: ({ operation, region }) => `No TLS connection to Lightsail in ${region} for ${operation}`,
    advice: `${nothingSent} Check that HTTPS_PROXY begins with http:// unless the proxy itself speaks TLS, and that AWS_ENDPOINT_URL begins with https:// only if the endpoint does.`,
  },
  'malformed-setting': {
    message: ({ operation, region }) =>
      `A setting of this job is malformed, so ${operation} could not be sent to Lightsail in ${region}`,
    advice: `${nothingSent} Look for spaces, line ends and typos in AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_LIGHTSAIL, AWS_CONTAINER_CREDENTIALS_FULL_URI and the keys of the profile.`,
  },
  'unreadable-file': {
    message: ({ operation, region }) =>
      `A file could not be read on this runner, so ${operation} could not be sent to Lightsail in ${region}`,
    advice: `${nothingSent} Check that the file exists and that the user of the runner may read it. AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE name such files.`,
  },
  'clock-skew': {
    message: ({ operation, region }) =>
      `Lightsail in ${region} refused ${operation} because the clock of this runner is wrong`,
    advice: "Synchronize the runner's clock with a time server, then rerun the job.",
    // The response told the SDK the right time, so one more attempt is enough.
    retry: { ...passing, firstPauseMs: 500, longestMs: 2000 },
  },
  'proxy-refused': {
    message: ({ operation, region }) =>
      `The proxy between this runner and Lightsail in ${region} refused ${operation}`,
    advice:
      'Check HTTPS_PROXY and HTTP_PROXY, including the user and password if the proxy needs them. Hosts in NO_PROXY are reached directly.',
  },
  denied: {
    message: ({ operation, subject, region }) =>
      `Not allowed: lightsail:${operation} for ${subject} in ${region}`,
    advice: ({ operation }) =>
      `Add ${iamActionsOf(operation).join(' and ')} to the policy of the role that this job assumes; docs/usage.md has the minimum policies.`,
    copyable: ({ operation }) => missingStatement(iamActionsOf(operation)),
  },
  'credentials-missing': {
    message: () => 'There are no complete AWS credentials in this job',
    addsNothing: true,
    advice: `${renew}, with permissions: id-token: write, and check that none of the secrets that the job uses is empty. In a rehearsal, each job needs its own emulator/ step.`,
    copyable: ({ region }) => credentialsStep(region),
  },
  'credentials-unreachable': {
    message: () => 'The AWS credentials of this job could not be fetched',
    advice:
      "Check the runner's network (firewall, HTTPS_PROXY) and the source of the credentials, then rerun the job.",
    retry: doubtful,
  },
  'credentials-unavailable': {
    message: () => 'The AWS credentials of this job could not be fetched',
    advice: `${renew}.`,
    copyable: ({ region }) => credentialsStep(region),
  },
  'credentials-refused': {
    message: ({ region }) => `Lightsail in ${region} did not accept the AWS credentials of this job`,
    advice: `${renew}, and check the role that it assumes and the clock of a self-hosted runner.`,
    copyable: ({ region }) => credentialsStep(region),
  },
  'credentials-expired': {
    message: ({ operation }) => `The AWS credentials of this job had expired when ${operation} was sent`,
    advice: `${renew} to renew them, with a longer role-duration-seconds if that is not enough.`,
    copyable: ({ region }) => credentialsStep(region),
  },
  'account-setup': {
    message: () => 'This AWS account is still being set up for Lightsail',
    advice: 'Open the Lightsail console once with this account, wait a few minutes, and rerun the job.',
  },
  'region-setup': {
    message: ({ region }) => `Lightsail is still setting up ${region} for this account`,
    advice: 'Wait a few minutes, then rerun the job.',
  },
  'account-verification': {
    message: ({ operation, region }) =>
      `AWS is still verifying this account, so Lightsail in ${region} refused ${operation}`,
    advice:
      'That can take a day. Look for email from AWS to the owner of the account, or contact AWS Support, then rerun the job.',
  },
  'not-found': {
    message: ({ subject, region }) => `There is no ${subject} in ${region}`,
    advice: 'Check the spelling and aws-region. Give a disk as disk-name and an instance as instance-name.',
  },
  'name-taken': {
    message: ({ subject, region }) => `The name of ${subject} is already in use in ${region}`,
    advice:
      'Nothing was created, and the existing resource is untouched. Make snapshot-name unique in the Region: include {{run_id}} and {{run_attempt}}, plus {{job}} or fixed text if several steps of one run snapshot the same source.',
    copyable: ({ operation }) => (creations.includes(operation) ? uniqueName : undefined),
  },
  'automatic-snapshot': {
    message: ({ subject, region }) => `An automatic snapshot of ${subject} in ${region} is in progress`,
    advice: 'Rerun the job when it is complete; that can take up to 45 minutes after its scheduled hour.',
    retry: { firstPauseMs: 15_000, longestPauseMs: 60_000, longestMs: always },
  },
  'not-now': {
    message: ({ operation, subject, region }) =>
      `Lightsail in ${region} can't carry out ${operation} for ${subject} right now`,
    advice:
      'Wait until the operation in progress has finished (see the Lightsail console), then rerun the job.',
    retry: { firstPauseMs: 2000, longestPauseMs: 15_000, longestMs: always },
  },
  quota: {
    message: ({ operation, region }) =>
      `This account has reached a quota of Lightsail in ${region}, so ${operation} was refused`,
    advice: ({ operation }) =>
      `Delete ${spares.get(operation) ?? 'what you no longer need'}, or request a higher quota at https://console.aws.amazon.com/servicequotas/home/services/lightsail/quotas.`,
  },
  invalid: {
    message: ({ operation, subject, region }) => `Lightsail in ${region} refused ${operation} for ${subject}`,
    advice: "Fix what Lightsail's message reports, then rerun the job.",
  },
  'time-over': {
    message: ({ operation }) => `wait-timeout ran out before ${operation} could be sent`,
    addsNothing: true,
    advice: 'Increase wait-timeout.',
    // It passes with more time, and there is none.
    retry: { ...passing, longestMs: 0 },
  },
  cancelled: {
    message: ({ operation, subject, region }) =>
      `This step was cancelled during ${operation} for ${subject} in ${region}`,
    advice: 'Nothing was deleted.',
    isUncertain: true,
  },
  other: {
    message: ({ operation, subject, region }) => `${operation} for ${subject} in ${region} failed`,
    advice: "Fix what Lightsail's message reports, or rerun the job with debug logging.",
  },
} satisfies Record<string, ErrorRow>

/** The kind of an error. */
export type ErrorClass = keyof typeof rows

/** What a person is told about each class of errors, and whether the request is retried. */
export const errorTable: Readonly<Record<ErrorClass, ErrorRow>> = rows

/** What to do after such a failure. */
export function adviceOn(errorClass: ErrorClass, request: RequestDescription): string {
  const { advice } = errorTable[errorClass]
  return typeof advice === 'string' ? advice : advice(request)
}

/** Whether a request that failed like this may have been carried out. */
export function isUncertain(errorClass: ErrorClass): boolean {
  return errorTable[errorClass].isUncertain === true
}

/** Whether a request that failed like this may do better next time. */
export function mayPass(errorClass: ErrorClass): boolean {
  return errorTable[errorClass].retry !== undefined
}
