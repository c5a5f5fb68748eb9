// The health of an instance, the load balancers in front of it, and what it costs.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ startDurationMs: 10_000, healthDurationMs: 60_000 })
  site.account.addInstance('web', 60, site.now())
  site.account.addInstance('resting', 20, site.now(), { state: 'stopped' })
})
afterEach(() => site.emulator.close())

/** The status and reachability of the instance, which are the same for itself and for the system. */
async function health(instanceName: string, question: object = { includeHealthStatus: true }) {
  const { instance } = (await site.send('GetInstance', { instanceName, ...question })).body
  expect(instance?.systemStatus).toEqual(instance?.instanceStatus)
  const status = instance?.instanceStatus
  return status === undefined ? undefined : [status.status, ...status.details.map((check) => check.status)]
}

describe('the health of an instance', () => {
  test('is reported only on request', async () => {
    expect(await health('web')).toEqual(['ok', 'passed'])
    for (const question of [{ includeHealthStatus: false }, {}]) {
      expect(await health('web', question)).toBeUndefined()
    }
  })

  test('is initializing for a while after a start', async () => {
    await site.send('StartInstance', { instanceName: 'resting' })
    const healthAfter = (seconds: number) => site.later(seconds, () => health('resting'))
    expect(await healthAfter(9)).toEqual(['not-applicable'])
    expect(await healthAfter(10)).toEqual(['initializing', 'initializing'])
    expect(await healthAfter(69)).toEqual(['initializing', 'initializing'])
    expect(await healthAfter(70)).toEqual(['ok', 'passed'])
  })

  test('can be impaired from then on', async () => {
    site.set({ health: 'impaired' })
    await site.send('StartInstance', { instanceName: 'resting' })
    expect(await site.later(69, () => health('resting'))).toEqual(['initializing', 'initializing'])
    expect(await site.later(70, () => health('resting'))).toEqual(['impaired', 'failed'])
    const input = { instanceName: 'web', includeHealthStatus: true }
    const { instance } = (await site.later(5, () => site.send('GetInstance', input))).body
    expect(instance?.instanceStatus?.details[0]?.impairedSince).toBe(instance?.createdAt)
  })

  test('can be missing from the response', async () => {
    site.set({ health: 'unreported' })
    expect(await health('web')).toBeUndefined()
  })
})

describe('a load balancer', () => {
  beforeEach(() => {
    site.account.addLoadBalancer('balancer', site.now(), ['web', 'resting'])
  })

  test('has instances behind it, whether they run or not', async () => {
    const { loadBalancer } = (await site.send('GetLoadBalancer', { loadBalancerName: 'balancer' })).body
    expect(loadBalancer).toMatchObject({
      resourceType: 'LoadBalancer',
      state: 'active',
      instanceHealthSummary: [
        { instanceName: 'web', instanceHealth: 'healthy' },
        { instanceName: 'resting', instanceHealth: 'unused' },
      ],
    })
    const { loadBalancers } = (await site.send('GetLoadBalancers', {})).body
    expect(loadBalancers).toEqual([loadBalancer])
  })

  test('has its own name and tags', async () => {
    expect(() => site.account.addInstance('balancer', 60, site.now())).toThrow('already in use: balancer')
    await site.send('TagResource', { resourceName: 'balancer', tags: [{ key: 'a' }] })
    expect(site.account.loadBalancer('balancer', site.now()).tags).toEqual([{ key: 'a' }])
  })

  test('is refused if it, or an instance for it, doesn’t exist', async () => {
    expect(await refusalOf(site.send('GetLoadBalancer', { loadBalancerName: 'nope' }))).toEqual([
      400,
      'NotFoundException',
      'The LoadBalancer does not exist: nope',
    ])
    expect(() => site.account.addLoadBalancer('other', site.now(), ['nope'])).toThrow(
      'The Instance does not exist: nope',
    )
  })
})

describe('the bundles', () => {
  const bundles = async (input: object = {}) => (await site.send('GetBundles', input)).body.bundles ?? []

  test('have their price, without those that are retired', async () => {
    const small = (await bundles()).find(({ bundleId }) => bundleId === 'small_3_0')
    expect(small).toMatchObject({ price: 12, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60, isActive: true })
    expect((await bundles()).filter(({ isActive }) => !isActive)).toEqual([])
  })

  test('include the retired ones on request', async () => {
    const retired = (await bundles({ includeInactive: true })).filter(({ isActive }) => !isActive)
    expect(retired).toMatchObject([{ bundleId: 'small_2_0', price: 10 }])
  })

  test('come in pages', async () => {
    site.set({ pageSize: 5 })
    const { body } = await site.send('GetBundles', {})
    expect([body.bundles?.length, body.nextPageToken]).toEqual([5, expect.any(String)])
    expect(await bundles({ pageToken: body.nextPageToken })).toHaveLength(2)
  })

  test('decide the size of an instance', () => {
    site.account.addInstance('large', 160, site.now(), { bundleId: 'large_3_0' })
    expect(site.account.instance('large', site.now())).toMatchObject({
      bundleId: 'large_3_0',
      hardware: { cpuCount: 2, ramSizeInGb: 8 },
    })
    expect(() => site.account.addInstance('odd', 8, site.now(), { bundleId: 'odd_1_0' })).toThrow(
      'The bundle does not exist: odd_1_0',
    )
  })
})
