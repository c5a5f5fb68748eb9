import { mapBounded } from '../basics/parallel.js'
import type { Lightsail } from './client.js'
import { orServiceFailure, ServiceFailure } from './errors.js'
import { readPages } from './pages.js'
import type { Patience } from './retry.js'
import { snapshotTypes } from './snapshot-types.js'
import type { DiskSnapshot, Operation, Page, SnapshotType } from './types.js'

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
export type SnapshotSource = Pick<
  Lightsail,
  'getDiskSnapshot' | 'listDiskSnapshots' | 'getInstanceSnapshot' | 'listInstanceSnapshots'
>

/** The requests that read operations. */
export type OperationSource = Pick<Lightsail, 'getOperation' | 'listOperations'>

/** Reads snapshots of both types. */
export class SnapshotReader {
  readonly #readers: Readonly<Record<SnapshotType, Reader<DiskSnapshot>>>

  constructor(lightsail: SnapshotSource) {
    const readerOf = ({ get, list }: (typeof snapshotTypes)[SnapshotType]) =>
      new Reader(lightsail[get], lightsail[list], ({ name }) => name)
    this.#readers = { disk: readerOf(snapshotTypes.disk), instance: readerOf(snapshotTypes.instance) }
  }

  /** Returns those that exist, by name. One whose type is unknown may be of either. */
  async read(
    wanted: readonly { readonly name: string; readonly type: SnapshotType | undefined }[],
    patience: Patience,
  ): Promise<ReadonlyMap<string, DiskSnapshot>> {
    const { disk, instance } = this.#readers
    const named = (wantedType: SnapshotType | undefined) =>
      wanted.filter(({ type }) => type === wantedType).map(({ name }) => name)
    const disks = await readAll(disk, named('disk'), patience)
    const instances = await readAll(instance, named('instance'), patience)
    return new Map([...disks, ...instances, ...(await this.#readEither(named(undefined), patience))])
  }

  /** A role may have the permission for one type alone: this fails only if it has none. */
  async #readEither(
    names: readonly string[],
    patience: Patience,
  ): Promise<ReadonlyMap<string, DiskSnapshot>> {
    const { disk, instance } = this.#readers
    const disks = await orServiceFailure(readAll(disk, names, patience))
    if (disks instanceof ServiceFailure && disks.errorClass !== 'denied') throw disks
    const others = disks instanceof ServiceFailure ? names : names.filter((name) => !disks.has(name))
    const instances = await orServiceFailure(readAll(instance, others, patience))
    if (!(instances instanceof ServiceFailure)) {
      return disks instanceof ServiceFailure ? instances : new Map([...disks, ...instances])
    }
    if (instances.errorClass !== 'denied' || disks instanceof ServiceFailure) throw instances
    return disks
  }
}

async function readAll(
  reader: Reader<DiskSnapshot>,
  names: readonly string[],
  patience: Patience,
): Promise<ReadonlyMap<string, DiskSnapshot>> {
  return names.length === 0 ? new Map() : reader.read(names, patience)
}

export function operationReader(lightsail: OperationSource): Reader<Operation> {
  return new Reader(lightsail.getOperation, lightsail.listOperations, ({ id }) => id)
}
