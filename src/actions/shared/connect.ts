import type { Step } from '../../github/entry-point.js'
import type { Environment } from '../../github/run-context.js'
import { type Lightsail, openLightsail } from '../../lightsail/client.js'
import { credentialSource } from '../../lightsail/credentials.js'
import { refuseRealCredentials, rehearsalKey } from './rehearsal.js'

type Job = Pick<
  Step,
  'run' | 'environment' | 'log' | 'clock' | 'random' | 'agents' | 'requestHandler' | 'caution'
>

/**
 * Opens Lightsail for a step, with the credentials of its job. Says so if a profile is ignored or if requests don't go to AWS.
 * Throws a Failure if the job's environment is malformed or contradicts itself. Sends nothing yet.
 */
export function connect(region: string, job: Job): Lightsail {
  const { run, environment, log, clock, random, agents, requestHandler, caution } = job
  if (run.isRehearsal) refuseRealCredentials(environment)
  const source = credentialSource(environment)
  const profile = environment['AWS_PROFILE']
  if (source.keys !== undefined && profile) {
    log.notice(`Using ${source.name}, not profile "${profile}" (AWS_PROFILE), as the AWS CLI does.`)
  }
  const onAddress = (address: URL) => {
    const hasToken = source.keys === undefined || source.keys.sessionToken !== undefined
    if (!run.isRehearsal && !isInAws(address)) caution(elsewhere(address, hasToken, environment))
  }
  return openLightsail(region, clock, { agents, requestHandler, random, source, onAddress })
}

/** Whether an address belongs to AWS: its public, dual-stack, private (VPC) and sovereign endpoints. */
function isInAws({ hostname }: URL): boolean {
  return /\.(?:amazonaws\.(?:com|eu|com\.cn)|api\.aws)$/.test(hostname)
}

const endpointVariables = ['AWS_ENDPOINT_URL_LIGHTSAIL', 'AWS_ENDPOINT_URL'] as const

/** Warns that requests go to something that isn't AWS, and how they travel there. */
export function elsewhere(
  { origin, protocol, hostname }: URL,
  hasToken: boolean,
  environment: Environment,
): string {
  const variable = endpointVariables.find((name) => environment[name]) ?? 'endpoint_url of the profile'
  const isOpen = protocol === 'http:' && !/^(?:localhost|127\..*|\[::1\])$/.test(hostname)
  return [
    `This step talks to ${origin} (${variable}), not to AWS: it does nothing in AWS, unless that server passes its requests on.`,
    environment['AWS_ACCESS_KEY_ID'] === rehearsalKey ? 'The access key is that of a rehearsal.' : '',
    isOpen
      ? `The requests travel unencrypted${hasToken ? ', the session token included' : ''}: anyone on the way can read them.`
      : '',
    'If you do not intend that, unset the variable.',
  ]
    .filter(Boolean)
    .join(' ')
}
