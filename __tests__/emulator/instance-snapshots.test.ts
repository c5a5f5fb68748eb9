// Snapshots of whole instances: what they contain, their states, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { InstanceSnapshotSeed } from '../../emulator/service/instance-snapshots.js'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ snapshotDurationMs: 20_000, stopDurationMs: 5000, pageSize: 2 })
  site.account.addInstance('web', 80, site.now(), { bundleId: 'medium_3_0' })
  site.account.addInstance('resting', 60, site.now(), { state: 'stopped' })
  site.account.addDisk('data', 32, site.now(), 'web')
  site.account.addDisk('spare', 8, site.now())
})
afterEach(() => site.emulator.close())

const take = (changes: object = {}) =>
  site.send('CreateInstanceSnapshot', { instanceName: 'web', instanceSnapshotName: 'whole', ...changes })

const remove = (instanceSnapshotName = 'whole') =>
  site.send('DeleteInstanceSnapshot', { instanceSnapshotName })

const read = async (instanceSnapshotName = 'whole') =>
  (await site.send('GetInstanceSnapshot', { instanceSnapshotName })).body.instanceSnapshot

const stateAfter = (seconds: number) => site.later(seconds, async () => (await read())?.state)

function seed(name: string, changes: Partial<InstanceSnapshotSeed> = {}) {
  site.account.putInstanceSnapshot({ name, instanceName: 'web', createdAt: site.now(), ...changes })
}

