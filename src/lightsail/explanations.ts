import type { Copyable } from '../basics/failure.js'
import type { ErrorClass } from './error-classes.js'
import { credentialsStep, freeName, missingStatement } from './remedies.js'

/** A request as a person knows it. */
export interface RequestDescription {
  /** The service's name for it, which is the IAM action's name too. */
  readonly operation: string
  /** What it is about, such as `disk "shop-data"`. */
  readonly subject: string
  readonly region: string
}

type Telling = (request: RequestDescription) => string

interface Explanation {
  readonly what: Telling
  readonly advice: Telling
  /** What is to be copied for it. */
  readonly copyable?: (request: RequestDescription) => Copyable | undefined
}

/** The way to new credentials. */
export const renew = 'Put aws-actions/configure-aws-credentials before this step'

/** The one place with what each class of error means to a person. The service's own words are added behind `what`. */
export const explanations: Readonly<Record<ErrorClass, Explanation>> = {
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
      'Check that aws-region is a Region that Lightsail has, and that the runner reaches it (network, firewall, HTTPS_PROXY, NODE_EXTRA_CA_CERTS, AWS_ENDPOINT_URL).',
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
  'clock-skew': {
    what: ({ operation, region }) =>
      `Lightsail in ${region} refused ${operation} because the clock of this runner is wrong`,
    advice: () => 'Set the clock of the runner by a time service, and run the job again.',
  },
  'proxy-refused': {
    what: ({ operation, region }) =>
      `The proxy between this runner and Lightsail in ${region} refused ${operation}`,
    advice: () =>
      'Check HTTPS_PROXY and HTTP_PROXY, with a user and a password where the proxy wants them; NO_PROXY names what goes without it.',
  },
  denied: {
    what: ({ operation, subject, region }) =>
      `Not allowed: lightsail:${operation} for ${subject} in ${region}`,
    advice: ({ operation }) =>
      `Add ${iamActionsOf(operation).join(' and ')} to the policy of the role that this job assumes; the README has the least policy.`,
    copyable: ({ operation }) => missingStatement(iamActionsOf(operation)),
  },
  'credentials-missing': {
    what: () => 'There are no complete AWS credentials in this job',
    advice: () =>
      `${renew}, with permissions: id-token: write, and check that no secret which the job names is empty.`,
    copyable: ({ region }) => credentialsStep(region),
  },
  'credentials-unreachable': {
    what: () => 'The AWS credentials of this job could not be fetched',
    advice: () =>
      'Check the network of the runner (firewall, HTTPS_PROXY) and where the credentials come from, then run the job again.',
  },
  'credentials-refused': {
    what: ({ region }) => `Lightsail in ${region} did not accept the AWS credentials of this job`,
    advice: () => `${renew}, and check the role that it assumes and the clock of a self-hosted runner.`,
    copyable: ({ region }) => credentialsStep(region),
  },
  'credentials-expired': {
    what: ({ operation }) => `The AWS credentials of this job had expired when ${operation} was sent`,
    advice: () =>
      `${renew} so that it renews them, with a longer role-duration-seconds where that is not enough.`,
    copyable: ({ region }) => credentialsStep(region),
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
    copyable: ({ operation }) => (operation === 'CreateDiskSnapshot' ? freeName : undefined),
  },
  'automatic-snapshot': {
    what: ({ subject, region }) => `An automatic snapshot of ${subject} in ${region} is being made`,
    advice: () => 'Run the job again when it is done; it can take up to 45 minutes after its set hour.',
  },
  invalid: {
    what: ({ operation, subject, region }) => `Lightsail in ${region} refused ${operation} for ${subject}`,
    advice: () => "Correct what Lightsail's own words name, and run the job again.",
  },
  'time-over': {
    what: ({ operation }) => `The time that this step may wait was over before ${operation} was sent`,
    advice: () => 'Raise wait-timeout.',
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
  ['CreateDiskFromSnapshot', ['CreateDiskFromSnapshot', 'TagResource']],
])

function iamActionsOf(operation: string): string[] {
  return (iamActions.get(operation) ?? [operation]).map((action) => `lightsail:${action}`)
}
