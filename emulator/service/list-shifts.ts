import type { ListShift } from './behaviour.js'
import type { Scene } from './handlers/scene.js'

/** Makes the change that is set for a page of this list, which is about to be read. */
export function shiftList(operation: ListShift['operation'], isFirst: boolean, scene: Scene): void {
  const known = shiftsOf.get(scene.region) ?? new ListShifts()
  shiftsOf.set(scene.region, known)
  known.beforePage(operation, isFirst, scene)
}

/** Changes at the front of a Region's lists, with items that belong to nobody. */
class ListShifts {
  #shift: ListShift | undefined
  #left = 0
  /** The items that `remove` takes away; the last one is at the front of the list. */
  #fillers: string[] | undefined
  #number = 0

  beforePage(operation: ListShift['operation'], isFirst: boolean, scene: Scene): void {
    const shift = scene.behaviour.listShift
    if (shift === undefined || shift.operation !== operation) return
    if (shift !== this.#shift) this.#begin(shift)
    if (shift.change === 'remove' && isFirst) {
      this.#fillers ??= Array.from({ length: shift.times }, () => this.#insert(operation, scene))
    }
    if (!isFirst && this.#left > 0) this.#apply(shift, scene)
  }

  #begin(shift: ListShift): void {
    this.#shift = shift
    this.#left = shift.times
    this.#fillers = undefined
  }

  #apply({ operation, change }: ListShift, scene: Scene): void {
    this.#left -= 1
    if (change === 'insert') {
      this.#insert(operation, scene)
      return
    }
    const name = this.#fillers?.pop()
    const shelf = shelfOf(operation, scene)
    if (name !== undefined && shelf.isFound(name, scene.now)) shelf.discard(name)
  }

  #insert(operation: ListShift['operation'], scene: Scene): string {
    const { region, now, behaviour } = scene
    this.#number += 1
    const diskName = `unrelated-${this.#number}`
    const name = operation === 'GetDisks' ? diskName : `${diskName}-snapshot`
    if (operation === 'GetDisks') region.addDisk(name, 8, now)
    else region.putSnapshot({ name, source: { type: 'disk', name: diskName }, createdAt: now })
    if (behaviour.listOrder === 'oldest-first') shelfOf(operation, scene).moveToFront(name)
    return name
  }
}

function shelfOf(
  operation: ListShift['operation'],
  { region }: Scene,
): Scene['region']['disks' | 'snapshots'] {
  return operation === 'GetDisks' ? region.disks : region.snapshots
}

const shiftsOf = new WeakMap<Scene['region'], ListShifts>()
