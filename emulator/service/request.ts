import type { IncomingMessage } from 'node:http'
import { ServiceError } from './errors.js'
import type { Input } from './wire.js'

const targetPrefix = 'Lightsail_20161128.'

/** A request that reached the emulator, in order of arrival. */
export interface SeenRequest {
  readonly operation: string
  readonly region: string
  readonly input: Input
  readonly userAgent: string
  readonly accessKeyId: string
}

/** The part of a request that the emulator reads, besides its body. */
export type IncomingRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/** Returns the request of a client of the service; throws ServiceError for anything else. */
export function readRequest(request: IncomingRequest, body: string): SeenRequest {
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

/** Returns a header; empty if the request doesn't have it. */
export function headerText(request: IncomingRequest, name: string): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
