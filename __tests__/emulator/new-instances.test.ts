// Instances created from a snapshot: what they have, their states, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { region } from '../support/emulated.js'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ snapshotDurationMs: 10_000, instanceDurationMs: 20_000 })
  const { account } = site
  account.addInstance('web', 60, site.now(), { isStaticIp: true, availabilityZone: `${region}b` })
  account.addDisk('data', 32, site.now(), 'web')
  account.addDisk('logs', 8, site.now(), 'web')
  await site.send('PutInstancePublicPorts', { instanceName: 'web', portInfos: [ssh] })
  account.writeTo('web', '/dev/xvda', 'site', site.now())
  account.writeTo('web', '/dev/xvdf', 'orders', site.now())
  await site.send('CreateInstanceSnapshot', { instanceName: 'web', instanceSnapshotName: 'whole' })
  site.pass(10)
  for (const path of ['/dev/xvda', '/dev/xvdf']) account.writeTo('web', path, 'broken', site.now())
})
afterEach(() => site.emulator.close())

const ssh = { fromPort: 22, toPort: 22, protocol: 'tcp' }

function create(changes: object = {}) {
  const wanted = {
    instanceNames: ['new'],
    instanceSnapshotName: 'whole',
    availabilityZone: `${region}b`,
    bundleId: 'small_3_0',
  }
  return site.send('CreateInstancesFromSnapshot', { ...wanted, ...changes })
}

const read = async (instanceName = 'new') => (await site.send('GetInstance', { instanceName })).body.instance
const stateAfter = (seconds: number, name = 'new') =>
  site.later(seconds, async () => (await read(name))?.state.name)

/** Name and path of each block storage disk of the instance. */
async function disksOf(instanceName = 'new'): Promise<string[] | undefined> {
  const disks = (await read(instanceName))?.hardware.disks
  return disks?.filter((disk) => !disk.isSystemDisk).map(({ name, path }) => `${name} ${path}`)
}

