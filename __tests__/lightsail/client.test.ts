import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { type Lightsail, openLightsail } from '../../src/lightsail/client.js'
import { againstService } from '../support/answering-service.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'
import { useEmulator } from '../support/use-emulator.js'

let emulator: Emulator
let lightsail: Lightsail

useEmulator(async () => {
  emulator = await startFilledEmulator({ snapshotDurationMs: 60_000 })
  return emulator
})
beforeEach(() => {
  lightsail = openLightsail(region, new FakeClock())
})
afterEach(() => lightsail.close())

const disk = { type: 'disk', name: 'shop-data' } as const
const patience = { untilMs: 60_000 }
const request = { source: disk, snapshotName: 'snap', tags: [] }

/** What a client returns if the service answers everything with this. */
function against<T>(answer: object, work: (client: Lightsail) => Promise<T>): Promise<T> {
  return againstService({ body: JSON.stringify(answer) }, work)
}

describe('Lightsail', () => {
  test('starts a snapshot and returns the operation on it, whichever comes first in the response', async () => {
    const first = await lightsail.createDiskSnapshot(request, patience)
    emulator.behaviour.firstOperation = 'source'
    const second = await lightsail.createDiskSnapshot({ ...request, snapshotName: 'snap-2' }, patience)
    const byId = new Map(
      emulator
        .region(region)
        .allOperations(Date.now())
        .map((operation) => [operation.id, operation]),
    )
    expect([byId.get(first.id)?.resourceName, byId.get(second.id)?.resourceName]).toEqual(['snap', 'snap-2'])
  })

  test("returns undefined for a snapshot and an operation that don't exist", async () => {
    expect(await lightsail.getDiskSnapshot('nothing', patience)).toBeUndefined()
    expect(await lightsail.getOperation('nothing', patience)).toBeUndefined()
  })

  test('describes a snapshot and its operation', async () => {
    const { id } = await lightsail.createDiskSnapshot(request, patience)
    expect(await lightsail.getDiskSnapshot('snap', patience)).toEqual({
      type: 'disk',
      bundleId: null,
      name: 'snap',
      arn: expect.stringMatching(/^arn:aws:lightsail:/),
      state: 'pending',
      progress: expect.stringMatching(/^\d+%$/),
      sizeInGb: 32,
      createdAt: expect.any(Date),
      source: { type: 'disk', name: 'shop-data' },
      sourceArn: emulator.region(region).disk('shop-data', Date.now()).arn,
      tags: [],
      isAutomatic: false,
    })
    expect(await lightsail.getOperation(id, patience)).toMatchObject({
      id,
      status: 'started',
      errorCode: null,
    })
  })

  test('identifies itself in the user agent', async () => {
    await lightsail.getDisk('shop-data', patience)
    expect(emulator.requests[0]?.userAgent).toContain('lightsail-disk-snapshot')
  })

  test('takes the operation by name if the service leaves out its type', async () => {
    const operations = [
      { id: 'of-the-source', resourceName: 'shop-data' },
      { id: 'right', resourceName: 'snap' },
    ]
    const operation = await against({ operations }, (client) => client.createDiskSnapshot(request, patience))
    expect(operation).toEqual({
      id: 'right',
      resourceType: '',
      resourceName: 'snap',
      operationType: '',
      status: 'started',
      createdAt: null,
      errorCode: null,
      errorDetails: null,
    })
  })

  test.each([
    [{}],
    [{ operations: [] }],
    [{ operations: [{ resourceType: 'DiskSnapshot' }] }],
    [{ operations: [{ id: 'x', resourceType: 'Disk', resourceName: 'shop-data' }] }],
  ])('says that an operation is missing in %j', async (answer) => {
    const failure = await failureOf(() =>
      against(answer, (client) => client.createDiskSnapshot(request, patience)),
    )
    expect(failure.message).toContain('accepted the snapshot "snap" but named no operation')
  })

  test('reads what it can from a snapshot with few members, and from an empty response', async () => {
    const few = {
      type: 'disk',
      bundleId: null,
      name: 'snap',
      arn: null,
      state: 'pending',
      progress: null,
      sizeInGb: null,
      createdAt: null,
      source: null,
      sourceArn: null,
      tags: [],
      isAutomatic: false,
    }
    expect(
      await against({ diskSnapshot: { name: 'snap' } }, (client) => client.getDiskSnapshot('snap', patience)),
    ).toEqual(few)
    expect(await against({ diskSnapshot: {} }, (client) => client.getDiskSnapshot('snap', patience))).toEqual(
      few,
    )
    expect(await against({}, (client) => client.getDiskSnapshot('snap', patience))).toBeUndefined()
    expect(await against({ operation: {} }, (client) => client.getOperation('x', patience))).toBeUndefined()
  })
})

