// What the emulator can't do: omit the Date header, and leave a snapshot out of single responses.
import { describe, expect, test } from '@jest/globals'
import { type Lineage, lineageNamed } from '../../src/domain/lineage.js'
import type { DiskSnapshot, Operation } from '../../src/lightsail/types.js'
import { decideAll, type PrunePlan, type PruningService } from '../../src/retention/candidates.js'
import { deleteAll } from '../../src/retention/deletion.js'
import { FakeClock } from '../support/fake-clock.js'

const day = 86_400_000
/** The time of the newest snapshot, long before the runner's time. */
const newest = Date.parse('2026-01-31T00:00:00Z')

function snapshot(name: string, days: number): DiskSnapshot {
  return {
    type: 'disk',
    name,
    arn: `arn:snapshot:${name}`,
    state: 'completed',
    progress: null,
    sizeInGb: 32,
    createdAt: new Date(newest - days * day),
    source: { type: 'disk', name: 'shop-data' },
    sourceArn: 'arn:disk',
    tags: [
      { key: 'managed-by', value: 'lightsail-disk-snapshot' },
      { key: 'repository', value: 'octo-org/web-shop' },
    ],
    isAutomatic: false,
    bundleId: null,
  }
}

const started: Operation = {
  id: '1',
  resourceType: 'DiskSnapshot',
  resourceName: 'old',
  operationType: 'DeleteDiskSnapshot',
  status: 'started',
  createdAt: null,
  errorCode: null,
  errorDetails: null,
}

const all = [snapshot('new', 0), snapshot('old', 13), snapshot('older', 15)]

function service(changes: Partial<PruningService> = {}): PruningService {
  return {
    region: 'eu-central-1',
    serviceTime: () => undefined,
    listDiskSnapshots: async () => ({ items: all, nextPageToken: undefined }),
    getDiskSnapshot: async (name) => all.find((one) => one.name === name),
    deleteDiskSnapshot: async () => started,
    getInstanceSnapshot: async () => undefined,
    listInstanceSnapshots: async () => ({ items: [], nextPageToken: undefined }),
    deleteInstanceSnapshot: async () => undefined,
    getOperation: async () => started,
    ...changes,
  }
}

function plan(retention: PrunePlan['retention']): PrunePlan {
  return {
    snapshotType: 'disk',
    lineages: [lineageNamed('disk', 'shop-data', 'arn:disk')],
    repository: 'octo-org/web-shop',
    retention,
    justTaken: new Set(),
    upcoming: [],
  }
}

function toolsFor(lightsail: PruningService) {
  const clock = new FakeClock()
  return { lightsail, clock, patience: { untilMs: 60_000 } }
}

describe("a snapshot's age, if responses have no date,", () => {
  test("is measured from the newest snapshot in the list, never by the runner's clock", async () => {
    const byAge = plan({ keepLast: undefined, keepWithinMs: 14 * day })
    const { candidates } = await decideAll(byAge, toolsFor(service()))
    expect(candidates.filter(({ stays }) => !stays).map((one) => one.snapshot.name)).toEqual(['older'])
  })
})

test('a snapshot in two lineages of a step is judged once, and kept if either keeps it', async () => {
  const replacement = snapshot('replacement', 1)
  const tags = [...replacement.tags, { key: 'lineage', value: 'shop-data' }]
  const items = [...all, { ...replacement, tags, source: { type: 'disk', name: 'restored' } as const }]
  const keepOne = plan({ keepLast: 1, keepWithinMs: undefined })
  const [own = lineageNamed('disk', '')] = keepOne.lineages
  const tools = toolsFor(service({ listDiskSnapshots: async () => ({ items, nextPageToken: undefined }) }))
  const kept = async (...lineages: readonly Lineage[]) => {
    const { candidates } = await decideAll({ ...keepOne, lineages }, tools)
    expect(candidates).toHaveLength(4)
    return candidates.filter(({ stays }) => stays).map((one) => one.snapshot.name)
  }
  const replaced = { ...own, isReplaced: true }
  expect(await kept(replaced)).toEqual(['new'])
  expect(await kept(own)).toEqual(['new', 'replacement'])
  expect(await kept(replaced, own)).toEqual(['new', 'replacement'])
  expect(await kept(own, replaced)).toEqual(['new', 'replacement'])
})

describe('a snapshot to delete', () => {
  const keepOne = plan({ keepLast: 2, keepWithinMs: undefined })

  /** The snapshot is missing from these responses, counted from 1. */
  function missingIn(...missing: readonly number[]) {
    let reads = 0
    return async (name: string) => {
      reads += 1
      return missing.includes(reads) ? undefined : all.find((one) => one.name === name)
    }
  }

  async function fateWith(changes: Partial<PruningService>) {
    const tools = toolsFor(service(changes))
    const { candidates } = await decideAll(keepOne, tools)
    const ended = await deleteAll(candidates, tools)
    return ended.find(({ stays }) => !stays)?.fate
  }

  // The first read checks the permission, the second comes right before the request.
  test('is still deleted if one response before the request lacks it', async () => {
    const deleteDiskSnapshot = async (): Promise<Operation> => ({ ...started, status: 'succeeded' })
    expect(await fateWith({ getDiskSnapshot: missingIn(2), deleteDiskSnapshot })).toBe('deleted')
  })

  test('has an unknown outcome if only one response after the request lacks it', async () => {
    expect(await fateWith({ getDiskSnapshot: missingIn(3) })).toBe('unknown')
  })

  test('counts as deleted if two responses in a row after the request lack it', async () => {
    expect(await fateWith({ getDiskSnapshot: missingIn(3, 5, 6) })).toBe('deleted')
  })
})

test('no deletion begins after a cancellation or timeout, even one just before the request', async () => {
  let deletions = 0
  const deleteDiskSnapshot = async () => {
    deletions += 1
    return started
  }
  const keepTwo = plan({ keepLast: 2, keepWithinMs: undefined })
  const { candidates } = await decideAll(keepTwo, toolsFor(service()))
  const ends: readonly ((cancel: AbortController, clock: FakeClock) => void)[] = [
    (cancel) => cancel.abort(),
    (_, clock) => void clock.sleep(60_000),
  ]
  for (const end of ends) {
    const cancel = new AbortController()
    let reads = 0
    const getDiskSnapshot = async (name: string) => {
      reads += 1
      // The first read checks the permission.
      if (reads === 2) end(cancel, tools.clock)
      return all.find((one) => one.name === name)
    }
    const tools = {
      ...toolsFor(service({ getDiskSnapshot, deleteDiskSnapshot })),
      patience: { untilMs: 60_000, signal: cancel.signal },
    }
    const ended = await deleteAll(candidates, tools)
    expect([deletions, ended.map(({ fate }) => fate)]).toEqual([0, ['untouched', 'untouched', 'untouched']])
  }
})
