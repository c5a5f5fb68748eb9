import { mapBounded } from '../basics/parallel.js'
import type { Lightsail } from './client.js'
import { readPages } from './pages.js'
import type { Patience } from './retry.js'
import type { DiskSnapshot, Operation, Page } from './types.js'

/** How many requests of one round are sent at once. */
const atOnce = 5

/** How many attempts a page gets. */
const pageAttempts = 20

/**
 * Reads many items of one kind in as few requests as possible: one by one, or page by page until all are found, whichever
 * took fewer requests last time. A list has everything in the account, so a few items in a large account are read singly.
 */
export class Reader<T> {
  readonly #readOne: (key: string, patience: Patience) => Promise<T | undefined>
  readonly #readPage: (pageToken: string | undefined, patience: Patience) => Promise<Page<T>>
  readonly #keyOf: (item: T) => string
  #pages = 1

  constructor(
    readOne: (key: string, patience: Patience) => Promise<T | undefined>,
    readPage: (pageToken: string | undefined, patience: Patience) => Promise<Page<T>>,
    keyOf: (item: T) => string,
  ) {
    this.#readOne = readOne
    this.#readPage = readPage
    this.#keyOf = keyOf
  }

  /** Returns those that exist, by key. */
  async read(keys: readonly string[], patience: Patience): Promise<ReadonlyMap<string, T>> {
    if (keys.length <= this.#pages) return this.#readEach(keys, patience)
    // Pages are many requests: each is retried by itself, or the round would never end.
    const found = await this.#readPages(keys, { ...patience, attempts: pageAttempts })
    // A list may be cut off, or change between two pages: only a response about the item itself proves that it is missing.
    const absent = keys.filter((key) => !found.has(key))
    return new Map([...found, ...(await this.#readEach(absent, { ...patience, attempts: pageAttempts }))])
  }

  async #readEach(keys: readonly string[], patience: Patience): Promise<ReadonlyMap<string, T>> {
    const read = async (key: string, signal: AbortSignal) =>
      [key, await this.#readOne(key, { ...patience, signal })] as const
    const found = await mapBounded(keys, atOnce, read, patience.signal)
    return new Map(found.flatMap(([key, item]) => (item === undefined ? [] : [[key, item]])))
  }

  async #readPages(keys: readonly string[], patience: Patience): Promise<ReadonlyMap<string, T>> {
    const wanted = new Set(keys)
    const found = new Map<string, T>()
    let pages = 0
    await readPages(
      (pageToken) => this.#readPage(pageToken, patience),
      (items) => {
        pages += 1
        for (const item of items) {
          if (wanted.has(this.#keyOf(item))) found.set(this.#keyOf(item), item)
        }
        return found.size === wanted.size ? 'enough' : 'more'
      },
    )
    // Each missing item took a request of its own as well.
    this.#pages = pages + wanted.size - found.size
    return found
  }
}

/** The requests that read snapshots. */
export type SnapshotSource = Pick<Lightsail, 'getDiskSnapshot' | 'listDiskSnapshots'>

/** The requests that read operations. */
export type OperationSource = Pick<Lightsail, 'getOperation' | 'listOperations'>

export function snapshotReader(lightsail: SnapshotSource): Reader<DiskSnapshot> {
  return new Reader(lightsail.getDiskSnapshot, lightsail.listDiskSnapshots, ({ name }) => name)
}

export function operationReader(lightsail: OperationSource): Reader<Operation> {
  return new Reader(lightsail.getOperation, lightsail.listOperations, ({ id }) => id)
}
