import type { ListShift } from './behaviour.js'
import type { RequestContext } from './handlers/context.js'

/** Changes the list as `listShift` says. Called right before a page is read. */
export function shiftList(
  operation: ListShift['operation'],
  isFirst: boolean,
  context: RequestContext,
): void {
  const shifts = shiftsOf.get(context.region) ?? new ListShifts()
  shiftsOf.set(context.region, shifts)
  shifts.beforePage(operation, isFirst, context)
}

/** Inserts and removes unrelated items at the front of a Region's lists. */
class ListShifts {
  #shift: ListShift | undefined
  #left = 0
  /** The items that `remove` removes; the last is at the front of the list. */
  #fillers: string[] | undefined
  #number = 0

  beforePage(operation: ListShift['operation'], isFirst: boolean, context: RequestContext): void {
    const shift = context.behaviour.listShift
    if (shift === undefined || shift.operation !== operation) return
    if (shift !== this.#shift) this.#begin(shift)
    if (shift.change === 'remove' && isFirst) {
      this.#fillers ??= Array.from({ length: shift.times }, () => this.#insert(operation, context))
    }
    if (!isFirst && this.#left > 0) this.#apply(shift, context)
  }

  #begin(shift: ListShift): void {
    this.#shift = shift
    this.#left = shift.times
    this.#fillers = undefined
  }

  #apply({ operation, change }: ListShift, context: RequestContext): void {
    this.#left -= 1
    if (change === 'insert') {
      this.#insert(operation, context)
      return
    }
    const name = this.#fillers?.pop()
    const shelf = context.region[lists[operation].kind]
    if (name !== undefined && shelf.isFound(name, context.now)) shelf.discard(name)
  }

  #insert(operation: ListShift['operation'], context: RequestContext): string {
    const { region, now, behaviour } = context
    const { kind, suffix, put } = lists[operation]
    this.#number += 1
    const source = `unrelated-${this.#number}`
    const name = `${source}${suffix}`
    put(region, name, source, now)
    if (behaviour.listOrder === 'oldest-first') region[kind].moveToFront(name)
    return name
  }
}

type Region = RequestContext['region']

interface List {
  readonly kind: 'disks' | 'instances' | 'snapshots' | 'instanceSnapshots'
  /** Ends the names of its items, because names are unique across kinds. */
  readonly suffix: string
  readonly put: (region: Region, name: string, source: string, now: number) => void
}

const lists: Readonly<Record<ListShift['operation'], List>> = {
  GetDisks: { kind: 'disks', suffix: '', put: (region, name, _, now) => region.addDisk(name, 8, now) },
  GetDiskSnapshots: {
    kind: 'snapshots',
    suffix: '-snapshot',
    put: (region, name, source, createdAt) =>
      region.putSnapshot({ name, source: { type: 'disk', name: source }, createdAt }),
  },
  GetInstances: {
    kind: 'instances',
    suffix: '-instance',
    put: (region, name, _, now) => region.addInstance(name, 20, now),
  },
  GetInstanceSnapshots: {
    kind: 'instanceSnapshots',
    suffix: '-instance-snapshot',
    put: (region, name, instanceName, createdAt) =>
      region.putInstanceSnapshot({ name, instanceName, createdAt }),
  },
}

const shiftsOf = new WeakMap<Region, ListShifts>()
