import type { IncomingMessage } from 'node:http'
import type { Region } from './region.js'

// Not part of the service: how the steps of a workflow write to an instance's disks and read from them.

/** The response to a request for the content of a disk. */
export interface ContentAnswer {
  readonly status: number
  readonly body: string
}

interface Account {
  /** The Regions used so far. */
  readonly regions: ReadonlyMap<string, Region>
  readonly now: () => number
}

interface Place {
  readonly region: Region | undefined
  readonly instance: string
  readonly path: string
}

/** Reads or writes the content of a disk and returns the response; undefined for any other request. */
export function contentAnswer(
  account: Account,
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  body: string,
): ContentAnswer | undefined {
  const [path, query] = url.split('?', 2)
  if (path !== '/content' || (method !== 'GET' && method !== 'PUT')) return undefined
  const place = placeOf(account.regions, new URLSearchParams(query))
  if (place.instance === '' || place.path === '') {
    return { status: 400, body: 'Name the disk: /content?instance=NAME&path=/dev/xvdf' }
  }
  return method === 'PUT' ? write(place, body, account.now()) : read(place)
}

function placeOf(regions: Account['regions'], words: URLSearchParams): Place {
  const [only, ...others] = regions.keys()
  const usual = only !== undefined && others.length === 0 ? only : 'eu-central-1'
  return {
    region: regions.get(words.get('region') ?? usual),
    instance: words.get('instance') ?? '',
    path: words.get('path') ?? '',
  }
}

function read({ region, instance, path }: Place): ContentAnswer {
  const content = region?.contentOfInstance(instance, path)
  return content === undefined
    ? { status: 404, body: nothingThere(instance, path) }
    : { status: 200, body: content }
}

function write({ region, instance, path }: Place, content: string, now: number): ContentAnswer {
  if (region === undefined) return { status: 409, body: nothingThere(instance, path) }
  try {
    region.writeTo(instance, path, content, now)
    return { status: 200, body: '' }
  } catch (thrown) {
    return { status: 409, body: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

function nothingThere(instance: string, path: string): string {
  return `The instance ${instance} has no disk at ${path}.`
}
