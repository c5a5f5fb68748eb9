import { ServiceFailure } from './errors.js'
import type { Page } from './types.js'

type ReadPage<T> = (pageToken: string | undefined) => Promise<Page<T>>

/** The key of an item in a list. */
type KeyOf<T> = (item: T) => string

/** A resource's ARN, or its name if the service gives none. */
export function arnOf({ arn, name }: { readonly arn: string | null; readonly name: string }): string {
  return arn ?? name
}

/** Each page costs a request. No account has this many, so a longer list is broken. */
const mostPages = 500

/** How often a list is read at most until two reads agree. */
const mostReads = 5

/**
 * Reads a list page by page until `take` has enough. Throws ServiceFailure if the list has more than 500 pages, or the same
 * page twice.
 */
export async function readPages<T>(
  readPage: ReadPage<T>,
  take: (items: readonly T[]) => 'enough' | 'more',
): Promise<void> {
  const seen = new Set<string>()
  for (let token: string | undefined; seen.size < mostPages; ) {
    const { items, nextPageToken } = await readPage(token)
    if (take(items) === 'enough' || !nextPageToken) return
    if (seen.has(nextPageToken)) throw brokenList('gave the same page of a list twice', nextPageToken)
    seen.add(nextPageToken)
    token = nextPageToken
  }
  throw brokenList(`gave a list of more than ${mostPages} pages`, undefined)
}

/**
 * Returns everything in a list, each thing once. A list can change between two of its pages and then skip a thing or show
 * it twice, so it is read until two reads in a row have the same keys. Throws ServiceFailure if five reads don't.
 */
export async function readWholeList<T>(readPage: ReadPage<T>, keyOf: KeyOf<T>): Promise<T[]> {
  let before = await readOnce(readPage, keyOf)
  for (let read = 2; read <= mostReads; read += 1) {
    const now = await readOnce(readPage, keyOf)
    if (now.size === before.size && [...now.keys()].every((key) => before.has(key))) return [...now.values()]
    before = now
  }
  throw new ServiceFailure(
    'other',
    `Lightsail's list changed during each of ${mostReads} reads, so it could not be read completely.`,
    'Rerun the job when fewer snapshots or disks are being created and deleted.',
    undefined,
  )
}

async function readOnce<T>(readPage: ReadPage<T>, keyOf: KeyOf<T>): Promise<Map<string, T>> {
  const found = new Map<string, T>()
  await readPages(readPage, (items) => {
    for (const item of items) found.set(keyOf(item), item)
    return 'more'
  })
  return found
}

function brokenList(what: string, cause: unknown): ServiceFailure {
  return new ServiceFailure(
    'other',
    `Lightsail ${what}.`,
    'Rerun the job. If it happens again, report it with a debug log.',
    cause,
  )
}
