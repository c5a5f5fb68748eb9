import { type ClientRequest, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { checkBypass } from '@actions/http-client/lib/proxy'
import { Agent, type AgentConnectOpts } from 'agent-base'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import type { Agents } from '../basics/agents.js'

const options = { keepAlive: true, maxSockets: 50 } as const

/** The proxies that the environment names for plain requests and for those with TLS. */
export interface Proxies {
  readonly http: URL | undefined
  readonly https: URL | undefined
}

/**
 * Chooses for each host whether to use a proxy, by the rules of GitHub's own actions: NO_PROXY names hosts including all
 * their subdomains, hosts with a port, or `*`; this machine itself is never reached through a proxy.
 */
class ChoosingAgent extends Agent {
  readonly #isSecure: boolean
  readonly #direct: HttpAgent
  readonly #proxied: HttpAgent

  constructor(isSecure: boolean, proxy: URL | undefined) {
    super(options)
    this.#isSecure = isSecure
    this.#direct = isSecure ? new HttpsAgent(options) : new HttpAgent(options)
    this.#proxied = proxy === undefined ? this.#direct : proxyAgent(proxy, isSecure)
  }

  override isSecureEndpoint(): boolean {
    return this.#isSecure
  }

  override connect(_: ClientRequest, { host, port }: AgentConnectOpts): HttpAgent {
    const isDirect = checkBypass(new URL(`${this.#isSecure ? 'https' : 'http'}://${host}:${port}`))
    return isDirect ? this.#direct : this.#proxied
  }

  override destroy(): void {
    this.#direct.destroy()
    this.#proxied.destroy()
    super.destroy()
  }
}

function proxyAgent(proxy: URL, isSecure: boolean): HttpAgent {
  if (isSecure) return new HttpsProxyAgent(proxy, options)
  // A connection for each request: on a reused one, the proxy would get a path in place of a URL, because the headers are
  // already written when this agent is chosen.
  return new HttpProxyAgent(proxy, { ...options, keepAlive: false })
}

/** Returns the agents for these proxies. */
export function proxyAgents({ http, https }: Proxies): Agents {
  return { httpAgent: new ChoosingAgent(false, http), httpsAgent: new ChoosingAgent(true, https) }
}
