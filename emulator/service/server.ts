import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Behaviour, usualBehaviour } from './behaviour.js'
import { contentResponse } from './content-requests.js'
import { ServiceError } from './errors.js'
import { type Fault, FaultPlan, responseText, throttled } from './faults.js'
import { Listener } from './listener.js'
import { perform } from './operations.js'
import { Region } from './region.js'
import { headerText, readBody, readRequest, type SeenRequest } from './request.js'
import { checkSignatureTime } from './signature-time.js'

export type { SeenRequest } from './request.js'

const jsonType = 'application/x-amz-json-1.1'

/** A running emulator. */
export interface Emulator {
  /** Its address, such as `http://127.0.0.1:40001`. */
  readonly url: string
  /** The present behavior. Changes apply to requests from then on. */
  readonly behaviour: Behaviour
  readonly faults: FaultPlan
  readonly requests: SeenRequest[]
  /** Called with each request once it is in `requests`, before it is handled and before any fault. */
  beforeRequest: ((request: SeenRequest) => void) | undefined
  /** The account's resources in one Region, created on first use. */
  region(name: string): Region
  /** Closes every connection and stops listening. */
  close(): Promise<void>
}

export interface EmulatorOptions {
  readonly behaviour?: Partial<Behaviour>
  /** Default: 0, which lets the system choose one. */
  readonly port?: number
  /** Returns milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: () => number
  /** The only access key id to accept. Default: any. */
  readonly accessKeyId?: string
  /** Called for each request with its result: `succeeded`, the name of an error, or what was wrong with the response. */
  readonly onRequest?: (request: SeenRequest, result: string) => void
}

/** Starts an emulator on the loopback interface. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now
  const regions = new Map<string, Region>()
  const core: Core = {
    behaviour: { ...usualBehaviour, ...options.behaviour },
    faults: new FaultPlan(),
    requests: [],
    beforeRequest: undefined,
    regions,
    now,
    region(name: string): Region {
      const region = regions.get(name) ?? new Region(name, now)
      regions.set(name, region)
      return region
    },
    pause: () => listener.pause(pauseMs),
    onRequest: options.onRequest ?? (() => {}),
    accessKeyId: options.accessKeyId,
  }
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => respond(core, request, body, response),
      () => response.destroy(),
    )
  })
  const listener = await Listener.start(server, options.port ?? 0)
  // Returns the core itself, so that later changes to its members take effect.
  return Object.assign(core, { url: `http://127.0.0.1:${listener.port}`, close: () => listener.close() })
}

interface Core
  extends Pick<Emulator, 'behaviour' | 'faults' | 'requests' | 'beforeRequest' | 'region'>,
    Required<Pick<EmulatorOptions, 'onRequest' | 'now'>> {
  /** The Regions used so far. */
  readonly regions: ReadonlyMap<string, Region>
  readonly accessKeyId: string | undefined
  /** Refuses connections for a while. */
  pause(): void
}

/** How long (ms) connections are refused. */
const pauseMs = 700

function respond(core: Core, request: IncomingMessage, body: string, response: ServerResponse): void {
  const content = contentResponse(core, request, body)
  if (content === undefined) {
    respondToClient(core, request, body, response)
    return
  }
  setDate(response, core.now())
  send(response, content.status, 'text/plain; charset=utf-8', content.body)
}

/** Sets the emulator's time, which may differ from the machine's. */
function setDate(response: ServerResponse, now: number): void {
  response.setHeader('date', new Date(now).toUTCString())
}

function respondToClient(core: Core, request: IncomingMessage, body: string, response: ServerResponse): void {
  const result = attempt(() => {
    const seen = readRequest(request, body)
    core.requests.push(seen)
    core.beforeRequest?.(seen)
    const result = attempt(() => handle(core, core.now(), seen, headerText(request, 'x-amz-date')))
    core.onRequest(seen, resultText(result))
    if (result instanceof ServiceError) throw result
    return result
  })
  setDate(response, core.now())
  if (result instanceof ServiceError) sendError(response, result)
  else if (result.fault === undefined) send(response, 200, jsonType, JSON.stringify(result.content))
  else sendFault(core, response, result.fault, result.content)
}

function handle(
  core: Core,
  now: number,
  { operation, region: name, input, accessKeyId }: SeenRequest,
  signedAt: string,
): Result {
  if (![undefined, accessKeyId].includes(core.accessKeyId)) throw wrongCredentials
  if (core.behaviour.checksClock) checkSignatureTime(signedAt, now)
  const region = core.region(name)
  if (!region.rate.admits(core.behaviour.requestsPerSecond, now)) throw throttled
  const fault = core.faults.next(operation)
  const work = () => perform(operation, { region, now, behaviour: core.behaviour }, input)
  if (fault === undefined) return { content: work() }
  return { fault, content: fault.works ? orErrorBody(work) : {} }
}

const wrongCredentials = new ServiceError(
  400,
  'UnrecognizedClientException',
  'UnrecognizedClientException',
  'This is an emulator of Lightsail for a rehearsal. It accepts only its own credentials, because it takes no snapshots in AWS.',
)

function resultText(result: Result | ServiceError): string {
  if (result instanceof ServiceError) return result.exception
  return result.fault === undefined ? 'succeeded' : responseText(result.fault)
}

interface Result {
  readonly content: object
  readonly fault?: Fault
}

/** Returns what the work returns or, if it is refused, the body of the error. */
function orErrorBody(work: () => object): object {
  try {
    return work()
  } catch (error) {
    if (error instanceof ServiceError) return error.body()
    throw error
  }
}

function attempt(work: () => Result): Result | ServiceError {
  try {
    return work()
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

function sendFault(core: Core, response: ServerResponse, { response: broken }: Fault, content: object): void {
  switch (broken.type) {
    case 'error':
      sendError(response, broken.error)
      break
    case 'raw':
      send(response, 200, broken.contentType, broken.body)
      break
    case 'truncate':
      sendTruncated(response, JSON.stringify(content))
      break
    case 'drop':
      response.destroy()
      break
    case 'hang':
      break
    case 'stall':
      response.writeHead(200, { 'content-type': jsonType }).write('{')
      break
    case 'refuse':
      response.destroy()
      core.pause()
      break
  }
}

/** Sends less than the announced length: the connection ends in the middle of the body. */
function sendTruncated(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': jsonType, 'content-length': Buffer.byteLength(body) + 1 })
  response.write(body, () => response.destroy())
}

function sendError(response: ServerResponse, error: ServiceError): void {
  send(response, error.status, jsonType, JSON.stringify(error.body()))
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
  })
  response.end(body)
}
