// Deleting instances: the states, what happens to their disks and addresses, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ deleteDurationMs: 5000, stopDurationMs: 3000 })
  site.account.addInstance('web', 60, site.now(), { isStaticIp: true })
  site.account.addInstance('next', 60, site.now())
  site.account.addDisk('data', 32, site.now(), 'web')
  site.account.addLoadBalancer('balancer', site.now(), ['web', 'next'])
})
afterEach(() => site.emulator.close())

const remove = (instanceName = 'web') => site.send('DeleteInstance', { instanceName })

const stateAfter = (seconds: number) =>
  site.later(
    seconds,
    async () => (await site.send('GetInstanceState', { instanceName: 'web' })).body.state?.name,
  )

describe('deleting an instance', () => {
  test('takes a while, or no time', async () => {
    await remove()
    expect([await stateAfter(4), await stateAfter(5)]).toEqual(['shutting-down', undefined])
    site.set({ deleteDurationMs: 0 })
    expect((await remove('next')).body.operations).toMatchObject([
      { operationType: 'DeleteInstance', resourceName: 'next', status: 'Succeeded', isTerminal: true },
    ])
  })

  test('detaches its disks, each with an operation', async () => {
    const { operations } = (await remove()).body
    expect(operations?.map((each) => [each.operationType, each.resourceName, each.operationDetails])).toEqual(
      [
        ['DetachDisk', 'data', 'web'],
        ['DetachDisk', 'web', 'data'],
        ['DeleteInstance', 'web', undefined],
      ],
    )
    expect(await site.diskAfter(4, 'data')).toEqual(['in-use', true, 'web', '/dev/xvdf'])
    expect(await site.diskAfter(5, 'data')).toEqual(['available', false, undefined, undefined])
  })

  test('leaves its static IP attached to nothing, and its load balancer with the others', async () => {
    await remove()
    const staticIp = () => site.account.staticIp('web-ip', site.now())
    const behind = () =>
      site.account
        .loadBalancer('balancer', site.now())
        .instanceHealthSummary.map(({ instanceName }) => instanceName)
    expect([staticIp().attachedTo, behind()]).toEqual(['web', ['web', 'next']])
    site.pass(5)
    expect([staticIp().isAttached, behind()]).toEqual([false, ['next']])
  })

  test('is refused a second time, and while the instance is stopping', async () => {
    await site.send('StopInstance', { instanceName: 'next' })
    expect(await refusalOf(remove('next'))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining('another operation on this instance is in progress'),
    ])
    await remove()
    expect((await refusalOf(remove()))[1]).toBe('NotFoundException')
  })

  test('can fail after it was accepted: the instance keeps everything', async () => {
    site.set({ failingOperations: ['DeleteInstance'] })
    await remove()
    // As for a deletion that succeeds: until the end, the two look the same.
    expect((await refusalOf(remove()))[1]).toBe('NotFoundException')
    site.pass(5)
    const operation = await site.operationAfter(0, 'web')
    expect(operation).toEqual(['DeleteInstance', 'Failed', true, 'InstanceDeletionFailed'])
    expect(await site.diskAfter(0, 'data')).toContain('web')
    expect(site.account.instance('web', site.now())).toMatchObject({
      state: { name: 'running' },
      isStaticIp: true,
    })
  })

  test('can leave the name taken for a while', async () => {
    site.set({ nameHeldMs: 10_000 })
    await remove()
    const add = () => site.account.addStaticIp('web', site.now())
    site.pass(14)
    expect(add).toThrow('already in use: web')
    site.pass(1)
    expect(add).not.toThrow()
  })

  test('is refused for an instance that doesn’t exist', async () => {
    expect(await refusalOf(remove('nope'))).toEqual([
      400,
      'NotFoundException',
      'The Instance does not exist: nope',
    ])
  })
})
