import { notFound } from './errors.js'
import type { Resource } from './wire.js'

interface Place<T> {
  thing: T
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
  readonly #places = new Map<string, Place<T>>()

  constructor(kind: Resource['resourceType']) {
    this.#kind = kind
  }

  /** Stores a new resource under a free name. It can be found from `foundFrom` on (milliseconds since the epoch). */
  put(name: string, thing: T, foundFrom = Number.NEGATIVE_INFINITY): void {
    // A name that is used again comes last.
    this.#places.delete(name)
    this.#places.set(name, {
      thing,
      foundFrom,
      goneFrom: Number.POSITIVE_INFINITY,
      freeFrom: Number.POSITIVE_INFINITY,
      leavingUntil: Number.NEGATIVE_INFINITY,
    })
  }

  /** Replaces a stored resource. */
  change(name: string, thing: T): void {
    const place = this.#places.get(name)
    if (place !== undefined) place.thing = thing
  }

  /** The resource called `name` at `now` (milliseconds since the epoch); NotFoundException. */
  find(name: string, now: number): T {
    const place = this.#places.get(name)
    if (place === undefined || !isFound(place, now)) throw notFound(this.#kind, name)
    return place.thing
  }

  /** The same, but NotFoundException also while it is being deleted. */
  findStaying(name: string, now: number): T {
    const place = this.#places.get(name)
    if (place === undefined || !isFound(place, now) || now < place.leavingUntil) {
      throw notFound(this.#kind, name)
    }
    return place.thing
  }

  /** Whether there is a resource called `name` at `now` (milliseconds since the epoch). */
  isFound(name: string, now: number): boolean {
    const place = this.#places.get(name)
    return place !== undefined && isFound(place, now)
  }

  /** What was last stored under `name`, whether it still exists or not. */
  last(name: string): T | undefined {
    return this.#places.get(name)?.thing
  }

  /** The names of all resources at `now` (milliseconds since the epoch). */
  names(now: number): string[] {
    return [...this.#places].filter(([, place]) => isFound(place, now)).map(([name]) => name)
  }

  /** Whether the name is taken at `now` (milliseconds since the epoch), even by a resource that isn't visible. */
  hasName(name: string, now: number): boolean {
    const place = this.#places.get(name)
    return place !== undefined && now < place.freeFrom
  }

  /** Removes it from `goneFrom` on (milliseconds since the epoch); its name becomes free `nameHeldMs` later. */
  remove(name: string, goneFrom: number, nameHeldMs: number): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    place.goneFrom = goneFrom
    place.freeFrom = goneFrom + nameHeldMs
    place.leavingUntil = goneFrom
  }

  /** Marks it as being deleted until `failsAt` (milliseconds since the epoch), when the deletion fails. */
  failToRemove(name: string, failsAt: number): void {
    const place = this.#places.get(name)
    if (place !== undefined) place.leavingUntil = failsAt
  }

  /** Moves this name to the front. */
  moveToFront(name: string): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    const others = [...this.#places].filter(([other]) => other !== name)
    this.#places.clear()
    for (const [each, other] of [[name, place] as const, ...others]) this.#places.set(each, other)
  }

  /** Removes it as if it had never existed; NotFoundException. */
  discard(name: string): void {
    if (!this.#places.delete(name)) throw notFound(this.#kind, name)
  }
}

function isFound(place: Place<unknown>, now: number): boolean {
  return place.foundFrom <= now && now < place.goneFrom
}
