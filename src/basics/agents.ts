import type { Agent } from 'node:http'

/** The agents that connect a request to its host, directly or through a proxy: for HTTP and for HTTPS. */
export interface Agents {
  readonly httpAgent: Agent
  readonly httpsAgent: Agent
}

/** Sends one HTTP request to Lightsail and returns the response. A type and not an interface: the SDK takes a record. */
export type RequestHandler = {
  readonly handle: (request: HttpRequest, options?: HandlerOptions) => Promise<{ response: HttpResponse }>
}

interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface HandlerOptions {
  readonly abortSignal?: AbortSignal
}

interface HttpResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}
