// Attaching and detaching disks: the states, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, createDisk, inProgress, notNow, refusalOf, startSite } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startSite({ diskDurationMs: 100_000, attachDurationMs: 10_000, detachDurationMs: 20_000 })
})
afterEach(() => site.emulator.close())

function attach(changes: object = {}) {
  const input = { diskName: 'spare', instanceName: 'web', diskPath: '/dev/xvdg', ...changes }
  return site.send('AttachDisk', input)
}

function detach(diskName = 'cold') {
  return site.send('DetachDisk', { diskName })
}

describe('attaching a disk', () => {
  test.each(['web', 'resting'])('to %s, running or stopped, takes a while', async (instanceName) => {
    await attach({ instanceName })
    expect(await site.diskAfter(9, 'spare')).toEqual(['available', false, undefined, undefined])
    expect(await site.diskAfter(10, 'spare')).toEqual(['in-use', true, instanceName, '/dev/xvdg'])
  })

  test.each(['pending', 'in-use'] as const)('can read as %s until it is done', async (state) => {
    site.set({ attachingState: state })
    await attach()
    expect(await site.diskAfter(9, 'spare')).toEqual([state, false, undefined, undefined])
    expect(await site.diskAfter(10, 'spare')).toEqual(['in-use', true, 'web', '/dev/xvdg'])
  })

  test.each(['/dev/xvdb', '/dev/sdz'])('works at %s too', async (diskPath) => {
    await attach({ diskPath })
    expect(await site.diskAfter(10, 'spare')).toEqual(['in-use', true, 'web', diskPath])
  })

  test('returns an operation on the disk and one on the instance', async () => {
    expect((await attach()).body.operations).toMatchObject([
      { operationType: 'AttachDisk', resourceType: 'Disk', resourceName: 'spare', operationDetails: 'web' },
      {
        operationType: 'AttachDisk',
        resourceType: 'Instance',
        resourceName: 'web',
        operationDetails: 'spare',
      },
    ])
    for (const name of ['spare', 'web']) {
      expect(await site.operationAfter(9, name)).toEqual(['AttachDisk', 'Started', false, undefined])
      expect(await site.operationAfter(10, name)).toEqual(['AttachDisk', 'Succeeded', true, undefined])
    }
  })

  test('appears among the instance’s disks once it is done', async () => {
    const disks = async () =>
      (await site.send('GetInstance', { instanceName: 'web' })).body.instance?.hardware.disks
    await attach()
    expect(await site.later(9, disks)).toMatchObject([
      { isSystemDisk: true },
      { name: 'data', path: '/dev/xvdf' },
    ])
    expect(await site.later(10, disks)).toMatchObject([
      { isSystemDisk: true },
      { name: 'data' },
      { name: 'spare', path: '/dev/xvdg', attachedTo: 'web' },
    ])
  })

  test('can fail after it was accepted: the disk is unchanged', async () => {
    site.set({ failingOperations: ['AttachDisk'] })
    await attach()
    expect(await site.operationAfter(10, 'spare')).toEqual([
      'AttachDisk',
      'Failed',
      true,
      'DiskAttachmentFailed',
    ])
    expect(await site.diskAfter(10, 'spare')).toEqual(['available', false, undefined, undefined])
  })

  test.each([
    ['a disk in another zone', { diskName: 'elsewhere' }, 'same Availability Zone'],
    ['at a path that is taken', { diskPath: '/dev/xvdf' }, '/dev/xvdf is already in use on web'],
    ["at the system disk's path", { diskPath: '/dev/xvda' }, 'The disk path is not valid: /dev/xvda'],
    ['at a path that is none', { diskPath: 'xvdg' }, 'The disk path is not valid: xvdg'],
    ['at no path', { diskPath: undefined }, "'diskPath'"],
    ['to no instance', { instanceName: undefined }, "'instanceName'"],
  ])('is refused: %s', async (_, changes, message) => {
    expect(await refusalOf(attach(changes))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining(message),
    ])
  })

  test('is refused: a disk that is attached', async () => {
    expect(await refusalOf(attach({ diskName: 'data' }))).toEqual(notNow('attach this disk', 'in-use'))
  })

  test.each([
    ['disk', { diskName: 'nope' }, 'The Disk does not exist: nope'],
    ['instance', { instanceName: 'nope' }, 'The Instance does not exist: nope'],
  ])('is refused if the %s doesn’t exist', async (_, changes, message) => {
    expect(await refusalOf(attach(changes))).toEqual([400, 'NotFoundException', message])
  })

  test('is refused while the disk is still being created', async () => {
    await createDisk(site)
    expect(await refusalOf(attach({ diskName: 'restored' }))).toEqual(inProgress)
  })

  test('is refused for a disk that ended in error', async () => {
    site.set({ diskEnd: 'error' })
    await createDisk(site)
    site.pass(100)
    expect(await refusalOf(attach({ diskName: 'restored' }))).toEqual(notNow('attach this disk', 'error'))
  })

  test('is refused while another one is in progress, for the same disk or path', async () => {
    await attach()
    expect(await refusalOf(attach({ diskPath: '/dev/xvdh' }))).toEqual(inProgress)
    site.account.addDisk('late', 8, site.now())
    expect(await refusalOf(attach({ diskName: 'late' }))).toEqual([
      400,
      'InvalidInputException',
      'The disk path /dev/xvdg is already in use on web.',
    ])
  })

  test('is refused while the instance is between running and stopped', async () => {
    site.set({ stopDurationMs: 5000 })
    await site.send('StopInstance', { instanceName: 'web' })
    expect(await refusalOf(attach())).toEqual(notNow('attach this disk', 'stopping', 'instance'))
  })
})

