import { type ClientRequest, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getProxyUrl } from '@actions/http-client/lib/proxy'
import { Agent, type AgentConnectOpts } from 'agent-base'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import type { Agents } from '../basics/agents.js'

const options = { keepAlive: true, maxSockets: 50 } as const

/**
 * Chooses for each host whether to use a proxy, by the rules of GitHub's own actions: NO_PROXY names hosts including all
 * their subdomains, hosts with a port, or `*`; this machine itself is never reached through a proxy.
 */
class ChoosingAgent extends Agent {
  readonly #isSecure: boolean
  /** By the proxy's URL; empty for a direct connection. */
  readonly #agents = new Map<string, HttpAgent>()

  constructor(isSecure: boolean) {
    super(options)
    this.#isSecure = isSecure
  }

  override isSecureEndpoint(): boolean {
    return this.#isSecure
  }

  override connect(_: ClientRequest, { host, port }: AgentConnectOpts): HttpAgent {
    const proxy = getProxyUrl(new URL(`${this.#isSecure ? 'https' : 'http'}://${host}:${port}`))?.href ?? ''
    const agent = this.#agents.get(proxy) ?? newAgent(proxy, this.#isSecure)
    this.#agents.set(proxy, agent)
    return agent
  }

  override destroy(): void {
    for (const agent of this.#agents.values()) agent.destroy()
    super.destroy()
  }
}

function newAgent(proxy: string, isSecure: boolean): HttpAgent {
  if (isSecure) return proxy === '' ? new HttpsAgent(options) : new HttpsProxyAgent(proxy, options)
  return proxy === '' ? new HttpAgent(options) : new HttpProxyAgent(proxy, options)
}

/** Returns the agents for a process whose environment names a proxy. */
export function proxyAgents(): Agents {
  return { httpAgent: new ChoosingAgent(false), httpsAgent: new ChoosingAgent(true) }
}
