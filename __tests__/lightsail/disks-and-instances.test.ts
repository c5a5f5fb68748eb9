// Requests about disks and instances, and how their responses are read.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import { type Lightsail, openLightsail } from '../../src/lightsail/client.js'
import { againstService } from '../support/answering-service.js'
import { region } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'
import { startShop } from '../support/restore.js'
import { useEmulator } from '../support/use-emulator.js'

let emulator: Emulator
let lightsail: Lightsail
let clock: FakeClock

useEmulator(async () => {
  clock = new FakeClock()
  emulator = await startShop(everyChangeTakes(10_000), () => clock.now())
  return emulator
})
beforeEach(() => {
  lightsail = openLightsail(region, clock)
})
afterEach(() => lightsail.close())

// Their callers look at the states before they retry a request that didn't fit them.
const patience = { untilMs: 600_000, retriesNotNow: false }
const request = {
  diskName: 'restored',
  snapshotName: 'new',
  availabilityZone: `${region}a`,
  sizeInGb: 40,
  tags: [
    { key: 'a', value: 'b' },
    { key: 'c', value: undefined },
  ],
}

/** What a client returns if the service answers everything with this. */
function against<T>(answer: object, work: (client: Lightsail) => Promise<T>): Promise<T> {
  return againstService({ body: JSON.stringify(answer) }, work)
}

describe('a disk', () => {
  test('is described with where it is attached', async () => {
    expect(await lightsail.getDisk('shop-data', patience)).toEqual({
      name: 'shop-data',
      arn: emulator.region(region).disk('shop-data', clock.now()).arn,
      state: 'in-use',
      sizeInGb: 32,
      availabilityZone: 'eu-central-1a',
      attachedTo: 'shop',
      path: '/dev/xvdf',
      volumeId: null,
      tags: [],
    })
    const disk = { supportCode: '123456789012/vol-0a1b2c3d' }
    const described = await against({ disk }, (client) => client.getDisk('x1', patience))
    expect(described?.volumeId).toBe('vol-0a1b2c3d')
  })

  test("that doesn't exist is undefined, not a failure", async () => {
    expect(await lightsail.getDisk('nothing', patience)).toBeUndefined()
    emulator.faults.add({ operation: 'GetDisk', fault: 'access-denied', occurrences: 'all' })
    expect((await failureOf(() => lightsail.getDisk('nothing', patience))).message).toContain('Not allowed')
  })

  test('has nothing that the response leaves out, and not where it was attached before', async () => {
    const unknown = { arn: null, state: 'unknown', sizeInGb: null, availabilityZone: null, tags: [] }
    const loose = { ...unknown, attachedTo: null, path: null, volumeId: null }
    const bare = await against({ disk: {} }, (client) => client.getDisk('x1', patience))
    expect(bare).toEqual({ name: 'x1', ...loose })
    const left = {
      disk: { isAttached: false, attachedTo: 'shop', path: '/dev/xvdf', tags: [{}, { key: 'a' }] },
    }
    const detached = await against(left, (client) => client.getDisk('x1', patience))
    expect(detached).toEqual({ name: 'x1', ...loose, tags: [{ key: 'a', value: undefined }] })
  })

  test('is in the list, page by page', async () => {
    emulator.region(region).addDisk('other', 8, clock.now(), undefined, { tags: [{ key: 'a', value: 'b' }] })
    emulator.behaviour.pageSize = 1
    const first = await lightsail.listDisks(undefined, patience)
    expect(first.items).toEqual([await lightsail.getDisk('shop-data', patience)])
    const second = await lightsail.listDisks(first.nextPageToken, patience)
    expect(second).toMatchObject({ items: [{ name: 'other', tags: [{ key: 'a', value: 'b' }] }] })
    expect(second.nextPageToken).toBeUndefined()
  })
})

