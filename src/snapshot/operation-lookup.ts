import type { Clock } from '../basics/clock.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Operation, Page } from '../lightsail/types.js'

/** Where an operation can be found again. */
export type OperationLists = Pick<Lightsail, 'operationsOf' | 'listOperations'>

/** How many pages of the account's operations are read at most: the one that is looked for is a recent one. */
const mostPages = 50

/** How long an operation may take to show up, in milliseconds. */
const lookForMs = 10_000
const pauseMs = 2000

/**
 * Finds the operation again that made a snapshot: among those of the resource, else among the account's recent ones. No
 * source says whether the service lists a snapshot's operations by its name. Gives the failure where none can be found
 * because the service doesn't say, and undefined where it says that there is none.
 */
export async function findOperation(
  snapshotName: string,
  lightsail: OperationLists,
  signal: AbortSignal | undefined,
  clock: Clock,
): Promise<Operation | ServiceFailure | undefined> {
  const untilMs = clock.monotonic() + lookForMs
  const patience = { untilMs, signal }
  for (;;) {
    const found = await lookEverywhere(snapshotName, lightsail, patience)
    if (found !== undefined || clock.monotonic() + pauseMs > untilMs || signal?.aborted) return found
    await clock.sleep(pauseMs, signal).catch(() => {})
  }
}

async function lookEverywhere(
  snapshotName: string,
  lightsail: OperationLists,
  patience: Patience,
): Promise<Operation | ServiceFailure | undefined> {
  // Not for as long as there is time: the account's operations have it too.
  const brief = { ...patience, attempts: 2 }
  const ofResource = (token: string | undefined) => lightsail.operationsOf(snapshotName, token, brief)
  const ofAccount = (token: string | undefined) => lightsail.listOperations(token, patience)
  const first = await look(ofResource, snapshotName)
  return first !== undefined && !(first instanceof ServiceFailure) ? first : look(ofAccount, snapshotName)
}

async function look(
  readPage: (token: string | undefined) => Promise<Page<Operation>>,
  snapshotName: string,
): Promise<Operation | ServiceFailure | undefined> {
  try {
    let token: string | undefined
    for (let pages = 0; pages < mostPages; pages += 1) {
      const { items, nextPageToken } = await readPage(token)
      const found = newest(items.filter((operation) => makes(operation, snapshotName)))
      if (found !== undefined || nextPageToken === undefined) return found
      token = nextPageToken
    }
    return undefined
  } catch (error) {
    if (error instanceof ServiceFailure) return error
    throw error
  }
}

function makes({ resourceType, resourceName, operationType }: Operation, snapshotName: string): boolean {
  return (
    resourceType === 'DiskSnapshot' && resourceName === snapshotName && operationType === 'CreateDiskSnapshot'
  )
}

/** A name may have been used before, for a snapshot that is gone. */
function newest(operations: readonly Operation[]): Operation | undefined {
  const time = ({ createdAt }: Operation) => createdAt?.getTime() ?? 0
  return [...operations].sort((a, b) => time(b) - time(a))[0]
}
