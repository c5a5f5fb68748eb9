import type { Agents } from '../basics/agents.js'
import type { Environment } from './run-context.js'

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const

/**
 * Returns agents that send each request through the proxy that the environment names for its host (HTTPS_PROXY, HTTP_PROXY,
 * NO_PROXY, in upper or lower case), or directly. Undefined if no proxy is named: then no proxy code is loaded.
 */
export async function proxyAgents(environment: Environment): Promise<Agents | undefined> {
  if (proxyVariables.every((name) => !environment[name])) return undefined
  return (await import('./proxy-agent.js')).proxyAgents()
}
