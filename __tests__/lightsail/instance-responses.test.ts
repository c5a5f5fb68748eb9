import { describe, expect, test } from '@jest/globals'
import {
  isAddressType,
  readBundle,
  readInstance,
  readLoadBalancer,
  readPorts,
  readStaticIp,
  requestPorts,
} from '../../src/lightsail/instance-responses.js'
import { readInstanceSnapshot } from '../../src/lightsail/responses.js'

describe('a response about what leads to an instance', () => {
  test('without a name describes nothing', () => {
    expect([readStaticIp({}), readLoadBalancer({}), readBundle({}), readInstanceSnapshot({})]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('known only by name has no other values', () => {
    expect(readStaticIp({ name: 'address' })).toEqual({
      name: 'address',
      arn: null,
      address: null,
      attachedTo: null,
    })
    expect(readLoadBalancer({ name: 'front', instanceHealthSummary: [{}] })).toEqual({
      name: 'front',
      arn: null,
      instanceNames: [],
    })
    expect(readLoadBalancer({ name: 'front' })?.instanceNames).toEqual([])
    const none = { monthlyPrice: null, cpuCount: null, ramSizeInGb: null, diskSizeInGb: null }
    expect(readBundle({ bundleId: 'small_3_0' })).toEqual({ id: 'small_3_0', ...none })
    const lists = { cidrs: [], ipv6Cidrs: [], cidrListAliases: [] }
    expect(readPorts({})).toEqual({ fromPort: 0, toPort: 0, protocol: '', ...lists })
  })

  test('of a static IP that is detached may still say where it was', () => {
    expect(readStaticIp({ name: 'address', attachedTo: 'shop', isAttached: false })?.attachedTo).toBeNull()
    expect(readStaticIp({ name: 'address', attachedTo: 'shop', isAttached: true })?.attachedTo).toBe('shop')
  })
})

test.each([
  [[], null],
  [['passed'], 'passed'],
  [['passed', 'failed'], 'failed'],
  [['initializing', 'passed'], 'initializing'],
] as const)('the reachability of %j is %s', (statuses, reachability) => {
  const [first, second] = statuses.map((status) => ({ details: [{ name: 'reachability' as const, status }] }))
  const instance = readInstance({
    name: 'shop',
    ...(first && { instanceStatus: first }),
    ...(second && { systemStatus: second }),
  })
  expect(instance?.reachability).toBe(reachability)
  const silent = { details: [{ name: 'reachability' as const }] }
  expect(readInstance({ name: 'shop', instanceStatus: silent, systemStatus: {} })?.reachability).toBeNull()
})

test('the ports of a request are those of the response, without a protocol that the service doesn’t know', () => {
  const rule = { fromPort: 80, toPort: 80, cidrs: ['0.0.0.0/0'], ipv6Cidrs: [], cidrListAliases: [] }
  expect(requestPorts({ ...rule, protocol: 'tcp' })).toEqual({ ...rule, protocol: 'tcp' })
  expect(requestPorts({ ...rule, protocol: 'carrier pigeon' })).toEqual(rule)
})

test.each([
  ['ipv4', true],
  ['dualstack', true],
  ['carrier pigeon', false],
  [null, false],
] as const)('%s is a type of address: %s', (word, isOne) => {
  expect(isAddressType(word)).toBe(isOne)
})

test('the size of an instance snapshot is that of all its disks', () => {
  const snapshot = { name: 'snap', sizeInGb: 60, fromAttachedDisks: [{ sizeInGb: 32 }, {}] }
  expect(readInstanceSnapshot(snapshot)).toMatchObject({ type: 'instance', sizeInGb: 92, bundleId: null })
  expect(readInstanceSnapshot({ name: 'snap' })?.sizeInGb).toBeNull()
})
