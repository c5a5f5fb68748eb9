// Deleting snapshots, and snapshots that exist from the start.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SnapshotSeed } from '../../emulator/service/snapshots.js'
import { region } from '../support/emulated.js'
import { type Clocked, notNow, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ snapshotDurationMs: 100_000, pageSize: 5 })
  site.account.addDisk('data', 32, site.now())
  site.account.addInstance('web', 60, site.now())
})
afterEach(() => site.emulator.close())

const ofData = { type: 'disk', name: 'data' } as const

function seed(name: string, changes: Partial<SnapshotSeed> = {}) {
  site.account.putSnapshot({ name, source: ofData, createdAt: site.now(), ...changes })
}

const remove = (diskSnapshotName: string) => site.send('DeleteDiskSnapshot', { diskSnapshotName })
const read = (diskSnapshotName: string) => site.send('GetDiskSnapshot', { diskSnapshotName })

async function isThereAfter(seconds: number, name: string): Promise<unknown> {
  const { body } = await site.later(seconds, () => read(name))
  const listed = await site.later(seconds, () => site.send('GetDiskSnapshots', {}))
  const isListed = listed.body.diskSnapshots?.some((snapshot) => snapshot.name === name)
  expect(isListed).toBe(body.diskSnapshot !== undefined)
  return isListed
}

const failedDeletion = ['DeleteDiskSnapshot', 'Failed', true, 'SnapshotDeletionFailed']

