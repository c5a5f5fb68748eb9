// Disks created from snapshots: their states, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { region } from '../support/emulated.js'
import { type Clocked, notNow, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ diskDurationMs: 100_000 })
  const { account } = site
  const now = site.now()
  account.addDisk('data', 32, now)
  const source = { type: 'disk', name: 'data' } as const
  account.putSnapshot({ name: 'snap', source, createdAt: now })
  account.putSnapshot({ name: 'unfinished', source, createdAt: now, state: 'pending' })
  account.putSnapshot({ name: 'broken', source, createdAt: now, state: 'error' })
})
afterEach(() => site.emulator.close())

const wanted = {
  diskName: 'restored',
  diskSnapshotName: 'snap',
  availabilityZone: `${region}c`,
  sizeInGb: 32,
}

function createDisk(changes: object = {}) {
  return site.send('CreateDiskFromSnapshot', { ...wanted, ...changes })
}

describe('a disk created from a snapshot', () => {
  test('is pending until it is available', async () => {
    await createDisk()
    expect(await site.diskAfter(0, 'restored')).toEqual(['pending', false, undefined, undefined])
    expect(await site.diskAfter(99, 'restored')).toEqual(['pending', false, undefined, undefined])
    expect(await site.diskAfter(100, 'restored')).toEqual(['available', false, undefined, undefined])
  })

  test('has the requested size, tags and Availability Zone', async () => {
    await createDisk({ sizeInGb: 64, tags: [{ key: 'a', value: 'b' }] })
    const { body } = await site.send('GetDisk', { diskName: 'restored' })
    expect(body.disk).toMatchObject({
      sizeInGb: 64,
      tags: [{ key: 'a', value: 'b' }],
      location: { availabilityZone: `${region}c`, regionName: region },
    })
  })

  test('has one operation, which succeeds with it', async () => {
    const { body } = await createDisk()
    expect(body.operations).toMatchObject([
      {
        operationType: 'CreateDiskFromSnapshot',
        resourceType: 'Disk',
        resourceName: 'restored',
        status: 'Started',
        isTerminal: false,
        location: { availabilityZone: `${region}c` },
      },
    ])
    expect(await site.operationAfter(99, 'restored')).toEqual([
      'CreateDiskFromSnapshot',
      'Started',
      false,
      undefined,
    ])
    expect(await site.operationAfter(100, 'restored')).toEqual([
      'CreateDiskFromSnapshot',
      'Succeeded',
      true,
      undefined,
    ])
  })

  test('can end in error, and its operation fails with it', async () => {
    site.set({ diskEnd: 'error' })
    await createDisk()
    expect(await site.diskAfter(100, 'restored')).toEqual(['error', false, undefined, undefined])
    expect(await site.operationAfter(100, 'restored')).toEqual([
      'CreateDiskFromSnapshot',
      'Failed',
      true,
      'DiskCreationFailed',
    ])
  })

  test('can be stuck in pending forever', async () => {
    site.set({ diskEnd: 'stuck' })
    await createDisk()
    expect(await site.diskAfter(1e9, 'restored')).toEqual(['pending', false, undefined, undefined])
    expect(await site.operationAfter(1e9, 'restored')).toEqual([
      'CreateDiskFromSnapshot',
      'Started',
      false,
      undefined,
    ])
  })

  test('can be hidden at first', async () => {
    site.set({ invisibleMs: 5000 })
    await createDisk()
    expect(await site.diskAfter(4.9, 'restored')).toBe('NotFoundException')
    expect(await site.diskAfter(5, 'restored')).toEqual(['pending', false, undefined, undefined])
    expect(await refusalOf(createDisk())).toEqual([
      400,
      'InvalidInputException',
      'Some names are already in use: restored',
    ])
  })

  test('can have an operation that ends before or after it, even as Completed', async () => {
    site.set({ operationLagMs: 5000, operationEnd: 'Completed' })
    await createDisk()
    expect(await site.operationAfter(104, 'restored')).toEqual([
      'CreateDiskFromSnapshot',
      'Started',
      false,
      undefined,
    ])
    expect(await site.operationAfter(105, 'restored')).toEqual([
      'CreateDiskFromSnapshot',
      'Completed',
      true,
      undefined,
    ])
    site.set({ operationLagMs: -1000 })
    await createDisk({ diskName: 'restored-2' })
    expect(await site.operationAfter(99, 'restored-2')).toEqual([
      'CreateDiskFromSnapshot',
      'Completed',
      true,
      undefined,
    ])
    expect(await site.diskAfter(99, 'restored-2')).toEqual(['pending', false, undefined, undefined])
  })

  test('has no operation that ends before it starts', async () => {
    site.set({ operationLagMs: -500_000 })
    const [operation] = (await createDisk()).body.operations ?? []
    expect(operation).toMatchObject({ status: 'Succeeded', statusChangedAt: site.now() / 1000 })
  })

  test.each([
    ['under a name that a disk has', { diskName: 'data' }, 'Some names are already in use: data'],
    ['under a name that a snapshot has', { diskName: 'snap' }, 'Some names are already in use: snap'],
    ['under a name that none may have', { diskName: 'a.b' }, "We can't accept the name a.b"],
    ['without a name', { diskName: undefined }, "'diskName'"],
    ['from no snapshot', { diskSnapshotName: undefined }, "'diskSnapshotName'"],
    ['in no Availability Zone', { availabilityZone: undefined }, "'availabilityZone'"],
    ["in another Region's zone", { availabilityZone: 'us-east-1a' }, 'Zone is not valid: us-east-1a'],
    ['in a zone that there is not', { availabilityZone: `${region}d` }, `not valid: ${region}d`],
    ['of no size', { sizeInGb: undefined }, "'sizeInGb'"],
    ['of a size that is no whole number', { sizeInGb: 32.5 }, "'sizeInGb'"],
    ['smaller than its snapshot', { sizeInGb: 31 }, '31 GB, is smaller than that of the snapshot, 32 GB'],
    ['with a tag that none may have', { tags: [{ key: 'aws:x' }] }, "can't start with aws:"],
  ])('is refused %s', async (_, changes, message) => {
    expect(await refusalOf(createDisk(changes))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining(message),
    ])
    expect(site.account.disks.names(site.now())).toEqual(['data'])
    expect(site.account.allOperations(site.now())).toEqual([])
  })

  test.each([
    ['a pending snapshot', 'unfinished', 'pending'],
    ['a snapshot in error', 'broken', 'error'],
  ])('is refused from %s', async (_, diskSnapshotName, state) => {
    expect(await refusalOf(createDisk({ diskSnapshotName }))).toEqual(notNow('use this snapshot', state))
  })

  test('is refused beyond the account’s limit of disks', async () => {
    site.set({ mostDisks: 2 })
    expect((await createDisk()).status).toBe(200)
    expect(await refusalOf(createDisk({ diskName: 'more' }))).toEqual([
      400,
      'OperationFailureException',
      "You've reached the limit of disks in this account.",
    ])
  })

  test('is refused from a snapshot that doesn’t exist', async () => {
    expect(await refusalOf(createDisk({ diskSnapshotName: 'nope' }))).toEqual([
      400,
      'NotFoundException',
      'The DiskSnapshot does not exist: nope',
    ])
  })
})

describe('a disk that is created empty', () => {
  const create = (changes: object = {}) =>
    site.send('CreateDisk', { diskName: 'empty', availabilityZone: `${region}b`, sizeInGb: 16, ...changes })

  test('has the given size, zone and tags, and is empty', async () => {
    await create({ tags: [{ key: 'a', value: 'b' }] })
    expect(await site.operationAfter(100, 'empty')).toEqual(['CreateDisk', 'Succeeded', true, undefined])
    const disk = await site.later(100, async () => site.account.disk('empty', site.now()))
    expect(disk).toMatchObject({
      state: 'available',
      sizeInGb: 16,
      location: { availabilityZone: `${region}b` },
      tags: [{ key: 'a', value: 'b' }],
    })
    expect(site.account.contentOf('empty')).toBe('empty')
  })

  test('is refused under a name that is taken, and in an unknown zone', async () => {
    expect(await refusalOf(create({ diskName: 'data' }))).toContain('Some names are already in use: data')
    expect(await refusalOf(create({ availabilityZone: 'eu-west-1a' }))).toContain('InvalidInputException')
  })
})
