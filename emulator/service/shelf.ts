import { notFound } from './errors.js'
import type { Resource } from './wire.js'

interface Place<T> {
  thing: T
  /** From when (milliseconds since the epoch) it can be found. */
  readonly foundFrom: number
  /** From when it is gone. */
  goneFrom: number
  /** From when its name is free. */
  freeFrom: number
  /** Until when it is being deleted, also by a deletion that fails. */
  leavingUntil: number
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
    this.#places.set(name, {
      thing,
      foundFrom,
      goneFrom: Number.POSITIVE_INFINITY,
      freeFrom: Number.POSITIVE_INFINITY,
      leavingUntil: Number.NEGATIVE_INFINITY,
    })
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

  /** The same, for what needs it to stay: NotFoundException also while it is being deleted. */
  findStaying(name: string, now: number): T {
    const place = this.#places.get(name)
    if (place === undefined || !isFound(place, now) || now < place.leavingUntil) {
      throw notFound(this.#kind, name)
    }
    return place.thing
  }

  /** Whether something can be found under `name` at `now` (milliseconds since the epoch). */
  isFound(name: string, now: number): boolean {
    const place = this.#places.get(name)
    return place !== undefined && isFound(place, now)
  }

  /** What was last put under `name`, whether it is still there or not. */
  last(name: string): T | undefined {
    return this.#places.get(name)?.thing
  }

  /** The names of all that can be found at `now` (milliseconds since the epoch). */
  names(now: number): string[] {
    return [...this.#places].filter(([, place]) => isFound(place, now)).map(([name]) => name)
  }

  /** Whether the name is taken at `now` (milliseconds since the epoch), also by a thing that can't be found yet or any more. */
  hasName(name: string, now: number): boolean {
    const place = this.#places.get(name)
    return place !== undefined && now < place.freeFrom
  }

  /** Lets it be gone from `goneFrom` on (milliseconds since the epoch), and its name be free `nameHeldMs` later. */
  remove(name: string, goneFrom: number, nameHeldMs: number): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    place.goneFrom = goneFrom
    place.freeFrom = goneFrom + nameHeldMs
    place.leavingUntil = goneFrom
  }

  /** Lets a deletion of it be in progress until `failsAt` (milliseconds since the epoch), when it fails. */
  failToRemove(name: string, failsAt: number): void {
    const place = this.#places.get(name)
    if (place !== undefined) place.leavingUntil = failsAt
  }

  /** Lets the names begin with this one. */
  moveToFront(name: string): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    const others = [...this.#places].filter(([other]) => other !== name)
    this.#places.clear()
    for (const [each, other] of [[name, place] as const, ...others]) this.#places.set(each, other)
  }

  /** Takes it away as if it had never been there; NotFoundException. */
  discard(name: string): void {
    if (!this.#places.delete(name)) throw notFound(this.#kind, name)
  }
}

function isFound(place: Place<unknown>, now: number): boolean {
  return place.foundFrom <= now && now < place.goneFrom
}
