import { randomUUID } from 'node:crypto'
import { type Behaviour, usualBehaviour } from './behaviour.js'
import { contentResponse } from './content-requests.js'
import { ServiceError } from './errors.js'
import { asFault, type Fault, FaultPlan, responseText, throttled } from './faults.js'
import { perform } from './operations.js'
import { Region } from './region.js'
import { headerText, type IncomingRequest, readRequest, type SeenRequest } from './request.js'
import { checkSignatureTime } from './signature-time.js'

/** What a client gets: a response, or something else that a fault makes of it. */
export type Reply =
  | { readonly type: 'response' | 'truncate'; readonly response: WholeResponse }
  | { readonly type: 'drop' | 'hang' | 'stall' | 'refuse' }

/** A response of the service, without its headers for date, length and id. */
export interface WholeResponse {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** The header `x-amz-retry-after`. */
  readonly retryAfter?: string | undefined
}

export interface ServiceOptions {
  readonly behaviour?: Partial<Behaviour>
  /** Returns milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: () => number
  /** Returns a unique id. */
  readonly newId?: () => string
  /** The only access key id to accept. Default: any. */
  readonly accessKeyId?: string
  /** Called for each request with its result: `succeeded`, the name of an error, or what was wrong with the response. */
  readonly onRequest?: (request: SeenRequest, result: string) => void
}

/** The emulated service, whatever carries its requests and responses. */
export class Service {
  /** The present behavior. Changes apply to requests from then on. */
  readonly behaviour: Behaviour
  readonly faults = new FaultPlan()
  readonly requests: SeenRequest[] = []
  /** Called with each request once it is in `requests`, before it is handled and before any fault. */
  beforeRequest: ((request: SeenRequest) => void) | undefined
  /** The Regions used so far. */
  readonly regions = new Map<string, Region>()
  /** Returns milliseconds since the epoch. */
  readonly now: () => number
  readonly newId: () => string
  readonly #options: ServiceOptions

  constructor(options: ServiceOptions = {}) {
    this.behaviour = { ...usualBehaviour, ...options.behaviour }
    this.now = options.now ?? Date.now
    this.newId = options.newId ?? randomUUID
    this.#options = options
  }

  /** The account's resources in one Region, created on first use. */
  region(name: string): Region {
    const region = this.regions.get(name) ?? new Region(name, this.now, this.newId)
    this.regions.set(name, region)
    return region
  }

  /** Carries out a request and returns what its client gets. */
  reply(request: IncomingRequest, body: string): Reply {
    const content = contentResponse(this, request, body)
    if (content !== undefined) {
      return whole({ status: content.status, contentType: 'text/plain; charset=utf-8', body: content.body })
    }
    const result = orServiceError(() => this.#replyToClient(request, body))
    return this.#replyOf(result instanceof ServiceError ? { fault: asFault(result), content: {} } : result)
  }

  #replyToClient(request: IncomingRequest, body: string): Result {
    const seen = readRequest(request, body)
    this.requests.push(seen)
    this.beforeRequest?.(seen)
    const result = orServiceError(() => this.#handle(seen, headerText(request, 'x-amz-date')))
    this.#options.onRequest?.(seen, resultText(result))
    if (result instanceof ServiceError) throw result
    return result
  }

  #handle({ operation, region: name, input, accessKeyId }: SeenRequest, signedAt: string): Result {
    const now = this.now()
    if (![undefined, accessKeyId].includes(this.#options.accessKeyId)) throw wrongCredentials
    if (this.behaviour.checksClock) checkSignatureTime(signedAt, now)
    const region = this.region(name)
    if (!region.rate.admits(this.behaviour.requestsPerSecond, now)) throw throttled
    const fault = this.faults.next(operation)
    const work = () => perform(operation, { region, now, behaviour: this.behaviour }, input)
    if (fault === undefined) return { content: work() }
    return { fault, content: fault.works ? this.#orErrorBody(work) : {} }
  }

  /** Returns what the work returns or, if it is refused, the body of the error. */
  #orErrorBody(work: () => object): object {
    const result = orServiceError(work)
    return result instanceof ServiceError ? this.#bodyOf(result) : result
  }

  #replyOf({ content, fault }: Result): Reply {
    const response = { status: 200, contentType: jsonType, body: JSON.stringify(content) }
    if (fault === undefined) return whole(response)
    const { response: broken, retryAfter } = fault
    if (broken.type === 'raw') return whole({ status: 200, ...broken })
    if (broken.type === 'truncate') return { type: 'truncate', response }
    if (broken.type !== 'error') return { type: broken.type }
    const body = JSON.stringify(this.#bodyOf(broken.error))
    return whole({ status: broken.error.status, contentType: jsonType, body, retryAfter })
  }

  #bodyOf(error: ServiceError): object {
    return error.body(this.behaviour.namesErrorsByCode ? 'code' : 'exception')
  }
}

const wrongCredentials = new ServiceError(
  400,
  'UnrecognizedClientException',
  'UnrecognizedClientException',
  'This is an emulator of Lightsail for a rehearsal. It accepts only its own credentials, because it takes no snapshots in AWS.',
)

interface Result {
  readonly content: object
  readonly fault?: Fault
}

function resultText(result: Result | ServiceError): string {
  if (result instanceof ServiceError) return result.exception
  return result.fault === undefined ? 'succeeded' : responseText(result.fault)
}

function orServiceError<T>(work: () => T): T | ServiceError {
  try {
    return work()
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

const jsonType = 'application/x-amz-json-1.1'

function whole({ status, contentType, body, retryAfter }: WholeResponse): Reply {
  return { type: 'response', response: { status, contentType, body, retryAfter } }
}
