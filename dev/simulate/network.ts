import { PassThrough, Readable } from 'node:stream'
import type { Reply } from '../../emulator/service/service.js'
import type { RequestHandler } from '../../src/basics/agents.js'
import { arrive, type NetworkRequest } from './arrival.js'
import type { StepProcess } from './process.js'
import type { Troubles } from './troubles.js'
import type { World } from './world.js'

type Request = Parameters<RequestHandler['handle']>[0]
type Response = Awaited<ReturnType<RequestHandler['handle']>>['response']

/** Returns what carries a step's requests to the emulated service, and its responses back. */
export function networkOf(process: StepProcess, world: World, troubles: Troubles): RequestHandler {
  return {
    handle: (request, { abortSignal } = {}) =>
      new Promise((resolve, reject) => {
        const abort = () => reject(named('AbortError', 'Request aborted'))
        abortSignal?.addEventListener('abort', abort, { once: true })
        const sent = onNetwork(request, world.now())
        const trouble = troubles.next(process.identity.run, sent.operation)
        if (trouble.ends.includes('killed before')) {
          process.kill(`killed before ${sent.operation}`)
          return
        }
        // What was sent arrives, whatever becomes of its sender.
        world.clock.in(process.latency(), () => {
          const reply = arrive(sent, trouble, process, world)
          const respond = responder(reply, new Date(world.now()).toUTCString())
          process.events.in(process.latency(), () => respond(resolve, reject))
          if (trouble.ends.includes('cancelled')) process.cancel(`cancelled at ${sent.operation}`)
          if (trouble.ends.includes('killed after')) process.kill(`killed after ${sent.operation}`)
        })
      }),
  }
}

/** Returns a request as it is on the network. */
export function onNetwork({ method, path, headers, body }: Request, sentAt: number): NetworkRequest {
  const lowered = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const operation = lowered['x-amz-target']?.split('.')[1] ?? ''
  return { operation, sentAt, method, path, headers: lowered, body: textOf(body) }
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? decoder.decode(body) : String(body)
}

const decoder = new TextDecoder()

type Respond = (resolve: (sent: { response: Response }) => void, reject: (error: Error) => void) => void

const encoder = new TextEncoder()

/** Returns what lets the client have the response, or what a fault makes of it. */
export function responder(reply: Reply, date: string): Respond {
  if (!('response' in reply)) return broken[reply.type](date)
  const { status: statusCode, contentType, body } = reply.response
  const isCutOff = reply.type === 'truncate'
  const headers = { date, 'content-type': contentType, 'x-amzn-requestid': 'simulated' }
  return (resolve) =>
    resolve({ response: { statusCode, headers, body: isCutOff ? cutOff(body) : encoder.encode(body) } })
}

const broken: Readonly<Record<Exclude<Reply, { response: unknown }>['type'], (date: string) => Respond>> = {
  hang: () => () => {},
  drop: () => (_, reject) => reject(withCode('ECONNRESET', 'socket hang up')),
  refuse: () => (_, reject) => reject(withCode('ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:443')),
  stall: (date) => (resolve) =>
    resolve({ response: { statusCode: 200, headers: { date }, body: new PassThrough() } }),
}

/** A body whose connection ends before all of it has arrived. */
function cutOff(body: string): Readable {
  return new Readable({
    read() {
      this.push(body)
      this.destroy(withCode('ECONNRESET', 'aborted'))
    },
  })
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