describe('an instance from a snapshot', () => {
  test('is pending, then running', async () => {
    expect((await create()).body.operations).toMatchObject([
      {
        operationType: 'CreateInstancesFromSnapshot',
        resourceType: 'Instance',
        resourceName: 'new',
        status: 'Started',
      },
    ])
    expect([await stateAfter(19), await stateAfter(20)]).toEqual(['pending', 'running'])
    const type = 'CreateInstancesFromSnapshot'
    expect(await site.operationAfter(19, 'new')).toEqual([type, 'Started', false, undefined])
    expect(await site.operationAfter(20, 'new')).toEqual([type, 'Succeeded', true, undefined])
  })

  test('has on each disk its content at the time of the snapshot', async () => {
    await create()
    site.pass(20)
    const contents = (name: string) =>
      ['/dev/xvda', '/dev/xvdf', '/dev/xvdg'].map((path) => site.account.contentOfInstance(name, path))
    expect(contents('new')).toEqual(['site', 'orders', 'empty'])
    expect(contents('web')).toEqual(['broken', 'broken', 'empty'])
    site.account.writeTo('new', '/dev/xvda', 'more', site.now())
    expect(site.account.contentOfInstance('web', '/dev/xvda')).toBe('broken')
  })

  test('has disks like its source’s, attached once it runs', async () => {
    await create()
    expect(await site.diskAfter(19, 'data-new')).toEqual(['pending', false, undefined, undefined])
    expect(await site.later(20, () => disksOf())).toEqual(['data-new /dev/xvdf', 'logs-new /dev/xvdg'])
    const { disk } = (await site.send('GetDisk', { diskName: 'data-new' })).body
    expect(disk).toMatchObject({ sizeInGb: 32, location: { availabilityZone: `${region}b` } })
    expect(await disksOf('web')).toEqual(['data /dev/xvdf', 'logs /dev/xvdg'])
  })

  test('has its own ARN and addresses: the static IP stays where it is', async () => {
    const source = await read('web')
    await create()
    expect(await read()).not.toHaveProperty('publicIpAddress')
    site.pass(20)
    const made = await read()
    expect(made).toMatchObject({ isStaticIp: false, publicIpAddress: expect.stringMatching(/^192\.0\.2\./) })
    expect(made?.publicIpAddress).not.toBe(source?.publicIpAddress)
    expect(made?.ipv6Addresses).not.toEqual(source?.ipv6Addresses)
    expect(made?.arn).not.toBe(source?.arn)
    expect((await read('web'))?.isStaticIp).toBe(true)
  })

  test('has its own host keys', async () => {
    const hostKeys = async (instanceName: string) =>
      (await site.send('GetInstanceAccessDetails', { instanceName })).body.accessDetails?.hostKeys
    const source = await hostKeys('web')
    await create()
    expect(await hostKeys('new')).toHaveLength(1)
    expect(await hostKeys('new')).not.toEqual(source)
    expect(await hostKeys('web')).toEqual(source)
  })

  test('has the settings in the request', async () => {
    const tags = [{ key: 'run-id', value: '7' }]
    const place = { availabilityZone: `${region}c`, bundleId: 'large_3_0', keyPairName: 'mine', tags }
    await create({ ...place, ipAddressType: 'ipv4' })
    expect(await read()).toMatchObject({
      location: { availabilityZone: `${region}c` },
      bundleId: 'large_3_0',
      hardware: { ramSizeInGb: 8, disks: [{ isSystemDisk: true, sizeInGb: 160 }] },
      sshKeyName: 'mine',
      tags,
      ipAddressType: 'ipv4',
      ipv6Addresses: [],
    })
  })

  test('has both types of address and the key of the Region unless the request says otherwise', async () => {
    await create()
    const { ipAddressType, ipv6Addresses, sshKeyName } = { ...(await read()) }
    expect([ipAddressType, ipv6Addresses, sshKeyName]).toEqual([
      'dualstack',
      [expect.stringMatching(/^2001:db8::/)],
      'LightsailDefaultKeyPair',
    ])
    await create({ instanceNames: ['new-6'], ipAddressType: 'ipv6' })
    const { publicIpAddress } = { ...(await site.later(20, () => read('new-6'))) }
    expect(publicIpAddress).toBeUndefined()
  })

  test('has the firewall of any new instance, or its source’s', async () => {
    const ports = async (instanceName: string) =>
      (await site.send('GetInstancePortStates', { instanceName })).body.portStates?.map((port) => port.toPort)
    await create()
    site.set({ newInstancePorts: 'source' })
    await create({ instanceNames: ['other'] })
    expect([await ports('new'), await ports('other')]).toEqual([[80, 22, 443], [22]])
  })

  test('refuses changes of its ports while it is pending', async () => {
    await create()
    const put = () => site.send('PutInstancePublicPorts', { instanceName: 'new', portInfos: [ssh] })
    expect((await refusalOf(put()))[2]).toContain('The state of this instance is: pending')
    expect((await site.later(20, put)).status).toBe(200)
  })

  test('can’t be changed while it is pending', async () => {
    await create()
    site.account.addStaticIp('second-ip', site.now())
    const changes = [
      site.send('StopInstance', { instanceName: 'new' }),
      site.send('AttachStaticIp', { instanceName: 'new', staticIpName: 'second-ip' }),
      site.send('CreateInstanceSnapshot', { instanceName: 'new', instanceSnapshotName: 'again' }),
      site.send('DeleteInstance', { instanceName: 'new' }),
    ]
    expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([400, 400, 400, 400])
  })

  test('is reported healthy only a while after it runs', async () => {
    site.set({ healthDurationMs: 30_000 })
    await create()
    const input = { instanceName: 'new', includeHealthStatus: true }
    const healthAfter = (seconds: number) =>
      site.later(
        seconds,
        async () => (await site.send('GetInstance', input)).body.instance?.instanceStatus?.status,
      )
    expect([await healthAfter(19), await healthAfter(49), await healthAfter(50)]).toEqual([
      'not-applicable',
      'initializing',
      'ok',
    ])
  })

  test('can have the same type of operation as any new instance', async () => {
    site.set({ createInstancesOperation: 'CreateInstance' })
    expect((await create()).body.operations).toMatchObject([{ operationType: 'CreateInstance' }])
  })

  test('can stay pending, and be deleted in that state', async () => {
    site.set({ instanceEnd: 'stuck' })
    await create()
    expect(await stateAfter(1e9)).toBe('pending')
    expect((await site.send('DeleteInstance', { instanceName: 'new' })).status).toBe(200)
    expect(await stateAfter(0)).toBeUndefined()
  })

  test('can disappear with its disks, and its operation fail', async () => {
    site.set({ instanceEnd: 'gone' })
    await create()
    expect([await stateAfter(19), await stateAfter(20)]).toEqual(['pending', undefined])
    expect(await site.diskAfter(20, 'data-new')).toBe('NotFoundException')
    expect(await site.operationAfter(20, 'new')).toEqual([
      'CreateInstancesFromSnapshot',
      'Failed',
      true,
      'InstanceCreationFailed',
    ])
    expect((await site.later(20, () => create())).status).toBe(200)
  })

  test('can appear in another zone than the requested one', async () => {
    site.set({ instanceZone: `${region}a` })
    await create()
    expect((await read())?.location.availabilityZone).toBe(`${region}a`)
  })

  test('is hidden at first if that is set, and gets its tags late', async () => {
    site.set({ invisibleMs: 3000, tagsLateMs: 5000 })
    await create({ tags: [{ key: 'a' }] })
    expect([await stateAfter(2), await stateAfter(3)]).toEqual([undefined, 'pending'])
    expect((await refusalOf(create()))[2]).toBe('Some names are already in use: new')
    expect((await site.later(4, () => read()))?.tags).toEqual([])
    expect((await site.later(5, () => read()))?.tags).toEqual([{ key: 'a' }])
  })

  test('can be one of several in one request, each with its own operation and disks', async () => {
    const { operations } = (await create({ instanceNames: ['one', 'two'] })).body
    expect(operations?.map(({ resourceName }) => resourceName)).toEqual(['one', 'two'])
    site.pass(20)
    expect([await disksOf('one'), await disksOf('two')]).toEqual([
      ['data-one /dev/xvdf', 'logs-one /dev/xvdg'],
      ['data-two /dev/xvdf', 'logs-two /dev/xvdg'],
    ])
    const [one, two] = [await read('one'), await read('two')]
    expect(one?.publicIpAddress).not.toBe(two?.publicIpAddress)
    expect(one?.ipv6Addresses).not.toEqual(two?.ipv6Addresses)
  })
})

