import { rehearsalKey } from '../../src/actions/shared/rehearsal.js'
import { rehearsalVariable } from '../../src/github/run-context.js'

/** The environment of the steps of a rehearsal. */
export function rehearsalVariables(endpoint: string, region: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_LIGHTSAIL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: rehearsalKey,
    AWS_SECRET_ACCESS_KEY: rehearsalKey,
    // The next steps say that it is a rehearsal, and set no commit status.
    [rehearsalVariable]: 'true',
  }
}

/** What the first step saves for the last step of the same action. */
export const savedStates = { pid: 'pid', folder: 'folder' } as const

/** The file in a rehearsal's folder that has a line for each request. */
export const requestLog = 'requests.log'
