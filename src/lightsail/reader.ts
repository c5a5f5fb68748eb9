import { mapBounded } from '../basics/parallel.js'
import type { Lightsail } from './client.js'
import { readPages } from './pages.js'
import type { Patience } from './retry.js'
import type { DiskSnapshot, Operation, Page } from './types.js'

/** How many requests of one round are under way at once. */
const atOnce = 5

/** How often a page is asked for at most. */
const pageAttempts = 20

/**
 * Reads many things of one kind in as few requests as it can: one by one, or page by page until all are found, whichever
 * was less the last time. A list has everything that the account holds, so a few things in a large account are read alone.
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

  /** What is there of these, by key. */
  async read(keys: readonly string[], patience: Patience): Promise<ReadonlyMap<string, T>> {
    if (keys.length <= this.#pages) return this.#readEach(keys, patience)
    // Pages are many requests at once: one that is refused is sent again by itself, or the round would never end.
    const found = await this.#readPages(keys, { ...patience, attempts: pageAttempts })
    // A list may be cut off, or change between two pages: only the answer about the thing itself says that it isn't there.
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
    // What is absent has cost a request of its own as well.
    this.#pages = pages + wanted.size - found.size
    return found
  }
}

/** What can be asked about snapshots. */
export type SnapshotSource = Pick<Lightsail, 'getDiskSnapshot' | 'listDiskSnapshots'>

/** What can be asked about operations. */
export type OperationSource = Pick<Lightsail, 'getOperation' | 'listOperations'>

export function snapshotReader(lightsail: SnapshotSource): Reader<DiskSnapshot> {
  return new Reader(lightsail.getDiskSnapshot, lightsail.listDiskSnapshots, ({ name }) => name)
}

export function operationReader(lightsail: OperationSource): Reader<Operation> {
  return new Reader(lightsail.getOperation, lightsail.listOperations, ({ id }) => id)
}
