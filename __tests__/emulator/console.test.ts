// Changes made in the console: they take effect at once, without a request.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { type Clocked, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked(everyChangeTakes(10_000))
  const { account } = site
  account.addInstance('web', 60, site.now())
  account.addInstance('fixed', 20, site.now(), { isStaticIp: true })
  account.addDisk('data', 32, site.now(), 'web')
  account.addDisk('spare', 8, site.now())
})
afterEach(() => site.emulator.close())

const disk = (name: string) => site.account.disk(name, site.now())
const instance = (name: string) => site.account.instance(name, site.now())

describe('a disk that somebody removes', () => {
  test('is gone at once, attached or not, and its instance no longer has it', async () => {
    site.account.removeDisk('data')
    expect(await site.diskAfter(0, 'data')).toBe('NotFoundException')
    expect(instance('web').hardware.disks).toHaveLength(1)
    expect(() => site.account.removeDisk('data')).toThrow('The Disk does not exist: data')
  })

  test('has another ARN when it is added again, and its snapshots remember the first', () => {
    const { arn } = disk('data')
    const seed = { source: { type: 'disk', name: 'data' }, createdAt: site.now() } as const
    site.account.putSnapshot({ ...seed, name: 'old' })
    site.account.removeDisk('data')
    site.account.addDisk('data', 32, site.now())
    site.account.putSnapshot({ ...seed, name: 'new' })
    expect(disk('data').arn).not.toBe(arn)
    const arnOf = (name: string) => site.account.snapshot(name, site.now()).fromDiskArn
    expect([arnOf('old'), arnOf('new')]).toEqual([arn, disk('data').arn])
  })
})

describe('a disk that somebody moves', () => {
  test('is detached at once, even from a running instance', () => {
    site.account.detach('data')
    expect(disk('data')).toMatchObject({ state: 'available', isAttached: false })
    expect(disk('data')).not.toHaveProperty('attachedTo')
    expect(() => site.account.detach('nope')).toThrow('The Disk does not exist: nope')
  })

  test('is attached at once, and keeps its ARN, its tags and its content', () => {
    const { arn } = disk('spare')
    site.account.tag('spare', [{ key: 'a' }])
    site.account.setContent('spare', 'spare parts')
    site.account.attach('spare', 'web', '/dev/xvdg')
    expect(disk('spare')).toMatchObject({
      arn,
      tags: [{ key: 'a' }],
      state: 'in-use',
      attachedTo: 'web',
      path: '/dev/xvdg',
    })
    expect(site.account.contentOfInstance('web', '/dev/xvdg')).toBe('spare parts')
  })

  test('can’t go to a path in use, or to an instance that doesn’t exist', () => {
    expect(() => site.account.attach('spare', 'web', '/dev/xvdf')).toThrow(
      '/dev/xvdf is already in use on web',
    )
    expect(() => site.account.attach('spare', 'nope', '/dev/xvdf')).toThrow(
      'The Instance does not exist: nope',
    )
    expect(() => site.account.attach('nope', 'web', '/dev/xvdg')).toThrow('The Disk does not exist: nope')
  })

  test('ends any change of it in progress', async () => {
    await site.send('AttachDisk', { diskName: 'spare', instanceName: 'web', diskPath: '/dev/xvdg' })
    site.account.detach('spare')
    expect(await site.diskAfter(10, 'spare')).toEqual(['available', false, undefined, undefined])
  })
})

describe('an instance that somebody stops and starts', () => {
  test('is stopped and running at once, with another address', () => {
    const { publicIpAddress } = instance('web')
    site.account.setInstanceState('web', 'stopped', site.now())
    expect(instance('web').state).toEqual({ code: 80, name: 'stopped' })
    expect(instance('web')).not.toHaveProperty('publicIpAddress')
    site.account.setInstanceState('web', 'running', site.now())
    expect(instance('web').state).toEqual({ code: 16, name: 'running' })
    expect([undefined, publicIpAddress]).not.toContain(instance('web').publicIpAddress)
  })

  test('keeps a static address', () => {
    const { publicIpAddress } = instance('fixed')
    for (const state of ['stopped', 'running'] as const) {
      site.account.setInstanceState('fixed', state, site.now())
      expect(instance('fixed').publicIpAddress).toBe(publicIpAddress)
    }
  })

  test('ends any change of it in progress', async () => {
    await site.send('StopInstance', { instanceName: 'web' })
    site.account.setInstanceState('web', 'running', site.now())
    site.pass(100)
    expect(instance('web').state.name).toBe('running')
    expect(() => site.account.setInstanceState('nope', 'running', site.now())).toThrow('does not exist')
  })
})
