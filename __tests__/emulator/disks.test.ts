// Disks that are put into a Region, swapped and deleted.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { region } from '../support/emulated.js'
import { type Clocked, createDisk, inProgress, refusalOf, startSite } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startSite(everyChangeTakes(0))
})
afterEach(() => site.emulator.close())

describe('a disk that is put into the Region', () => {
  const disk = (name: string) => site.account.disk(name, site.now())

  test('is in the first zone, in its instance’s, or in the given one', () => {
    const account = site.account
    account.addInstance('far', 20, site.now(), { availabilityZone: `${region}c` })
    account.addDisk('with-far', 8, site.now(), 'far')
    const zone = (name: string) => disk(name).location.availabilityZone
    expect(['spare', 'with-far', 'elsewhere'].map(zone)).toEqual([`${region}a`, `${region}c`, `${region}b`])
  })

  test('has the given tags', () => {
    const tags = [{ key: 'a', value: 'b' }]
    site.account.addDisk('tagged', 8, site.now(), undefined, { tags })
    expect([disk('tagged').tags, disk('spare').tags]).toEqual([tags, []])
  })

  test('is attached at the first free path, or at the given one', () => {
    const account = site.account
    account.addDisk('second', 8, site.now(), 'web')
    account.addDisk('third', 8, site.now(), 'web', { path: '/dev/sdh' })
    expect(['data', 'second', 'third', 'cold'].map((name) => disk(name).path)).toEqual([
      '/dev/xvdf',
      '/dev/xvdg',
      '/dev/sdh',
      '/dev/xvdk',
    ])
  })

  test('can’t be attached to an instance that doesn’t exist or has no free path', () => {
    const account = site.account
    expect(() => account.addDisk('lost', 8, site.now(), 'nope')).toThrow('The Instance does not exist: nope')
    for (let count = 1; count <= 20; count += 1) account.addDisk(`more-${count}`, 8, site.now(), 'web')
    expect(() => account.addDisk('one-too-many', 8, site.now(), 'web')).toThrow('no free disk path')
  })
})

describe('a whole restore', () => {
  test('puts a disk created from a snapshot in place of the original', async () => {
    const steps: readonly (readonly [string, object])[] = [
      ['StopInstance', { instanceName: 'web' }],
      ['DetachDisk', { diskName: 'data' }],
      ['AttachDisk', { diskName: 'restored', instanceName: 'web', diskPath: '/dev/xvdf' }],
      ['StartInstance', { instanceName: 'web' }],
    ]
    expect((await createDisk(site)).status).toBe(200)
    for (const [operation, input] of steps) expect((await site.send(operation, input)).status).toBe(200)
    expect(await site.diskAfter(0, 'restored')).toEqual(['in-use', true, 'web', '/dev/xvdf'])
    expect(await site.diskAfter(0, 'data')).toEqual(['available', false, undefined, undefined])
    const { body } = await site.send('GetInstanceState', { instanceName: 'web' })
    expect(body.state).toEqual({ code: 16, name: 'running' })
  })
})

describe('deleting a disk', () => {
  const remove = (diskName: string) => site.send('DeleteDisk', { diskName })

  test('finishes at once and frees the name', async () => {
    expect((await remove('spare')).body.operations).toMatchObject([
      { operationType: 'DeleteDisk', resourceType: 'Disk', resourceName: 'spare', status: 'Succeeded' },
    ])
    expect(await site.diskAfter(0, 'spare')).toBe('NotFoundException')
    expect((await createDisk(site, { diskName: 'spare' })).status).toBe(200)
  })

  test('can take a while, during which the disk is deleting and its name taken', async () => {
    site.set({ deleteDurationMs: 3000 })
    await remove('spare')
    expect(await site.diskAfter(2, 'spare')).toEqual(['deleting', false, undefined, undefined])
    expect(await site.operationAfter(2, 'spare')).toEqual(['DeleteDisk', 'Started', false, undefined])
    expect((await site.later(2, () => createDisk(site, { diskName: 'spare' }))).body.message).toContain(
      'already in use',
    )
    expect(await site.diskAfter(3, 'spare')).toBe('NotFoundException')
    expect(await site.operationAfter(3, 'spare')).toEqual(['DeleteDisk', 'Succeeded', true, undefined])
    expect((await site.later(3, () => createDisk(site, { diskName: 'spare' }))).status).toBe(200)
  })

  test('can leave the name taken for a while, although nothing has it', async () => {
    site.set({ nameHeldMs: 60_000 })
    await remove('spare')
    expect(await site.diskAfter(0, 'spare')).toBe('NotFoundException')
    const again = () => createDisk(site, { diskName: 'spare' })
    expect((await site.later(59, again)).body.message).toBe('Some names are already in use: spare')
    expect((await site.later(60, again)).status).toBe(200)
  })

  test('can fail after it was accepted: the disk is unchanged', async () => {
    site.set({ deleteDurationMs: 3000, failingOperations: ['DeleteDisk'] })
    await remove('spare')
    expect(await site.diskAfter(2, 'spare')).toEqual(['deleting', false, undefined, undefined])
    expect(await site.diskAfter(3, 'spare')).toEqual(['available', false, undefined, undefined])
    expect(await site.operationAfter(3, 'spare')).toEqual([
      'DeleteDisk',
      'Failed',
      true,
      'DiskDeletionFailed',
    ])
  })

  test('deletes a disk that ended in error', async () => {
    site.set({ diskEnd: 'error' })
    await createDisk(site)
    expect((await remove('restored')).status).toBe(200)
  })

  test('is refused while the disk is attached, being attached or being detached', async () => {
    expect(await refusalOf(remove('data'))).toEqual([
      400,
      'OperationFailureException',
      "You can't perform this operation because the disk is still attached to a Lightsail instance: web",
    ])
    site.set(everyChangeTakes(5000))
    await site.send('AttachDisk', { diskName: 'spare', instanceName: 'web', diskPath: '/dev/xvdg' })
    await site.send('DetachDisk', { diskName: 'cold' })
    expect(await refusalOf(remove('spare'))).toEqual(inProgress)
    expect(await refusalOf(remove('cold'))).toEqual(inProgress)
  })

  test('is refused for a disk that doesn’t exist', async () => {
    expect(await refusalOf(remove('nope'))).toEqual([
      400,
      'NotFoundException',
      'The Disk does not exist: nope',
    ])
  })
})
