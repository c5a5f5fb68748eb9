import { rehearsalKey } from '../../src/actions/shared/rehearsal.js'
import { type Environment, rehearsalVariable } from '../../src/github/run-context.js'

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

/** The hosts of the emulator's address: a proxy would look for them on its own machine. */
const loopbackHosts = ['127.0.0.1', 'localhost'] as const

/** What clients reach without a proxy, in both spellings: what the job has, and this machine. */
export function proxyExceptions(environment: Environment): Readonly<Record<string, string>> {
  const [upper, lower] = [environment['NO_PROXY'] ?? '', environment['no_proxy'] ?? '']
  // Some clients read only one of the two, and some the other only if that one is missing.
  return { NO_PROXY: withLoopback(upper || lower), no_proxy: withLoopback(lower || upper) }
}

function withLoopback(list: string): string {
  const hosts = list.split(/[\s,]+/).filter(Boolean)
  // Alone it means every host; in a list, some clients don't know it.
  if (hosts.join() === '*') return list
  return [...new Set([...hosts, ...loopbackHosts])].join(',')
}

/** What the first step saves for the last step of the same action: the rehearsal's folder. */
export const savedFolder = 'folder'

/** The file in a rehearsal's folder that has a line for each request. The emulator runs until it is deleted. */
export const requestLog = 'requests.log'