describe('detaching a disk', () => {
  test('from a stopped instance takes a while', async () => {
    await detach()
    expect(await site.diskAfter(19, 'cold')).toEqual(['in-use', true, 'resting', '/dev/xvdk'])
    expect(await site.diskAfter(20, 'cold')).toEqual(['available', false, undefined, undefined])
  })

  test('returns an operation on the disk and one on the instance', async () => {
    expect((await detach()).body.operations).toMatchObject([
      { operationType: 'DetachDisk', resourceType: 'Disk', resourceName: 'cold' },
      { operationType: 'DetachDisk', resourceType: 'Instance', resourceName: 'resting' },
    ])
    expect(await site.operationAfter(19, 'cold')).toEqual(['DetachDisk', 'Started', false, undefined])
    expect(await site.operationAfter(20, 'cold')).toEqual(['DetachDisk', 'Succeeded', true, undefined])
  })

  test('frees its path for another disk once it is done, and not before', async () => {
    await detach()
    const other = () => attach({ instanceName: 'resting', diskPath: '/dev/xvdk' })
    expect((await site.later(19, other)).body.message).toContain('already in use')
    expect((await site.later(20, other)).status).toBe(200)
  })

  test('can fail after it was accepted: the disk stays attached', async () => {
    site.set({ failingOperations: ['DetachDisk'] })
    await detach()
    expect(await site.operationAfter(20, 'cold')).toEqual([
      'DetachDisk',
      'Failed',
      true,
      'DiskDetachmentFailed',
    ])
    expect(await site.diskAfter(20, 'cold')).toEqual(['in-use', true, 'resting', '/dev/xvdk'])
  })

  test('is refused while the instance is running, stopping or starting', async () => {
    site.set({ stopDurationMs: 5000, startDurationMs: 5000 })
    const refusal = notNow('detach this disk', 'in-use')
    expect(await refusalOf(detach('data'))).toEqual(refusal)
    await site.send('StopInstance', { instanceName: 'web' })
    expect(await refusalOf(detach('data'))).toEqual(refusal)
    site.pass(5)
    await site.send('StartInstance', { instanceName: 'web' })
    expect(await refusalOf(detach('data'))).toEqual(refusal)
  })

  test('is refused with whichever of the two exceptions is set', async () => {
    const [status, , words] = notNow('detach this disk', 'in-use')
    site.set({ stateRefusal: 'InvalidInputException' })
    expect(await refusalOf(detach('data'))).toEqual([status, 'InvalidInputException', words])
  })

  test('is refused for a disk that isn’t attached', async () => {
    expect(await refusalOf(detach('spare'))).toEqual(notNow('detach this disk', 'available'))
  })

  test('is refused while another one is in progress', async () => {
    await detach()
    expect(await refusalOf(detach())).toEqual(inProgress)
  })

  test('is refused for a disk that doesn’t exist', async () => {
    expect(await refusalOf(detach('nope'))).toEqual([
      400,
      'NotFoundException',
      'The Disk does not exist: nope',
    ])
  })
})

describe('an instance that lags', () => {
  /** The disks that a read of the instance shows, after its system disk. */
  const disksAfter = (seconds: number, instanceName = 'resting') =>
    site.later(seconds, async () => {
      const { instance } = (await site.send('GetInstance', { instanceName })).body
      const { instances = [] } = (await site.send('GetInstances', {})).body
      const listed = instances.find(({ name }) => name === instanceName)
      expect(listed).toEqual(instance)
      return instance?.hardware.disks.slice(1).map(({ name, path }) => [name, path])
    })
  beforeEach(() => site.set({ instanceLagMs: 10_000 }))

  test('shows a detached disk a while longer than the disk itself does', async () => {
    await detach()
    expect(await disksAfter(29)).toEqual([['cold', '/dev/xvdk']])
    expect(await site.diskAfter(29, 'cold')).toEqual(['available', false, undefined, undefined])
    expect(await disksAfter(30)).toEqual([])
  })

  test('shows an attached disk a while later than the disk itself does', async () => {
    await attach()
    expect(await disksAfter(19, 'web')).toEqual([['data', '/dev/xvdf']])
    expect(await site.diskAfter(19, 'spare')).toEqual(['in-use', true, 'web', '/dev/xvdg'])
    expect(await disksAfter(20, 'web')).toEqual([
      ['data', '/dev/xvdf'],
      ['spare', '/dev/xvdg'],
    ])
  })
})
