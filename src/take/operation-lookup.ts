import type { Clock } from '../basics/clock.js'
import type { Lightsail } from '../lightsail/client.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import { snapshotTypes } from '../lightsail/snapshot-types.js'
import type { DiskSnapshot, Operation, Page } from '../lightsail/types.js'

/** The lists that may have an operation. */
export type OperationLists = Pick<Lightsail, 'operationsOf' | 'listOperations'>

/** The snapshot whose operation is wanted. */
export type Made = Pick<DiskSnapshot, 'type' | 'name' | 'createdAt'>

/** How many pages of the account's operations are read at most: the wanted one is recent. */
const mostPages = 50

/** How long (ms) an operation may take to appear. */
const lookForMs = 10_000
const leastMs = 1000
const pauseMs = 2000

/** How much earlier (ms) than its snapshot an operation may have begun. */
const earlierMs = 60_000

/**
 * Returns the operation that created a snapshot, from those of the resource or the account's recent ones: whether the service
 * lists a snapshot's operations by its name isn't documented. Returns the failure if the lists can't be read, undefined if
 * the operation isn't in them.
 */
export async function findOperation(
  snapshot: Made,
  lightsail: OperationLists,
  limit: Patience,
  clock: Clock,
): Promise<Operation | ServiceFailure | undefined> {
  const { signal } = limit
  const now = clock.monotonic()
  // Most of the step's time is left for the wait, which matters more.
  const untilMs = now + Math.min(lookForMs, Math.max(leastMs, (limit.untilMs - now) / 4))
  const patience = { untilMs, signal }
  for (;;) {
    const found = await lookEverywhere(snapshot, lightsail, patience)
    if (found !== undefined || clock.monotonic() + pauseMs > untilMs || signal?.aborted) return found
    await clock.sleep(pauseMs, signal).catch(() => {})
  }
}

async function lookEverywhere(
  snapshot: Made,
  lightsail: OperationLists,
  patience: Patience,
): Promise<Operation | ServiceFailure | undefined> {
  // Only two attempts: the account's operations have it too.
  const brief = { ...patience, attempts: 2 }
  const ofResource = (token: string | undefined) => lightsail.operationsOf(snapshot.name, token, brief)
  const ofAccount = (token: string | undefined) => lightsail.listOperations(token, patience)
  const first = await look(ofResource, snapshot)
  return first !== undefined && !(first instanceof ServiceFailure) ? first : look(ofAccount, snapshot)
}

async function look(
  readPage: (token: string | undefined) => Promise<Page<Operation>>,
  snapshot: Made,
): Promise<Operation | ServiceFailure | undefined> {
  const found: Operation[] = []
  let pages = 0
  const read = readPages(readPage, (items) => {
    pages += 1
    found.push(...items.filter((operation) => makes(operation, snapshot)))
    return found.length > 0 || pages === mostPages ? 'enough' : 'more'
  })
  return (await orServiceFailure(read)) ?? found[0]
}

/** Whether the operation created this snapshot, and not an earlier one of the same name. */
function makes(operation: Operation, { type, name, createdAt }: Made): boolean {
  const { resourceType, resourceName, operationType } = operation
  return (
    resourceType === snapshotTypes[type].resourceType &&
    resourceName === name &&
    operationType === snapshotTypes[type].creation &&
    (operation.createdAt?.getTime() ?? 0) >= (createdAt?.getTime() ?? 0) - earlierMs
  )
}