describe('deleting a snapshot', () => {
  test('finishes at once and frees the name', async () => {
    seed('snap')
    expect((await remove('snap')).body.operations).toMatchObject([
      {
        operationType: 'DeleteDiskSnapshot',
        resourceType: 'DiskSnapshot',
        resourceName: 'snap',
        status: 'Succeeded',
        isTerminal: true,
        location: { availabilityZone: 'all' },
      },
    ])
    expect(await isThereAfter(0, 'snap')).toBe(false)
    const again = { diskName: 'data', diskSnapshotName: 'snap' }
    expect((await site.send('CreateDiskSnapshot', again)).status).toBe(200)
    expect(await isThereAfter(0, 'snap')).toBe(true)
  })

  test('has an operation that can be found by its id and by its snapshot', async () => {
    seed('snap')
    const [made] = (await remove('snap')).body.operations ?? []
    expect((await site.send('GetOperation', { operationId: made?.id })).body.operation).toEqual(made)
    expect((await site.send('GetOperations', {})).body.operations).toEqual([made])
    expect(await site.operationAfter(0, 'snap')).toEqual(['DeleteDiskSnapshot', 'Succeeded', true, undefined])
    site.set({ operationsForSnapshots: false })
    expect(await site.operationAfter(0, 'snap')).toEqual([undefined, undefined, undefined, undefined])
  })

  test('can take a while, during which the snapshot is still found but can’t be used', async () => {
    site.set({ deleteDurationMs: 3000 })
    seed('snap')
    await remove('snap')
    expect(await isThereAfter(2, 'snap')).toBe(true)
    expect(await site.operationAfter(2, 'snap')).toEqual(['DeleteDiskSnapshot', 'Started', false, undefined])
    const gone = [400, 'NotFoundException', 'The DiskSnapshot does not exist: snap']
    expect(await refusalOf(remove('snap'))).toEqual(gone)
    const restore = {
      diskName: 'new',
      diskSnapshotName: 'snap',
      availabilityZone: `${region}a`,
      sizeInGb: 32,
    }
    expect(await refusalOf(site.send('CreateDiskFromSnapshot', restore))).toEqual(gone)
    expect(await isThereAfter(3, 'snap')).toBe(false)
    expect(await site.operationAfter(3, 'snap')).toEqual(['DeleteDiskSnapshot', 'Succeeded', true, undefined])
  })

  test('can fail after it was accepted: the snapshot is still there', async () => {
    site.set({ failingOperations: ['DeleteDiskSnapshot'] })
    seed('snap')
    await remove('snap')
    expect(await site.operationAfter(0, 'snap')).toEqual(failedDeletion)
    expect(await isThereAfter(0, 'snap')).toBe(true)
  })

  test('can fail a moment later, and is not accepted a second time until then', async () => {
    site.set({ failingOperations: ['DeleteDiskSnapshot'], deleteDurationMs: 3000 })
    seed('snap')
    expect((await remove('snap')).body.operations).toMatchObject([{ status: 'Started', isTerminal: false }])
    expect(await isThereAfter(2, 'snap')).toBe(true)
    // As for a deletion that succeeds: until the end, the two look the same.
    expect((await refusalOf(site.later(2, () => remove('snap'))))[1]).toBe('NotFoundException')
    expect(await site.operationAfter(2, 'snap')).toEqual(['DeleteDiskSnapshot', 'Started', false, undefined])
    site.pass(3)
    expect(await site.operationAfter(0, 'snap')).toEqual(failedDeletion)
    expect(await isThereAfter(0, 'snap')).toBe(true)
    site.set({ failingOperations: [], deleteDurationMs: 0 })
    expect((await remove('snap')).body.operations).toMatchObject([{ status: 'Succeeded' }])
    expect(await isThereAfter(0, 'snap')).toBe(false)
  })

  test('can leave the name taken for a while, although nothing has it', async () => {
    site.set({ nameHeldMs: 60_000, deleteDurationMs: 3000 })
    seed('snap')
    await remove('snap')
    const again = () => site.send('CreateDiskSnapshot', { diskName: 'data', diskSnapshotName: 'snap' })
    expect(await isThereAfter(3, 'snap')).toBe(false)
    expect((await site.later(62.9, again)).body).toMatchObject({
      __type: 'InvalidInputException',
      code: 'NameExists',
      message: 'Some names are already in use: snap',
    })
    expect((await site.later(63, again)).status).toBe(200)
  })

  test.each(['completed', 'error', 'unknown'] as const)('deletes a snapshot that is %s', async (state) => {
    site.set({ deletesPending: false })
    seed('snap', { state })
    expect((await remove('snap')).status).toBe(200)
  })

  test('deletes a pending snapshot too, or refuses to', async () => {
    const make = (diskSnapshotName: string) => {
      return site.send('CreateDiskSnapshot', { diskName: 'data', diskSnapshotName })
    }
    await make('first')
    await make('second')
    expect((await remove('first')).status).toBe(200)
    site.set({ deletesPending: false })
    expect(await refusalOf(remove('second'))).toEqual(notNow('delete this snapshot', 'pending'))
    site.set({ stateRefusal: 'InvalidInputException' })
    expect((await refusalOf(remove('second')))[1]).toBe('InvalidInputException')
    expect((await site.later(100, () => remove('second'))).status).toBe(200)
  })

  test('is refused for one that doesn’t exist, was deleted, or has no name', async () => {
    seed('snap')
    await remove('snap')
    for (const name of ['nope', 'snap']) {
      expect(await refusalOf(remove(name))).toEqual([
        400,
        'NotFoundException',
        `The DiskSnapshot does not exist: ${name}`,
      ])
    }
    expect((await refusalOf(site.send('DeleteDiskSnapshot', {})))[1]).toBe('InvalidInputException')
  })

  test('can meet any fault: if the response is lost, it was carried out', async () => {
    site.emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'throttle', occurrences: [1] })
    site.emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'drop-after', occurrences: [2] })
    seed('snap')
    expect((await refusalOf(remove('snap')))[1]).toBe('ThrottlingException')
    expect(await isThereAfter(0, 'snap')).toBe(true)
    await expect(remove('snap')).rejects.toThrow()
    expect(await isThereAfter(0, 'snap')).toBe(false)
  })
})