describe('a disk from a snapshot', () => {
  test('is created as requested, and its operation is returned', async () => {
    expect(await lightsail.createDiskFromSnapshot(request, patience)).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceType: 'Disk',
      resourceName: 'restored',
      operationType: 'CreateDiskFromSnapshot',
      status: 'started',
    })
    expect(emulator.requests.at(-1)?.input).toEqual({
      diskName: 'restored',
      diskSnapshotName: 'new',
      availabilityZone: 'eu-central-1a',
      sizeInGb: 40,
      tags: [{ key: 'a', value: 'b' }, { key: 'c' }],
    })
  })

  test.each([
    [
      { diskName: 'shop-data' },
      'name-taken',
      'The name of disk "shop-data" is already in use',
      'another name',
    ],
    [{ snapshotName: 'gone' }, 'not-found', 'There is no snapshot "gone" in eu-central-1', 'the snapshot'],
    [{ sizeInGb: 8 }, 'invalid', 'refused CreateDiskFromSnapshot for disk "restored"', 'Fix what'],
  ])('%j is refused with a message about what is wrong', async (changes, errorClass, message, advice) => {
    const failure = await failureOf(() =>
      lightsail.createDiskFromSnapshot({ ...request, ...changes }, patience),
    )
    expect(failure).toMatchObject({
      errorClass,
      message: expect.stringContaining(message),
      advice: expect.stringContaining(advice),
    })
  })

  test('that is denied names both permissions', async () => {
    emulator.faults.add({ operation: 'CreateDiskFromSnapshot', fault: 'access-denied', occurrences: 'all' })
    const { advice } = await failureOf(() => lightsail.createDiskFromSnapshot(request, patience))
    expect(advice).toContain('lightsail:CreateDiskFromSnapshot and lightsail:TagResource')
  })

  test('without an operation in the response is an unreadable response', async () => {
    const failure = against({ operations: [] }, (client) =>
      failureOf(() => client.createDiskFromSnapshot(request, patience)),
    )
    expect(await failure).toMatchObject({ errorClass: 'unreadable' })
  })
})

describe('an attachment', () => {
  test('returns the operation on the disk, not the one on the instance', async () => {
    await lightsail.createDiskFromSnapshot(request, patience)
    clock.elapsed += 10_000
    const operation = await lightsail.attachDisk('restored', 'shop', '/dev/xvdg', patience)
    expect(operation).toMatchObject({
      resourceType: 'Disk',
      resourceName: 'restored',
      operationType: 'AttachDisk',
    })
    clock.elapsed += 10_000
    expect(await lightsail.getDisk('restored', patience)).toMatchObject({
      attachedTo: 'shop',
      path: '/dev/xvdg',
    })
  })

  test('at a path in use is refused with a message about the path', async () => {
    await lightsail.createDiskFromSnapshot(request, patience)
    clock.elapsed += 10_000
    const failure = await failureOf(() => lightsail.attachDisk('restored', 'shop', '/dev/xvdf', patience))
    expect(failure).toMatchObject({
      errorClass: 'invalid',
      message:
        'Lightsail in eu-central-1 refused AttachDisk for disk "restored": InvalidInputException, The disk path /dev/xvdf is already in use on shop.',
      advice: 'Give a path that is free on instance "shop".',
    })
  })

  test('can be ended only on a stopped instance', async () => {
    const detach = () => lightsail.detachDisk('shop-data', patience)
    expect((await failureOf(detach)).message).toContain("can't detach this disk right now")
    await lightsail.stopInstance('shop', patience)
    clock.elapsed += 10_000
    expect(await detach()).toMatchObject({ resourceType: 'Disk', operationType: 'DetachDisk' })
    clock.elapsed += 10_000
    expect(await lightsail.getDisk('shop-data', patience)).toMatchObject({
      state: 'available',
      attachedTo: null,
    })
  })
})

describe('access to an instance', () => {
  const accessTo = (accessDetails: object) =>
    against({ accessDetails }, (client) => client.getInstanceAccess('x1', patience))

  test('has only the host keys that are complete', async () => {
    const key = { algorithm: 'ssh-ed25519', publicKey: 'AAAAC3' }
    const details = { username: 'admin', ipAddress: '192.0.2.1', privateKey: 'KEY', certKey: 'CERT' }
    const hostKeys = [{ ...key, witnessedAt: 1790000000 }, { algorithm: 'ssh-rsa' }]
    expect(await accessTo({ ...details, ipv6Addresses: ['2001:db8::1'], hostKeys })).toEqual({
      userName: 'admin',
      address: '192.0.2.1',
      privateKey: 'KEY',
      certificate: 'CERT',
      hostKeys: [key],
    })
  })

  test('uses an IPv6 address if there is no other', async () => {
    expect((await accessTo({ ipv6Addresses: ['2001:db8::1', '2001:db8::2'] }))?.address).toBe('2001:db8::1')
    expect((await accessTo({}))?.address).toBe('')
  })

  test("to one that doesn't exist is undefined, not a failure", async () => {
    expect(await lightsail.getInstanceAccess('nothing', patience)).toBeUndefined()
    const rule = {
      operation: 'GetInstanceAccessDetails',
      fault: 'access-denied',
      occurrences: 'all',
    } as const
    emulator.faults.add(rule)
    const { message, advice } = await failureOf(() => lightsail.getInstanceAccess('shop', patience))
    expect(message).toContain('Not allowed')
    expect(advice).toContain('lightsail:GetInstanceAccessDetails')
  })
})

