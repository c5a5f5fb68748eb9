import { Failure } from '../../basics/failure.js'
import type { Step } from '../../github/entry-point.js'
import type { Environment } from '../../github/run-context.js'

/** The access key id that a rehearsal gives the job: no real one looks like it. */
export const rehearsalKey = 'REHEARSAL'

/** What a job has whose credentials come from somewhere: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html. */
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
 * Throws a Failure where the environment has other credentials than a rehearsal's: a job that has them is one that deploys,
 * and its snapshots must not come from an emulator.
 */
export function refuseRealCredentials(environment: Environment): void {
  const found = credentialVariables.find((name) => !['', rehearsalKey].includes(environment[name] ?? ''))
  if (found === undefined) return
  throw new Failure(
    `This job has AWS credentials (${found}), and in a rehearsal no snapshot would be in AWS.`,
    "Let either the step with the credentials or emulator/ run, by an `if:` on both; or take the variable out of the job's, or the runner's, environment.",
  )
}

/** The same for a step behind a rehearsal's first; nothing in any other job. */
export function checkRehearsal({ run, environment }: Pick<Step, 'run' | 'environment'>): void {
  if (run.isRehearsal) refuseRealCredentials(environment)
}
