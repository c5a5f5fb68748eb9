import type { Agent } from 'node:http'

/** What connects a request to its host, directly or through a proxy: for plain requests, and for those by TLS. */
export interface Agents {
  readonly httpAgent: Agent
  readonly httpsAgent: Agent
}
