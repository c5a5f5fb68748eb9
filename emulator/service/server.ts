import { createServer, type ServerResponse } from 'node:http'
import { Listener } from './listener.js'
import { readBody } from './request.js'
import { type Reply, Service, type ServiceOptions, type WholeResponse } from './service.js'

export type { SeenRequest } from './request.js'

/** A running emulator: the service, and what lets it be reached. */
export interface Emulator extends Service {
  /** Its address, such as `http://127.0.0.1:40001`. */
  readonly url: string
  /** Closes every connection and stops listening. */
  close(): Promise<void>
}

export interface EmulatorOptions extends ServiceOptions {
  /** Default: 0, which lets the system choose one. */
  readonly port?: number
}

/** Starts an emulator on the loopback interface. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const service = new Service(options)
  // Returns the service itself, so that later changes to its members take effect.
  return Object.assign(service, await serve(service, options.port))
}

/** What answers requests. */
type Responder = Pick<Service, 'reply' | 'now' | 'newId'>

/** Lets a service be reached over HTTP on the loopback interface. */
export async function serve(service: Responder, port = 0): Promise<Pick<Emulator, 'url' | 'close'>> {
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => send(service, service.reply(request, body), response, listener),
      () => response.destroy(),
    )
  })
  const listener = await Listener.start(server, port)
  return { url: `http://127.0.0.1:${listener.port}`, close: () => listener.close() }
}

/** How long (ms) connections are refused. */
const pauseMs = 700

function send(service: Responder, reply: Reply, response: ServerResponse, listener: Listener): void {
  // The emulator's time, which may differ from the machine's.
  response.setHeader('date', new Date(service.now()).toUTCString())
  switch (reply.type) {
    case 'response':
      sendWhole(service, reply.response, response)
      break
    case 'truncate':
      sendTruncated(reply.response, response)
      break
    case 'drop':
      response.destroy()
      break
    case 'hang':
      break
    case 'stall':
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).write('{')
      break
    case 'refuse':
      response.destroy()
      listener.pause(pauseMs)
      break
  }
}

/** Sends less than the announced length: the connection ends in the middle of the body. */
function sendTruncated({ status, contentType, body }: WholeResponse, response: ServerResponse): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) + 1 })
  response.write(body, () => response.destroy())
}

function sendWhole(
  service: Responder,
  { status, contentType, body, retryAfter }: WholeResponse,
  response: ServerResponse,
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': service.newId(),
    ...(retryAfter === undefined ? {} : { 'x-amz-retry-after': retryAfter }),
  })
  response.end(body)
}