describe('the mapping of attached disks', () => {
  const mapping = (key: string, changes: object = {}) => ({
    attachedDiskMapping: {
      [key]: [{ originalDiskPath: '/dev/xvdf', newDiskName: 'data-again', ...changes }],
    },
  })
  const names = () => site.later(20, () => disksOf())

  test.each([
    ['new-instance', 'new', 'web'],
    ['source-instance', 'web', 'new'],
  ] as const)('names the new disks, under the name of the %s', async (diskMappingKey, key, other) => {
    site.set({ diskMappingKey })
    expect(await refusalOf(create(mapping(other)))).toEqual([
      400,
      'InvalidInputException',
      `The attached disk mapping is not for an instance of this request: ${other}`,
    ])
    await create(mapping(key))
    expect(await names()).toEqual(['data-again /dev/xvdf', 'logs-new /dev/xvdg'])
  })

  test('can be ignored under any other name', async () => {
    site.set({ otherDiskMappings: 'ignored' })
    await create(mapping('web'))
    expect(await names()).toEqual(['data-new /dev/xvdf', 'logs-new /dev/xvdg'])
  })

  test.each([
    ['a path that the snapshot has not', mapping('new', { originalDiskPath: '/dev/xvdz' }), 'at /dev/xvdz'],
    ['a name that something has', mapping('new', { newDiskName: 'logs' }), 'already in use: logs'],
    ['a name twice', mapping('new', { newDiskName: 'new' }), 'already in use: new'],
    ['a name that is none', mapping('new', { newDiskName: '-' }), "We can't accept the name -"],
    ['no name', mapping('new', { newDiskName: undefined }), "'newDiskName'"],
    ['no path', mapping('new', { originalDiskPath: undefined }), "'originalDiskPath'"],
    ['no list', { attachedDiskMapping: { new: 'data' } }, 'must be a list'],
  ])('is refused with %s', async (_, changes, message) => {
    expect(await refusalOf(create(changes))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining(message),
    ])
    expect(await read()).toBeUndefined()
  })
})

