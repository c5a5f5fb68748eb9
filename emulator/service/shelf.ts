import { notFound } from './errors.js'
import type { Resource } from './wire.js'

interface Entry<T> {
  resource: T
  /** From when (milliseconds since the epoch) it can be found. */
  readonly foundFrom: number
  /** When it is gone. */
  goneFrom: number
  /** When its name becomes free. */
  freeFrom: number
  /** Until when it is being deleted, even by a deletion that fails. */
  leavingUntil: number
}

/** The resources of one kind in one Region, by name, in order of creation. */
export class Shelf<T> {
  readonly #kind: Resource['resourceType']
  readonly #entries = new Map<string, Entry<T>>()

  constructor(kind: Resource['resourceType']) {
    this.#kind = kind
  }

  /** Stores a new resource under a free name. It can be found from `foundFrom` on (milliseconds since the epoch). */
  put(name: string, resource: T, foundFrom = Number.NEGATIVE_INFINITY): void {
    // A reused name comes last.
    this.#entries.delete(name)
    this.#entries.set(name, {
      resource,
      foundFrom,
      goneFrom: Number.POSITIVE_INFINITY,
      freeFrom: Number.POSITIVE_INFINITY,
      leavingUntil: Number.NEGATIVE_INFINITY,
    })
  }

  /** Replaces a stored resource. */
  change(name: string, resource: T): void {
    const entry = this.#entries.get(name)
    if (entry !== undefined) entry.resource = resource
  }

  /** The resource called `name` at `now` (milliseconds since the epoch); NotFoundException. */
  find(name: string, now: number): T {
    const entry = this.#entries.get(name)
    if (entry === undefined || !isFound(entry, now)) throw notFound(this.#kind, name)
    return entry.resource
  }

  /** The same, but NotFoundException also while it is being deleted. */
  findStaying(name: string, now: number): T {
    const entry = this.#entries.get(name)
    if (entry === undefined || !isFound(entry, now) || now < entry.leavingUntil) {
      throw notFound(this.#kind, name)
    }
    return entry.resource
  }

  /** Whether there is a resource called `name` at `now` (milliseconds since the epoch). */
  isFound(name: string, now: number): boolean {
    const entry = this.#entries.get(name)
    return entry !== undefined && isFound(entry, now)
  }

  /** The resource last stored under `name`, whether it still exists or not. */
  last(name: string): T | undefined {
    return this.#entries.get(name)?.resource
  }

  /** The names of all resources at `now` (milliseconds since the epoch). */
  names(now: number): string[] {
    return [...this.#entries].filter(([, entry]) => isFound(entry, now)).map(([name]) => name)
  }

  /** Whether the name is taken at `now` (milliseconds since the epoch), even by a resource that isn't visible. */
  hasName(name: string, now: number): boolean {
    const entry = this.#entries.get(name)
    return entry !== undefined && now < entry.freeFrom
  }

  /** Removes it from `goneFrom` on (milliseconds since the epoch); its name becomes free `nameHeldMs` later. */
  remove(name: string, goneFrom: number, nameHeldMs: number): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    entry.goneFrom = goneFrom
    entry.freeFrom = goneFrom + nameHeldMs
    entry.leavingUntil = goneFrom
  }

  /** Marks it as being deleted until `failsAt` (milliseconds since the epoch), when the deletion fails. */
  failToRemove(name: string, failsAt: number): void {
    const entry = this.#entries.get(name)
    if (entry !== undefined) entry.leavingUntil = failsAt
  }

  /** Moves this name to the front. */
  moveToFront(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    const others = [...this.#entries].filter(([other]) => other !== name)
    this.#entries.clear()
    for (const [each, other] of [[name, entry] as const, ...others]) this.#entries.set(each, other)
  }

  /** Removes it as if it had never existed; NotFoundException. */
  discard(name: string): void {
    if (!this.#entries.delete(name)) throw notFound(this.#kind, name)
  }
}

function isFound(entry: Entry<unknown>, now: number): boolean {
  return entry.foundFrom <= now && now < entry.goneFrom
}
