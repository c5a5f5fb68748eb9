// Faults at requests for whole instances: each happens, and a request that is carried out anyway has its effect.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { region } from '../support/emulated.js'
import { type Clocked, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ snapshotDurationMs: 0, instanceDurationMs: 0 })
  const { account } = site
  account.addInstance('web', 60, site.now(), { isStaticIp: true })
  account.addInstance('next', 60, site.now())
  account.addStaticIp('spare-ip', site.now())
  account.addLoadBalancer('balancer', site.now(), ['web'])
  account.putInstanceSnapshot({ name: 'old', instanceName: 'web', createdAt: site.now() })
})
afterEach(() => site.emulator.close())

const fromOld = {
  instanceNames: ['new'],
  instanceSnapshotName: 'old',
  availabilityZone: `${region}a`,
  bundleId: 'small_3_0',
}

const changes: readonly (readonly [operation: string, input: object])[] = [
  ['CreateInstanceSnapshot', { instanceName: 'web', instanceSnapshotName: 'snap' }],
  ['DeleteInstanceSnapshot', { instanceSnapshotName: 'old' }],
  ['CreateInstancesFromSnapshot', fromOld],
  ['DeleteInstance', { instanceName: 'next' }],
  ['AllocateStaticIp', { staticIpName: 'new-ip' }],
  ['AttachStaticIp', { staticIpName: 'spare-ip', instanceName: 'next' }],
  ['DetachStaticIp', { staticIpName: 'web-ip' }],
  ['PutInstancePublicPorts', { instanceName: 'web', portInfos: [] }],
]

const reads: readonly (readonly [operation: string, input: object])[] = [
  ['GetInstanceSnapshot', { instanceSnapshotName: 'old' }],
  ['GetInstanceSnapshots', {}],
  ['GetInstancePortStates', { instanceName: 'web' }],
  ['GetStaticIp', { staticIpName: 'web-ip' }],
  ['GetStaticIps', {}],
  ['GetLoadBalancer', { loadBalancerName: 'balancer' }],
  ['GetLoadBalancers', {}],
  ['GetBundles', {}],
]

/** Everything that the changes can affect. */
async function everything(): Promise<unknown> {
  const asked = [...reads, ['GetInstances', {}] as const]
  return Promise.all(asked.map(async ([operation, input]) => (await site.send(operation, input)).body))
}

describe('a fault', () => {
  test.each(changes)(
    'at %s keeps that request, and no other, from changing anything',
    async (operation, input) => {
      site.emulator.faults.add({ operation, fault: 'throttle', occurrences: [1] })
      const before = await everything()
      expect((await site.send(operation, input)).body.__type).toBe('ThrottlingException')
      expect(await everything()).toEqual(before)
      expect((await site.send(operation, input)).status).toBe(200)
    },
  )

  test.each(reads)('at %s affects that request, and no other', async (operation, input) => {
    site.emulator.faults.add({ operation, fault: 'throttle', occurrences: [1] })
    expect((await site.send(operation, input)).body.__type).toBe('ThrottlingException')
    expect((await site.send(operation, input)).status).toBe(200)
  })

  test.each(changes)('that loses the response to %s doesn’t undo its effect', async (operation, input) => {
    site.emulator.faults.add({ operation, fault: 'drop-after', occurrences: [1] })
    const before = await everything()
    await expect(site.send(operation, input)).rejects.toThrow()
    expect(await everything()).not.toEqual(before)
  })
})
