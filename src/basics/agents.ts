import type { Agent } from 'node:http'

/** The agents that connect a request to its host, directly or through a proxy: for HTTP and for HTTPS. */
export interface Agents {
  readonly httpAgent: Agent
  readonly httpsAgent: Agent
}
