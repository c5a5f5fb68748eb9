import { rehearsalKey } from '../../src/actions/shared/rehearsal.js'
import { rehearsalVariable } from '../../src/github/run-context.js'

/** What the steps behind a rehearsal's first have in their environment. */
export function rehearsalVariables(endpoint: string, region: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_LIGHTSAIL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: rehearsalKey,
    AWS_SECRET_ACCESS_KEY: rehearsalKey,
    // The steps behind say so, and set no commit status.
    [rehearsalVariable]: 'true',
  }
}

/** What the first step leaves for the last one of the same action. */
export const savedStates = { pid: 'pid', folder: 'folder' } as const

/** In the folder of a rehearsal, the file with a line for each request. */
export const requestLog = 'requests.log'
