import type { Agents } from '../basics/agents.js'
import { Failure } from '../basics/failure.js'
import type { Environment } from './run-context.js'

/**
 * Returns agents that send each request through the proxy that the environment names for its host (HTTPS_PROXY, HTTP_PROXY,
 * NO_PROXY, in upper or lower case), or directly. Undefined if no proxy is named: then no proxy code is loaded. Throws a Failure
 * for a proxy whose address can't be read, because requests must not go around it.
 */
export async function proxyAgents(environment: Environment): Promise<Agents | undefined> {
  const proxies = {
    http: readProxy(['http_proxy', 'HTTP_PROXY'], environment),
    https: readProxy(['https_proxy', 'HTTPS_PROXY'], environment),
  }
  if (proxies.http === undefined && proxies.https === undefined) return undefined
  return (await import('./proxy-agent.js')).proxyAgents(proxies)
}

/** Reads the first of these variables that is set. Without a scheme it means `http://`, as it does for curl and the AWS CLI. */
function readProxy(names: readonly string[], environment: Environment): URL | undefined {
  const name = names.find((candidate) => environment[candidate]?.trim())
  if (name === undefined) return undefined
  const text = environment[name]?.trim() ?? ''
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (isHttpAddress(address)) return new URL(address)
  // The value may contain a password.
  throw new Failure(
    `${name} is not the address of an HTTP proxy.`,
    'Write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with each special character of the password encoded (% as %25, @ as %40). Nothing was sent to AWS.',
  )
}

function isHttpAddress(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text)
    decodeURIComponent(username + password)
    return protocol === 'http:' || protocol === 'https:'
  } catch {
    return false
  }
}
