import { notFound } from './errors.js'
import type { Resource } from './wire.js'

interface Place<T> {
  thing: T
  /** From when (milliseconds since the epoch) it can be found. */
  readonly foundFrom: number
  /** From when it is gone, and its name free. */
  goneFrom: number
}

/** The resources of one kind in one Region, by name, in the order in which they came. */
export class Shelf<T> {
  readonly #kind: Resource['resourceType']
  readonly #places = new Map<string, Place<T>>()

  constructor(kind: Resource['resourceType']) {
    this.#kind = kind
  }

  /** Puts a new thing under a free name; it can be found from `foundFrom` on (milliseconds since the epoch). */
  put(name: string, thing: T, foundFrom = Number.NEGATIVE_INFINITY): void {
    // A name that is taken up again comes last.
    this.#places.delete(name)
    this.#places.set(name, { thing, foundFrom, goneFrom: Number.POSITIVE_INFINITY })
  }

  /** Puts the changed thing in the place of what was there. */
  change(name: string, thing: T): void {
    const place = this.#places.get(name)
    if (place !== undefined) place.thing = thing
  }

  /** The thing that can be found under `name` at `now` (milliseconds since the epoch); NotFoundException. */
  find(name: string, now: number): T {
    const place = this.#places.get(name)
    if (place === undefined || !isFound(place, now)) throw notFound(this.#kind, name)
    return place.thing
  }

  /** The same, for what needs it to stay: NotFoundException also once its deletion has been accepted. */
  findStaying(name: string, now: number): T {
    const thing = this.find(name, now)
    if (this.#places.get(name)?.goneFrom !== Number.POSITIVE_INFINITY) throw notFound(this.#kind, name)
    return thing
  }

  /** What was last put under `name`, whether it is still there or not. */
  last(name: string): T | undefined {
    return this.#places.get(name)?.thing
  }

  /** The names of all that can be found at `now` (milliseconds since the epoch). */
  names(now: number): string[] {
    return [...this.#places].filter(([, place]) => isFound(place, now)).map(([name]) => name)
  }

  /** Whether a thing has this name at `now` (milliseconds since the epoch), even one that can't be found yet. */
  hasName(name: string, now: number): boolean {
    const place = this.#places.get(name)
    return place !== undefined && now < place.goneFrom
  }

  /** Lets it be gone from `goneFrom` on (milliseconds since the epoch). */
  remove(name: string, goneFrom: number): void {
    const place = this.#places.get(name)
    if (place !== undefined) place.goneFrom = goneFrom
  }

  /** Takes it away as if it had never been there; NotFoundException. */
  discard(name: string): void {
    if (!this.#places.delete(name)) throw notFound(this.#kind, name)
  }
}

function isFound(place: Place<unknown>, now: number): boolean {
  return place.foundFrom <= now && now < place.goneFrom
}
