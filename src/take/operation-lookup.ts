import type { Clock } from '../basics/clock.js'
import type { Lightsail } from '../lightsail/client.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot, Operation, Page } from '../lightsail/types.js'

/** Where an operation can be found again. */
export type OperationLists = Pick<Lightsail, 'operationsOf' | 'listOperations'>

/** The snapshot whose operation is looked for. */
export type Made = Pick<DiskSnapshot, 'name' | 'createdAt'>

/** How many pages of the account's operations are read at most: the one that is looked for is a recent one. */
const mostPages = 50

/** How long an operation may take to show up, in milliseconds. */
const lookForMs = 10_000
const leastMs = 1000
const pauseMs = 2000

/** How much earlier than its snapshot an operation may have begun, in milliseconds. */
const earlierMs = 60_000

/**
 * Finds the operation again that made a snapshot: among those of the resource, else among the account's recent ones. No
 * source says whether the service lists a snapshot's operations by its name. Gives the failure where none can be found
 * because the service doesn't say, and undefined where it says that there is none.
 */
export async function findOperation(
  snapshot: Made,
  lightsail: OperationLists,
  limit: Patience,
  clock: Clock,
): Promise<Operation | ServiceFailure | undefined> {
  const { signal } = limit
  const now = clock.monotonic()
  // The wait for the snapshot itself matters more: most of the step's time is left to it.
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
  // Not for as long as there is time: the account's operations have it too.
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

/** An operation of an earlier snapshot that had the same name is older than this one. */
function makes(operation: Operation, { name, createdAt }: Made): boolean {
  const { resourceType, resourceName, operationType } = operation
  return (
    resourceType === 'DiskSnapshot' &&
    resourceName === name &&
    operationType === 'CreateDiskSnapshot' &&
    (operation.createdAt?.getTime() ?? 0) >= (createdAt?.getTime() ?? 0) - earlierMs
  )
}
