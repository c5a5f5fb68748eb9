import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Behaviour, usualBehaviour } from './behaviour.js'
import { ServiceError } from './errors.js'
import { answerText, type Fault, FaultPlan, throttled } from './faults.js'
import { Listener } from './listener.js'
import { perform } from './operations.js'
import { Region } from './region.js'
import type { Input } from './wire.js'

const jsonType = 'application/x-amz-json-1.1'
const targetPrefix = 'Lightsail_20161128.'

/** One request that reached the emulator, in the order of arrival. */
export interface SeenRequest {
  readonly operation: string
  readonly region: string
  readonly input: Input
  readonly userAgent: string
  readonly accessKeyId: string
}

/** A running emulator. */
export interface Emulator {
  /** Where it listens, such as `http://127.0.0.1:40001`. */
  readonly url: string
  /** The behaviour in force; what is changed here holds for requests from then on. */
  readonly behaviour: Behaviour
  readonly faults: FaultPlan
  readonly requests: SeenRequest[]
  /** The account's content in one Region, made when it is first asked for. */
  region(name: string): Region
  /** Closes every connection and stops listening. */
  close(): Promise<void>
}

export interface EmulatorOptions {
  readonly behaviour?: Partial<Behaviour>
  /** 0 (the default): a port that the system chooses. */
  readonly port?: number
  /** Milliseconds since the epoch; the default is the machine's clock. */
  readonly now?: () => number
  /** The one access key that is taken; without it, any is. */
  readonly accessKeyId?: string
  /** Called for each request with what became of it: `answered`, the code of an error, or how the answer was spoilt. */
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
    region(name: string): Region {
      const region = regions.get(name) ?? new Region(name)
      regions.set(name, region)
      return region
    },
    pause: () => listener.pause(pauseMs),
    onRequest: options.onRequest ?? (() => {}),
    accessKeyId: options.accessKeyId,
  }
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => answer(core, now(), request, body, response),
      () => response.destroy(),
    )
  })
  const listener = await Listener.start(server, options.port ?? 0)
  return { ...core, url: `http://127.0.0.1:${listener.port}`, close: () => listener.close() }
}

interface Core
  extends Pick<Emulator, 'behaviour' | 'faults' | 'requests' | 'region'>,
    Required<Pick<EmulatorOptions, 'onRequest'>> {
  readonly accessKeyId: string | undefined
  /** Refuses connections for a while. */
  pause(): void
}

/** For how long connections are refused, in milliseconds. */
const pauseMs = 700

function answer(
  core: Core,
  now: number,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const result = attempt(() => {
    const seen = readRequest(request, body)
    core.requests.push(seen)
    const result = attempt(() => treat(core, now, seen))
    core.onRequest(seen, resultText(result))
    if (result instanceof ServiceError) throw result
    return result
  })
  if (result instanceof ServiceError) sendError(response, result)
  else if (result.fault === undefined) send(response, 200, jsonType, JSON.stringify(result.content))
  else sendFault(core, response, result.fault, result.content)
}

function treat(
  core: Core,
  now: number,
  { operation, region: name, input, accessKeyId }: SeenRequest,
): Result {
  if (![undefined, accessKeyId].includes(core.accessKeyId)) throw foreignKey
  const region = core.region(name)
  if (!region.rate.admits(core.behaviour.requestsPerSecond, now)) throw throttled
  const fault = core.faults.next(operation)
  const work = () => perform(operation, { region, now, behaviour: core.behaviour }, input)
  if (fault === undefined) return { content: work() }
  return { fault, content: fault.works ? orRefusal(work) : {} }
}

const foreignKey = new ServiceError(
  400,
  'UnrecognizedClientException',
  'UnrecognizedClientException',
  'This is an emulator of Lightsail for a rehearsal, and the credentials are not its own: no snapshot would be taken in AWS.',
)

function resultText(result: Result | ServiceError): string {
  if (result instanceof ServiceError) return result.exception
  return result.fault === undefined ? 'answered' : answerText(result.fault)
}

interface Result {
  readonly content: object
  readonly fault?: Fault
}

/** The answer to work that meets a fault on its way back: a refusal meets it as well. */
function orRefusal(work: () => object): object {
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

function readRequest(request: IncomingMessage, body: string): SeenRequest {
  const target = headerText(request, 'x-amz-target')
  if (request.method !== 'POST' || !target.startsWith(targetPrefix)) {
    throw new ServiceError(
      400,
      'UnknownOperationException',
      'UnknownOperation',
      'Send POST / with X-Amz-Target.',
    )
  }
  // Credential=KEY/DATE/REGION/SERVICE/aws4_request. The signature itself isn't checked.
  const scope = /Credential=([^/]+)\/\d{8}\/([a-z0-9-]+)\/lightsail\/aws4_request/
  const [, accessKeyId, region] = scope.exec(headerText(request, 'authorization')) ?? []
  if (accessKeyId === undefined || region === undefined) {
    throw new ServiceError(
      400,
      'UnauthenticatedException',
      'Unauthenticated',
      'The request has no valid signature.',
    )
  }
  return {
    operation: target.slice(targetPrefix.length),
    region,
    input: parseInput(body),
    userAgent: headerText(request, 'user-agent'),
    accessKeyId,
  }
}

function parseInput(body: string): Input {
  const parsed = parseJson(body)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ServiceError(400, 'SerializationException', 'Serialization', 'The body is not a JSON object.')
  }
  return { ...parsed }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function headerText(request: IncomingMessage, name: string): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}

function sendFault(core: Core, response: ServerResponse, { answer }: Fault, content: object): void {
  switch (answer.type) {
    case 'error':
      sendError(response, answer.error)
      break
    case 'raw':
      send(response, 200, answer.contentType, answer.body)
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

/** The length that is promised is never reached: the connection ends in the middle of the body. */
function sendTruncated(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': jsonType, 'content-length': Buffer.byteLength(body) + 1 })
  response.write(body, () => response.destroy())
}

function sendError(response: ServerResponse, error: ServiceError): void {
  send(response, error.status, jsonType, JSON.stringify(error.body()))
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
