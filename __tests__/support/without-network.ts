import { onNetwork, responder } from '../../dev/simulate/network.js'
import type { Service } from '../../emulator/service/service.js'
import type { RequestHandler } from '../../src/basics/agents.js'
import { whenAborted } from '../../src/basics/signals.js'

/** Returns what carries a step's requests to the service and its replies back, at once and without a socket. */
export function withoutNetwork(service: Service): RequestHandler {
  return {
    handle: (request, { abortSignal } = {}) =>
      new Promise((resolve, reject) => {
        if (abortSignal !== undefined) whenAborted(abortSignal, () => reject(abortError()))
        const { body, path: url, ...sent } = onNetwork(request, service.now())
        const reply = service.reply({ ...sent, url }, body)
        const respond = responder(reply, new Date(service.now()).toUTCString())
        // Other work is done between a request and its response, as with a network.
        setImmediate(() => respond(resolve, reject))
      }),
  }
}

/** What the SDK throws for a request that was aborted. */
export function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}