describe('a list', () => {
  test('of disks, instances, snapshots and operations is read page by page', async () => {
    emulator.behaviour.pageSize = 1
    emulator.region(region).addDisk('logs', 8, Date.now(), 'wordpress')
    await lightsail.createDiskSnapshot(request, patience)
    const first = await lightsail.listDisks(undefined, patience)
    const second = await lightsail.listDisks(first.nextPageToken, patience)
    expect([first, second].map(({ items }) => items.map(({ name }) => name))).toEqual([
      ['shop-data'],
      ['logs'],
    ])
    expect(second.nextPageToken).toBeUndefined()
    const instances = await lightsail.listInstances(undefined, patience)
    // A list has no health.
    expect(instances.items).toEqual([
      { ...(await lightsail.getInstance('wordpress', patience)), reachability: null },
    ])
    const snapshots = await lightsail.listDiskSnapshots(undefined, patience)
    expect(snapshots.items.map(({ name }) => name)).toEqual(['snap'])
    const newer = await lightsail.listOperations(undefined, patience)
    const older = await lightsail.listOperations(newer.nextPageToken, patience)
    expect([...newer.items, ...older.items].map(({ resourceName }) => resourceName)).toEqual([
      'shop-data',
      'snap',
    ])
  })

  test('that is empty is no failure', async () => {
    const empty = { items: [], nextPageToken: undefined }
    const lists = await against({}, (client) =>
      Promise.all([
        client.listDisks(undefined, patience),
        client.listInstances(undefined, patience),
        client.listDiskSnapshots(undefined, patience),
        client.listOperations(undefined, patience),
        client.operationsOf('snap', undefined, patience),
      ]),
    )
    expect(lists).toEqual([empty, empty, empty, empty, empty])
  })
})

describe('the deletion of a snapshot', () => {
  const remove = () => lightsail.deleteDiskSnapshot('snap', patience)

  test('returns its operation', async () => {
    await lightsail.createDiskSnapshot(request, patience)
    expect(await remove()).toMatchObject({
      resourceType: 'DiskSnapshot',
      resourceName: 'snap',
      operationType: 'DeleteDiskSnapshot',
    })
    expect(await lightsail.getDiskSnapshot('snap', patience)).toBeUndefined()
  })

  test('returns undefined if there is no such snapshot', async () => {
    expect(await remove()).toBeUndefined()
  })

  test('is not sent again after a lost response: by then the name may be that of another snapshot', async () => {
    await lightsail.createDiskSnapshot(request, patience)
    emulator.faults.add({
      operation: 'DeleteDiskSnapshot',
      fault: 'internal-error-after',
      occurrences: 'all',
    })
    expect(await failureOf(remove)).toMatchObject({ errorClass: 'server' })
    const sent = emulator.requests.filter(({ operation }) => operation === 'DeleteDiskSnapshot')
    expect(sent).toHaveLength(1)
  })
})

describe('the tagging of a resource', () => {
  const tags = [
    { key: 'replaces', value: 'shop-data' },
    { key: 'pinned', value: undefined },
  ]

  test('adds new tags, and replaces the value of an existing key', async () => {
    await lightsail.tagResource('shop-data', [{ key: 'replaces', value: 'before' }], patience)
    await lightsail.tagResource('shop-data', [{ key: 'stage', value: 'test' }], patience)
    await lightsail.tagResource('shop-data', tags, patience)
    const found = await lightsail.getDisk('shop-data', patience)
    const byKey = (one: { key: string }, other: { key: string }) => one.key.localeCompare(other.key)
    expect([...(found?.tags ?? [])].sort(byKey)).toEqual([
      { key: 'pinned', value: undefined },
      { key: 'replaces', value: 'shop-data' },
      { key: 'stage', value: 'test' },
    ])
  })

  test('is retried after a lost response: it sets the same tags', async () => {
    emulator.faults.add({ operation: 'TagResource', fault: 'internal-error-after', occurrences: [1] })
    await lightsail.tagResource('shop-data', tags, patience)
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['TagResource', 'TagResource'])
  })

  test('that is denied names the permission', async () => {
    emulator.faults.add({ operation: 'TagResource', fault: 'access-denied', occurrences: 'all' })
    const failure = await failureOf(() => lightsail.tagResource('shop-data', tags, patience))
    expect(failure.message).toContain('Not allowed: lightsail:TagResource for "shop-data"')
    expect(failure.advice).toContain('Add lightsail:TagResource to the policy')
  })
})

describe('a create request', () => {
  // Broken connections are left to the end-to-end tests: in Jest's realm the SDK doesn't recognize Node's errors.
  test.each(['internal-error', 'unavailable', 'unreadable-body'] as const)(
    "isn't retried after %s: it may have been carried out",
    async (fault) => {
      emulator.faults.add({ operation: 'CreateDiskSnapshot', fault, occurrences: 'all' })
      await failureOf(() => lightsail.createDiskSnapshot(request, patience))
      expect(emulator.requests).toHaveLength(1)
    },
  )

  test('is retried when it is throttled', async () => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'throttle', occurrences: [1, 2] })
    await lightsail.createDiskSnapshot(request, patience)
    expect(emulator.requests).toHaveLength(3)
  })

  test('for a name that is taken says whose name it is', async () => {
    const failure = await failureOf(() =>
      lightsail.createDiskSnapshot({ ...request, snapshotName: 'wordpress' }, patience),
    )
    expect(failure.message).toContain('The name of snapshot "wordpress" is already in use in eu-central-1')
  })
})
