import { notFound } from './errors.js'
import { type Course, momentOf, type OperationMoment } from './lifecycle.js'
import type { Operation, OperationType, Resource } from './wire.js'

/** The resource of an operation, and the name of the other resource involved, if any. */
export interface Subject {
  readonly resource: Pick<Resource, 'name' | 'resourceType' | 'location'>
  readonly other?: string
}

interface StoredOperation {
  readonly fixed: Omit<Operation, keyof OperationMoment>
  readonly course: Course<OperationMoment>
}

/** Every operation of a Region. */
export class OperationLog {
  readonly #stored = new Map<string, StoredOperation>()
  readonly #newId: () => string

  constructor(newId: () => string) {
    this.#newId = newId
  }

  /** How many there are. */
  get count(): number {
    return this.#stored.size
  }

  /** Records an operation, and returns it as it is when it starts (milliseconds since the epoch). */
  add(
    operationType: OperationType,
    { resource, other }: Subject,
    startedAt: number,
    course: Course<OperationMoment>,
  ): Operation {
    const id = this.#newId()
    const fixed = {
      id,
      resourceName: resource.name,
      resourceType: resource.resourceType,
      createdAt: startedAt / 1000,
      location: resource.location,
      ...(other === undefined ? {} : { operationDetails: other }),
      operationType,
    }
    this.#stored.set(id, { fixed, course })
    return this.read(id, startedAt)
  }

  /** The operation at `now` (milliseconds since the epoch); NotFoundException. */
  read(id: string, now: number): Operation {
    const stored = this.#stored.get(id)
    if (stored === undefined) throw notFound('Operation', id)
    return { ...stored.fixed, ...momentOf(stored.course, now) }
  }

  /** The ids of all operations, or of those that `wanted` accepts; oldest first. */
  ids(wanted: (operation: StoredOperation['fixed']) => boolean = () => true): string[] {
    return [...this.#stored.values()].filter(({ fixed }) => wanted(fixed)).map(({ fixed }) => fixed.id)
  }
}
