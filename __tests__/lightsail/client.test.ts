import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/server.js'
import { type Lightsail, openLightsail } from '../../src/lightsail/client.js'
import { withService } from '../support/answering-service.js'
import { clientEnvironment, region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'

const environmentBefore = { ...process.env }
let emulator: Emulator
let lightsail: Lightsail

beforeEach(async () => {
  emulator = await startFilledEmulator({ snapshotDurationMs: 60_000 })
  Object.assign(process.env, clientEnvironment(emulator))
  lightsail = openLightsail(region, new FakeClock())
})
afterEach(async () => {
  lightsail.close()
  process.env = { ...environmentBefore }
  await emulator.close()
})

const disk = { type: 'disk', name: 'shop-data' } as const
const patience = { untilMs: 60_000 }
const request = { source: disk, snapshotName: 'snap', tags: [] }

/** What a client makes of a service that answers everything with this. */
function against<T>(answer: object, work: (client: Lightsail) => Promise<T>): Promise<T> {
  return withService({ body: JSON.stringify(answer) }, async (url) => {
    process.env['AWS_ENDPOINT_URL_LIGHTSAIL'] = url
    const client = openLightsail(region, new FakeClock())
    try {
      return await work(client)
    } finally {
      client.close()
    }
  })
}

describe('Lightsail', () => {
  test('starts a snapshot and gives the operation on it, whichever comes first in the answer', async () => {
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

  test('tells a snapshot and an operation that are not there from a failure', async () => {
    expect(await lightsail.getDiskSnapshot('nothing', patience)).toBeUndefined()
    expect(await lightsail.getOperation('nothing', patience)).toBeUndefined()
  })

  test('describes a snapshot and its operation', async () => {
    const { id } = await lightsail.createDiskSnapshot(request, patience)
    expect(await lightsail.getDiskSnapshot('snap', patience)).toEqual({
      name: 'snap',
      arn: expect.stringMatching(/^arn:aws:lightsail:/),
      state: 'pending',
      progress: expect.stringMatching(/^\d+%$/),
      sizeInGb: 32,
      createdAt: expect.any(Date),
      source: { type: 'disk', name: 'shop-data' },
      tags: [],
      isAutomatic: false,
    })
    expect(await lightsail.getOperation(id, patience)).toMatchObject({
      id,
      status: 'Started',
      errorCode: null,
    })
  })

  test('says who it is', async () => {
    await lightsail.checkSource(disk, patience)
    expect(emulator.requests[0]?.userAgent).toContain('lightsail-disk-snapshot')
  })

  test.each(['disk', 'instance'] as const)('finds a %s that is not there', async (type) => {
    const failure = await failureOf(() => lightsail.checkSource({ type, name: 'nothing' }, patience))
    expect(failure.message).toContain(`There is no ${type} "nothing" in eu-central-1`)
  })

  test('takes the operation by name where the service leaves out its type', async () => {
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
      status: '',
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

  test('makes what it can of a snapshot with few members, and of an empty answer', async () => {
    const few = {
      name: 'snap',
      arn: null,
      state: 'unknown',
      progress: null,
      sizeInGb: null,
      createdAt: null,
      source: null,
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
    const first = await lightsail.listNames('disk', undefined, patience)
    const second = await lightsail.listNames('disk', first.nextPageToken, patience)
    expect([first.items, second.items, second.nextPageToken]).toEqual([['shop-data'], ['logs'], undefined])
    expect((await lightsail.listNames('instance', undefined, patience)).items).toEqual(['wordpress'])
    const snapshots = await lightsail.listDiskSnapshots(undefined, patience)
    expect(snapshots.items.map(({ name }) => name)).toEqual(['snap'])
    const older = await lightsail.listOperations(undefined, patience)
    const newer = await lightsail.listOperations(older.nextPageToken, patience)
    expect([...older.items, ...newer.items].map(({ resourceName }) => resourceName)).toEqual([
      'snap',
      'shop-data',
    ])
    expect(await lightsail.attachedDisks('wordpress', patience)).toEqual([{ type: 'disk', name: 'logs' }])
  })

  test('that is empty is no failure', async () => {
    const empty = { items: [], nextPageToken: undefined }
    const lists = await against({}, (client) =>
      Promise.all([
        client.listNames('disk', undefined, patience),
        client.listNames('instance', undefined, patience),
        client.listDiskSnapshots(undefined, patience),
        client.listOperations(undefined, patience),
      ]),
    )
    expect(lists).toEqual([empty, empty, empty, empty])
    expect(await against({}, (client) => client.attachedDisks('wordpress', patience))).toEqual([])
  })
})

describe('a create request', () => {
  // Connections that break are for the end-to-end tests: in Jest's realm the SDK doesn't know Node's errors for errors.
  test.each(['internal-error', 'unavailable', 'unreadable-body'] as const)(
    'is not sent again by itself when it meets %s: it may have been carried out',
    async (fault) => {
      emulator.faults.add({ operation: 'CreateDiskSnapshot', fault, occurrences: 'all' })
      await failureOf(() => lightsail.createDiskSnapshot(request, patience))
      expect(emulator.requests).toHaveLength(1)
    },
  )

  test('is sent again when it is throttled', async () => {
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