describe('creating an instance from a snapshot is refused', () => {
  test.each([
    ['no names', { instanceNames: [] }, "'instanceNames'"],
    ['names that are no list', { instanceNames: 'new' }, "'instanceNames'"],
    ['a name that is none', { instanceNames: ['-'] }, "We can't accept the name -"],
    ['a name that something has', { instanceNames: ['new', 'data'] }, 'already in use: data'],
    ['a name twice', { instanceNames: ['new', 'new'] }, 'already in use: new'],
    ['a zone of another Region', { availabilityZone: 'us-east-1a' }, 'Zone is not valid: us-east-1a'],
    ['no zone', { availabilityZone: undefined }, "'availabilityZone'"],
    [
      'a smaller bundle',
      { bundleId: 'micro_3_0' },
      'micro_3_0 is smaller than that of the snapshot, small_3_0',
    ],
    ['a bundle that is none', { bundleId: 'tiny_3_0' }, 'The bundle does not exist: tiny_3_0'],
    ['no bundle', { bundleId: undefined }, "'bundleId'"],
    ['an address type that is none', { ipAddressType: 'ipv5' }, 'type is not valid: ipv5'],
    ['a tag that is none', { tags: [{ key: 'aws:x' }] }, 'aws:'],
    ['no snapshot', { instanceSnapshotName: undefined }, "'instanceSnapshotName'"],
  ])('with %s', async (_, changes, message) => {
    expect(await refusalOf(create(changes))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining(message),
    ])
    expect(site.account.instances.names(site.now())).toEqual(['web'])
  })

  test('of a snapshot that doesn’t exist or is being deleted', async () => {
    const gone = (name: string) => [400, 'NotFoundException', `The InstanceSnapshot does not exist: ${name}`]
    expect(await refusalOf(create({ instanceSnapshotName: 'nope' }))).toEqual(gone('nope'))
    site.set({ deleteDurationMs: 3000 })
    await site.send('DeleteInstanceSnapshot', { instanceSnapshotName: 'whole' })
    expect(await refusalOf(create())).toEqual(gone('whole'))
  })

  test.each(['pending', 'error'] as const)('of a snapshot that is %s', async (state) => {
    site.account.putInstanceSnapshot({ name: 'bad', instanceName: 'web', createdAt: site.now(), state })
    expect(await refusalOf(create({ instanceSnapshotName: 'bad' }))).toEqual([
      400,
      site.emulator.behaviour.stateRefusal,
      `You can't use this snapshot right now. The state of this snapshot is: ${state}`,
    ])
  })

  test('beyond the account’s limit of disks', async () => {
    site.set({ mostDisks: 3 })
    expect((await refusalOf(create()))[2]).toBe("You've reached the limit of disks in this account.")
    site.set({ mostDisks: 4 })
    expect((await create()).status).toBe(200)
  })

  test('beyond the account’s limit of instances', async () => {
    site.set({ mostInstances: 2 })
    expect((await refusalOf(create({ instanceNames: ['one', 'two'] })))[2]).toBe(
      "Sorry, you've reached the maximum number of instances for your account.",
    )
    expect((await create()).status).toBe(200)
  })

  test('if a fault is set; if only the response is lost, it was carried out', async () => {
    const operation = 'CreateInstancesFromSnapshot'
    site.emulator.faults.add({ operation, fault: 'throttle', occurrences: [1] })
    site.emulator.faults.add({ operation, fault: 'drop-after', occurrences: [2] })
    expect((await refusalOf(create()))[1]).toBe('ThrottlingException')
    expect(await read()).toBeUndefined()
    await expect(create()).rejects.toThrow()
    expect(await stateAfter(0)).toBe('pending')
  })
})

test('a snapshot outlasts its instance', async () => {
  await site.send('DeleteInstance', { instanceName: 'web' })
  await create({ instanceNames: ['web'] })
  site.pass(20)
  expect(site.account.contentOfInstance('web', '/dev/xvda')).toBe('site')
})