describe('an instance snapshot', () => {
  test('goes from pending to available, without progress', async () => {
    await take()
    expect([await stateAfter(19), await stateAfter(20)]).toEqual(['pending', 'available'])
    expect(await read()).not.toHaveProperty('progress')
  })

  test('names its instance, and what that has', async () => {
    await take({ tags: [{ key: 'commit-sha', value: 'abc' }] })
    const { arn } = site.account.instance('web', site.now())
    expect(await read()).toMatchObject({
      resourceType: 'InstanceSnapshot',
      location: { availabilityZone: 'all' },
      fromInstanceName: 'web',
      fromInstanceArn: arn,
      fromBundleId: 'medium_3_0',
      fromBlueprintId: 'wordpress',
      sizeInGb: 80,
      isFromAutoSnapshot: false,
      tags: [{ key: 'commit-sha', value: 'abc' }],
    })
    expect((await read())?.fromAttachedDisks).toMatchObject([
      { name: 'data', sizeInGb: 32, path: '/dev/xvdf', attachedTo: 'web' },
    ])
  })

  test('has an operation on itself and one on the instance, in either order', async () => {
    const types = async (instanceSnapshotName: string) =>
      (await take({ instanceSnapshotName })).body.operations?.map((operation) => [
        operation.operationType,
        operation.resourceType,
        operation.operationDetails,
      ])
    const own = ['CreateInstanceSnapshot', 'InstanceSnapshot', 'web']
    expect(await types('first')).toEqual([own, ['CreateInstanceSnapshot', 'Instance', 'first']])
    site.set({ firstOperation: 'source' })
    expect(await types('second')).toEqual([['CreateInstanceSnapshot', 'Instance', 'second'], own])
    for (const name of ['second', 'web']) {
      const type = 'CreateInstanceSnapshot'
      expect(await site.operationAfter(19, name)).toEqual([type, 'Started', false, undefined])
      expect(await site.operationAfter(20, name)).toEqual([type, 'Succeeded', true, undefined])
    }
  })

  test('is in the list of a resource’s operations only if those of snapshots are', async () => {
    await take()
    site.set({ operationsForSnapshots: false })
    expect(await site.operationAfter(0, 'whole')).toEqual([undefined, undefined, undefined, undefined])
    expect(await site.operationAfter(0, 'web')).toContain('CreateInstanceSnapshot')
  })

  test('can end in error', async () => {
    site.set({ snapshotEnd: 'error', operationEnd: 'Failed' })
    await take()
    expect([await stateAfter(19), await stateAfter(20)]).toEqual(['pending', 'error'])
    expect(await site.operationAfter(20, 'whole')).toEqual([
      'CreateInstanceSnapshot',
      'Failed',
      true,
      'SnapshotCreationFailed',
    ])
  })

  test('can stay pending, and has no other state before that', async () => {
    site.set({ snapshotEnd: 'stuck', unknownMs: 3000 })
    await take()
    expect([await stateAfter(1), await stateAfter(1e9)]).toEqual(['pending', 'pending'])
  })

  test('takes longer, the more the instance and its disks hold', async () => {
    site.set({ snapshotMsPerGb: 1000 })
    await take()
    expect([await stateAfter(131), await stateAfter(132)]).toEqual(['pending', 'available'])
  })

  test('is hidden at first if that is set, but takes its name from the start', async () => {
    site.set({ invisibleMs: 3000, tagsLateMs: 5000 })
    await take({ tags: [{ key: 'a' }] })
    expect(await stateAfter(2)).toBeUndefined()
    expect((await refusalOf(take()))[2]).toBe('Some names are already in use: whole')
    expect(await site.later(3, read)).toMatchObject({ tags: [] })
    expect(await site.later(5, read)).toMatchObject({ tags: [{ key: 'a' }] })
  })

  test('can be taken of a stopped instance', async () => {
    expect((await take({ instanceName: 'resting' })).status).toBe(200)
    expect(await read()).toMatchObject({ fromInstanceName: 'resting', fromAttachedDisks: [] })
  })

  test('is refused for an instance that is between running and stopped', async () => {
    await site.send('StopInstance', { instanceName: 'web' })
    expect(await refusalOf(take())).toEqual([
      400,
      site.emulator.behaviour.stateRefusal,
      "You can't take a snapshot of this instance right now. The state of this instance is: stopping",
    ])
    expect((await site.later(5, () => take())).status).toBe(200)
  })

  test.each(['web', 'data', 'a-disk-snapshot', 'an-ip', 'an-instance-snapshot'])(
    'is refused with the name of something else: %s',
    async (instanceSnapshotName) => {
      const source = { type: 'disk', name: 'data' } as const
      site.account.putSnapshot({ name: 'a-disk-snapshot', source, createdAt: site.now() })
      site.account.addStaticIp('an-ip', site.now())
      seed('an-instance-snapshot')
      expect((await take({ instanceSnapshotName })).body).toMatchObject({ code: 'NameExists' })
    },
  )

  test('keeps its name from every other kind of resource', async () => {
    await take({ instanceSnapshotName: 'spare-snap' })
    const input = { diskName: 'spare', diskSnapshotName: 'spare-snap' }
    expect((await site.send('CreateDiskSnapshot', input)).body).toMatchObject({ code: 'NameExists' })
  })

  test.each([
    ['a name that is none', { instanceSnapshotName: '-x' }, "We can't accept the name -x"],
    ['no name', { instanceSnapshotName: undefined }, "'instanceSnapshotName'"],
    ['no instance', { instanceName: undefined }, "'instanceName'"],
    ['a tag that is none', { tags: [{ key: 'aws:x' }] }, 'aws:'],
  ])('is refused with %s', async (_, changes, message) => {
    expect((await refusalOf(take(changes)))[2]).toContain(message)
    expect((await site.send('GetInstanceSnapshots', {})).body.instanceSnapshots).toEqual([])
  })

  test.each([
    ['CreateInstanceSnapshot', 'The Instance does not exist: nope'],
    ['GetInstanceSnapshot', 'The InstanceSnapshot does not exist: nope'],
    ['DeleteInstanceSnapshot', 'The InstanceSnapshot does not exist: nope'],
  ])('%s of something that doesn’t exist is refused', async (operation, message) => {
    const input = { instanceName: 'nope', instanceSnapshotName: 'nope' }
    expect(await refusalOf(site.send(operation, input))).toEqual([400, 'NotFoundException', message])
  })

  test('has tags that can be changed', async () => {
    seed('old', { tags: [{ key: 'a' }] })
    await site.send('TagResource', { resourceName: 'old', tags: [{ key: 'keep' }] })
    expect((await read('old'))?.tags).toEqual([{ key: 'a' }, { key: 'keep' }])
  })
})

