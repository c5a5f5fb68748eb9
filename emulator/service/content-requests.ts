import type { IncomingMessage } from 'node:http'
import type { Region } from './region.js'

// Not part of Lightsail: lets workflow steps read and write the disks of an instance.

/** The response to a request that reads or writes a disk. */
export interface ContentResponse {
  readonly status: number
  readonly body: string
}

interface Account {
  /** The Regions used so far. */
  readonly regions: ReadonlyMap<string, Region>
  readonly now: () => number
}

interface Attachment {
  readonly region: Region | undefined
  readonly instance: string
  readonly path: string
}

/** Reads or writes the content of a disk and returns the response; undefined for any other request. */
export function contentResponse(
  account: Account,
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  body: string,
): ContentResponse | undefined {
  const [path, query] = url.split('?', 2)
  if (path !== '/content' || (method !== 'GET' && method !== 'PUT')) return undefined
  const attachment = attachmentOf(account.regions, new URLSearchParams(query))
  if (attachment.instance === '' || attachment.path === '') {
    return { status: 400, body: 'Name the disk: /content?instance=NAME&path=/dev/xvdf' }
  }
  return method === 'PUT' ? write(attachment, body, account.now()) : read(attachment)
}

function attachmentOf(regions: Account['regions'], parameters: URLSearchParams): Attachment {
  const [only, ...others] = regions.keys()
  const defaultRegion = only !== undefined && others.length === 0 ? only : 'eu-central-1'
  return {
    region: regions.get(parameters.get('region') ?? defaultRegion),
    instance: parameters.get('instance') ?? '',
    path: parameters.get('path') ?? '',
  }
}

function read({ region, instance, path }: Attachment): ContentResponse {
  const content = region?.contentOfInstance(instance, path)
  return content === undefined
    ? { status: 404, body: noDisk(instance, path) }
    : { status: 200, body: content }
}

function write({ region, instance, path }: Attachment, content: string, now: number): ContentResponse {
  if (region === undefined) return { status: 409, body: noDisk(instance, path) }
  try {
    region.writeTo(instance, path, content, now)
    return { status: 200, body: '' }
  } catch (thrown) {
    return { status: 409, body: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

function noDisk(instance: string, path: string): string {
  return `The instance ${instance} has no disk at ${path}.`
}