describe('a snapshot that is put into the Region', () => {
  const snapshot = (name: string) => site.account.snapshot(name, site.now())

  test('is a completed snapshot of its source, without an operation, by default', () => {
    seed('snap')
    expect(snapshot('snap')).toMatchObject({
      state: 'completed',
      progress: '100%',
      createdAt: site.now() / 1000,
      location: { availabilityZone: 'all' },
      tags: [],
      isFromAutoSnapshot: false,
      sizeInGb: 32,
      fromDiskName: 'data',
      fromDiskArn: site.account.disk('data', site.now()).arn,
    })
    expect(site.account.allOperations(site.now())).toEqual([])
  })

  test.each(['completed', 'pending', 'error', 'unknown'] as const)('can be %s for good', async (state) => {
    seed('snap', { state })
    expect(snapshot('snap').state).toBe(state)
    site.pass(1e9)
    expect(snapshot('snap').state).toBe(state)
  })

  test('has the given age, tags, size and origin', () => {
    const createdAt = Date.parse('2020-02-29T12:00:00Z')
    const tags = [{ key: 'a', value: 'b' }, { key: 'keep' }]
    seed('snap', { createdAt, tags, sizeInGb: 64, isFromAutoSnapshot: true })
    expect(snapshot('snap')).toMatchObject({
      createdAt: createdAt / 1000,
      tags,
      sizeInGb: 64,
      isFromAutoSnapshot: true,
    })
  })

  test('can be a snapshot of an instance', () => {
    seed('snap', { source: { type: 'instance', name: 'web' } })
    expect(snapshot('snap')).toMatchObject({
      sizeInGb: 60,
      fromInstanceName: 'web',
      fromInstanceArn: site.account.instance('web', site.now()).arn,
    })
    expect(snapshot('snap')).not.toHaveProperty('fromDiskName')
  })

  test('can be of a source that is gone, or of another source with the same name', async () => {
    seed('orphan', { source: { type: 'disk', name: 'long-gone' } })
    expect(snapshot('orphan')).toMatchObject({
      sizeInGb: 8,
      fromDiskName: 'long-gone',
      fromDiskArn: expect.stringMatching(/^arn:aws:lightsail:eu-central-1:\d{12}:Disk\/[0-9a-f-]{36}$/),
    })
    seed('namesake', { source: { ...ofData, arn: 'arn:aws:lightsail:eu-central-1:1:Disk/former' } })
    expect(snapshot('namesake').fromDiskArn).toBe('arn:aws:lightsail:eu-central-1:1:Disk/former')
    await site.send('DeleteDisk', { diskName: 'data' })
    expect(snapshot('namesake').fromDiskName).toBe('data')
  })

  test('needs a free name', () => {
    for (const name of ['data', 'web']) expect(() => seed(name)).toThrow(`already in use: ${name}`)
    seed('snap')
    expect(() => seed('snap')).toThrow('already in use: snap')
  })

  test('is listed in order of arrival, whatever its age, even if its name is used again', async () => {
    seed('first', { createdAt: 1 })
    seed('second', { createdAt: 0 })
    await remove('first')
    site.pass(1)
    seed('first', { createdAt: site.now() - 500 })
    const { diskSnapshots } = (await site.send('GetDiskSnapshots', {})).body
    expect(diskSnapshots?.map(({ name }) => name)).toEqual(['second', 'first'])
  })

  test('may be one of thousands, which are read in a moment at five per page', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `snap-${index}`)
    const started = performance.now()
    for (const [place, name] of names.entries()) seed(name, { createdAt: place })
    const seen: string[] = []
    let input: object = {}
    for (let pages = 0; pages < 400; pages += 1) {
      const { body } = await site.send('GetDiskSnapshots', input)
      seen.push(...(body.diskSnapshots ?? []).map(({ name }) => name))
      input = { pageToken: body.nextPageToken }
    }
    expect(seen).toEqual(names)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