describe('deleting an instance snapshot', () => {
  test('finishes at once and frees the name', async () => {
    await take()
    expect((await remove()).body.operations).toMatchObject([
      {
        operationType: 'DeleteInstanceSnapshot',
        resourceName: 'whole',
        status: 'Succeeded',
        isTerminal: true,
      },
    ])
    expect(await read()).toBeUndefined()
    expect((await take()).status).toBe(200)
  })

  test('can take a while, during which it isn’t accepted again, and leave the name taken', async () => {
    site.set({ deleteDurationMs: 3000, nameHeldMs: 5000 })
    seed('whole')
    await remove()
    expect((await refusalOf(remove()))[1]).toBe('NotFoundException')
    expect([await stateAfter(2), await stateAfter(3)]).toEqual(['available', undefined])
    expect((await site.later(7.9, () => take())).body).toMatchObject({ code: 'NameExists' })
    expect((await site.later(8, () => take())).status).toBe(200)
  })

  test('can fail after it was accepted: the snapshot is still there', async () => {
    site.set({ failingOperations: ['DeleteInstanceSnapshot'], deleteDurationMs: 3000 })
    seed('whole')
    await remove()
    expect((await refusalOf(remove()))[1]).toBe('NotFoundException')
    expect(await stateAfter(3)).toBe('available')
    expect(await site.operationAfter(3, 'whole')).toEqual([
      'DeleteInstanceSnapshot',
      'Failed',
      true,
      'SnapshotDeletionFailed',
    ])
  })

  test('can be refused while the snapshot is pending', async () => {
    site.set({ deletesPending: false })
    await take()
    expect((await refusalOf(remove()))[2]).toBe(
      "You can't delete this snapshot right now. The state of this snapshot is: pending",
    )
    expect((await site.later(20, () => remove())).status).toBe(200)
    site.set({ deletesPending: true })
    seed('stuck', { state: 'pending' })
    expect((await remove('stuck')).status).toBe(200)
  })
})

describe('instance snapshots that exist from the start', () => {
  test('are listed in pages, apart from those of disks', async () => {
    for (const name of ['one', 'two', 'three']) seed(name)
    const { body: first } = await site.send('GetInstanceSnapshots', {})
    const { body: second } = await site.send('GetInstanceSnapshots', { pageToken: first.nextPageToken })
    const names = [first, second].map((page) => page.instanceSnapshots?.map(({ name }) => name))
    expect([...names, second.nextPageToken]).toEqual([['one', 'two'], ['three'], undefined])
    expect((await site.send('GetDiskSnapshots', {})).body.diskSnapshots).toEqual([])
  })

  test('have the given source, state and age', async () => {
    const [instanceArn, createdAt] = ['arn:gone', site.now() - 86_400_000]
    seed('old', { createdAt, state: 'error', isFromAutoSnapshot: true, sizeInGb: 20 })
    seed('of-a-gone-one', { instanceName: 'gone', instanceArn })
    expect(await read('old')).toMatchObject({
      fromInstanceArn: site.account.instance('web', site.now()).arn,
      fromBundleId: 'medium_3_0',
      createdAt: createdAt / 1000,
      state: 'error',
      isFromAutoSnapshot: true,
      sizeInGb: 20,
    })
    expect(await read('of-a-gone-one')).toMatchObject({
      fromInstanceName: 'gone',
      fromInstanceArn: instanceArn,
      state: 'available',
    })
    expect(() => seed('web')).toThrow('Some names are already in use: web')
  })
})

test.each(['throttle', 'internal-error', 'access-denied', 'auto-snapshot'] as const)(
  'a request for an instance snapshot can meet the fault %s, and none is created',
  async (fault) => {
    site.emulator.faults.add({ operation: 'CreateInstanceSnapshot', fault, occurrences: [1] })
    expect((await take()).status).not.toBe(200)
    expect(await read()).toBeUndefined()
    expect((await take()).status).toBe(200)
  },
)

test('a request for an instance snapshot whose response is lost was carried out', async () => {
  site.emulator.faults.add({ operation: 'CreateInstanceSnapshot', fault: 'drop-after', occurrences: [1] })
  await expect(take()).rejects.toThrow()
  expect(await read()).toMatchObject({ state: 'pending' })
})