describe('an instance', () => {
  test('is described with its disks', async () => {
    expect(await lightsail.getInstance('shop', patience)).toEqual({
      name: 'shop',
      arn: emulator.region(region).instance('shop', clock.now()).arn,
      state: 'running',
      availabilityZone: 'eu-central-1a',
      hasStaticIp: false,
      publicAddress: '192.0.2.10',
      addressType: 'dualstack',
      bundleId: 'small_3_0',
      reachability: 'passed',
      tags: [],
      disks: [
        { name: '', path: '/dev/xvda', isSystemDisk: true, sizeInGb: 60 },
        { name: 'shop-data', path: '/dev/xvdf', isSystemDisk: false, sizeInGb: 32 },
      ],
    })
    const nameless = { hardware: { disks: [{}] } }
    const described = await against({ instance: nameless }, (client) => client.getInstance('x1', patience))
    expect(described?.disks).toEqual([{ name: '', path: null, isSystemDisk: false, sizeInGb: null }])
    emulator.region(region).addInstance('fixed', 20, clock.now(), { isStaticIp: true })
    expect(await lightsail.getInstance('fixed', patience)).toMatchObject({ hasStaticIp: true })
  })

  test("that doesn't exist is undefined, and one that the service doesn't describe has no values", async () => {
    expect(await lightsail.getInstance('nothing', patience)).toBeUndefined()
    expect(await against({ instance: {} }, (client) => client.getInstance('x1', patience))).toEqual({
      name: 'x1',
      arn: null,
      state: 'unknown',
      availabilityZone: null,
      hasStaticIp: false,
      publicAddress: null,
      addressType: null,
      bundleId: null,
      reachability: null,
      tags: [],
      disks: [],
    })
  })

  test('is stopped and started', async () => {
    expect(await lightsail.stopInstance('shop', patience)).toMatchObject({
      resourceType: 'Instance',
      resourceName: 'shop',
      operationType: 'StopInstance',
    })
    expect(await lightsail.getInstance('shop', patience)).toMatchObject({ state: 'stopping' })
    clock.elapsed += 10_000
    expect(await lightsail.startInstance('shop', patience)).toMatchObject({ operationType: 'StartInstance' })
    clock.elapsed += 10_000
    expect(await lightsail.getInstance('shop', patience)).toMatchObject({ state: 'running' })
  })
})

describe('a request that changes something', () => {
  const requests: readonly (readonly [string, (client: Lightsail) => Promise<unknown>])[] = [
    ['CreateDiskFromSnapshot', (client) => client.createDiskFromSnapshot(request, patience)],
    ['AttachDisk', (client) => client.attachDisk('shop-data', 'shop', '/dev/xvdg', patience)],
    ['DetachDisk', (client) => client.detachDisk('shop-data', patience)],
    ['StopInstance', (client) => client.stopInstance('shop', patience)],
    ['StartInstance', (client) => client.startInstance('shop', patience)],
  ]

  test.each(requests)("isn't retried after a lost response: %s", async (operation, send) => {
    emulator.faults.add({ operation, fault: 'internal-error-after', occurrences: 'all' })
    expect(await failureOf(() => send(lightsail))).toMatchObject({ errorClass: 'server' })
    expect(emulator.requests.map((seen) => seen.operation)).toEqual([operation])
  })

  test.each(requests)('is retried if it was certainly not carried out: %s', async (operation, send) => {
    emulator.faults.add({ operation, fault: 'throttle', occurrences: [1, 2] })
    await send(lightsail).catch(() => undefined)
    expect(emulator.requests.map((seen) => seen.operation)).toEqual([operation, operation, operation])
  })
})
