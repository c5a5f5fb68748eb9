import { Failure } from '../../basics/failure.js'
import type { Environment } from '../../github/run-context.js'

/** The access key id of a rehearsal. No real one looks like it. */
export const rehearsalKey = 'REHEARSAL'

/** Variables that indicate AWS credentials: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html. */
const credentialVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
] as const

/**
 * Throws a Failure if the environment has credentials other than a rehearsal's: a job that has them deploys, and its snapshots
 * must not come from an emulator.
 */
export function refuseRealCredentials(environment: Environment): void {
  const found = credentialVariables.find((name) => !['', rehearsalKey].includes(environment[name] ?? ''))
  if (found === undefined) return
  throw new Failure(
    `This job has AWS credentials (${found}), but a rehearsal takes no snapshots in AWS.`,
    'Use `if:` so that only one of the credentials step and emulator/ runs, or unset the variable.',
  )
}
