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
    const shelf = shelfOf(operation, context)
    if (name !== undefined && shelf.isFound(name, context.now)) shelf.discard(name)
  }

  #insert(operation: ListShift['operation'], context: RequestContext): string {
    const { region, now, behaviour } = context
    this.#number += 1
    const diskName = `unrelated-${this.#number}`
    const name = operation === 'GetDisks' ? diskName : `${diskName}-snapshot`
    if (operation === 'GetDisks') region.addDisk(name, 8, now)
    else region.putSnapshot({ name, source: { type: 'disk', name: diskName }, createdAt: now })
    if (behaviour.listOrder === 'oldest-first') shelfOf(operation, context).moveToFront(name)
    return name
  }
}

function shelfOf(
  operation: ListShift['operation'],
  { region }: RequestContext,
): RequestContext['region']['disks' | 'snapshots'] {
  return operation === 'GetDisks' ? region.disks : region.snapshots
}

const shiftsOf = new WeakMap<RequestContext['region'], ListShifts>()
