// The emulator through the real client of the AWS SDK.
import {
  AttachStaticIpCommand,
  CreateDiskCommand,
  type CreateDiskCommandInput,
  CreateInstanceSnapshotCommand,
  CreateInstancesFromSnapshotCommand,
  DeleteInstanceCommand,
  DeleteInstanceSnapshotCommand,
  GetBundlesCommand,
  GetDiskCommand,
  GetDomainsCommand,
  GetInstanceCommand,
  GetInstanceSnapshotCommand,
  GetInstanceSnapshotsCommand,
  GetLoadBalancersCommand,
  GetRegionsCommand,
  GetStaticIpCommand,
  LightsailClient,
  PutInstancePublicPortsCommand,
  RegionName,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lightsail'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { operations } from '../../emulator/service/operations.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'
import { region } from '../support/emulated.js'

let emulator: Emulator
let client: LightsailClient

beforeEach(async () => {
  emulator = await startEmulator({ behaviour: everyChangeTakes(0) })
  client = clientIn(region)
})
afterEach(async () => {
  client.destroy()
  await emulator.close()
})

function clientIn(regionName: string): LightsailClient {
  return new LightsailClient({
    region: regionName,
    endpoint: emulator.url,
    credentials: { accessKeyId: 'emulated', secretAccessKey: 'emulated' },
    maxAttempts: 1,
  })
}

describe('CreateDisk', () => {
  const input = { diskName: 'uploads', availabilityZone: `${region}b`, sizeInGb: 16 }
  const create = (changes: Partial<CreateDiskCommandInput> = {}) =>
    client.send(new CreateDiskCommand({ ...input, ...changes }))

  test('creates an empty disk, which can be tagged and untagged', async () => {
    const { operations: started } = await create({ tags: [{ key: 'stage', value: 'production' }] })
    expect(started).toMatchObject([
      { operationType: 'CreateDisk', resourceName: 'uploads', resourceType: 'Disk', isTerminal: true },
    ])
    await client.send(new TagResourceCommand({ resourceName: 'uploads', tags: [{ key: 'keep' }] }))
    await client.send(new UntagResourceCommand({ resourceName: 'uploads', tagKeys: ['stage'] }))
    const { disk } = await client.send(new GetDiskCommand({ diskName: 'uploads' }))
    expect(disk).toMatchObject({
      sizeInGb: 16,
      state: 'available',
      isAttached: false,
      location: { availabilityZone: `${region}b`, regionName: region },
      tags: [{ key: 'keep' }],
    })
    expect(emulator.region(region).contentOf('uploads')).toBe('empty')
  })

  test.each<[Partial<CreateDiskCommandInput>, string]>([
    [{ sizeInGb: 0 }, 'The disk size is not valid: 0 GB'],
    [{ sizeInGb: 16_385 }, 'The disk size is not valid: 16385 GB'],
    [{ diskName: 'x' }, "We can't accept the name x"],
    [{ availabilityZone: 'us-east-1a' }, 'The Availability Zone is not valid: us-east-1a'],
    [{ tags: [{ key: 'aws:x' }] }, "Tag keys can't start with aws:"],
  ])('is refused with %j', async (changes, message) => {
    await expect(create(changes)).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining(message),
    })
    expect(emulator.region(region).disks.names(Date.now())).toEqual([])
  })
})

describe('GetRegions', () => {
  test("lists the Regions of the service's model, without their zones", async () => {
    const { regions = [] } = await client.send(new GetRegionsCommand({}))
    expect(regions.map(({ name }) => name).sort()).toEqual(Object.values(RegionName).sort())
    for (const each of regions) {
      expect(each).toMatchObject({ availabilityZones: [], relationalDatabaseAvailabilityZones: [] })
    }
  })

  test.each(['availabilityZones', 'relationalDatabaseAvailabilityZones'] as const)(
    'lists the %s if asked to, in which disks can be created',
    async (member) => {
      const { regions = [] } = await client.send(
        new GetRegionsCommand({
          [member === 'availabilityZones'
            ? 'includeAvailabilityZones'
            : 'includeRelationalDatabaseAvailabilityZones']: true,
        }),
      )
      const own = regions.find(({ name }) => name === region)
      const zones = ['a', 'b', 'c'].map((letter) => ({ zoneName: `${region}${letter}`, state: 'available' }))
      expect(own).toMatchObject({
        availabilityZones: [],
        relationalDatabaseAvailabilityZones: [],
        [member]: zones,
      })
      for (const { zoneName } of zones) {
        const input = { diskName: zoneName, availabilityZone: zoneName, sizeInGb: 8 }
        await client.send(new CreateDiskCommand(input))
      }
    },
  )

  test('lists a Region that is not in the model if the request goes to that Region', async () => {
    const elsewhere = clientIn('mx-central-1')
    const { regions = [] } = await elsewhere.send(new GetRegionsCommand({}))
    elsewhere.destroy()
    expect(regions.map(({ name }) => name)).toContain('mx-central-1')
  })
})

describe('the requests for whole instances', () => {
  const account = () => emulator.region(region)
  const [whole, old] = [{ instanceSnapshotName: 'whole' }, { instanceName: 'old' }]

  beforeEach(async () => {
    account().addInstance('old', 60, Date.now())
    account().addDisk('data', 8, Date.now(), 'old')
    account().writeTo('old', '/dev/xvda', 'site', Date.now())
    await client.send(new CreateInstanceSnapshotCommand({ ...whole, ...old }))
  })

  test('return every member of a snapshot', async () => {
    const { instanceSnapshots } = await client.send(new GetInstanceSnapshotsCommand({}))
    const { instanceSnapshot } = await client.send(new GetInstanceSnapshotCommand(whole))
    expect(instanceSnapshots).toEqual([instanceSnapshot])
    expect(instanceSnapshot).toMatchObject({
      state: 'available',
      createdAt: expect.any(Date),
      fromInstanceName: 'old',
      fromBundleId: 'small_3_0',
      sizeInGb: 60,
      fromAttachedDisks: [{ name: 'data', path: '/dev/xvdf' }],
    })
  })

  test('replace an instance: it has the data and the address, and is reported healthy', async () => {
    account().addStaticIp('site-ip', Date.now(), 'old')
    const created = await client.send(
      new CreateInstancesFromSnapshotCommand({
        ...whole,
        instanceNames: ['new'],
        availabilityZone: `${region}a`,
        bundleId: 'small_3_0',
        attachedDiskMapping: { new: [{ originalDiskPath: '/dev/xvdf', newDiskName: 'new-data' }] },
      }),
    )
    expect(created.operations).toMatchObject([{ resourceName: 'new', resourceType: 'Instance' }])
    const portInfos = [{ fromPort: 22, toPort: 22, protocol: 'tcp' } as const]
    const { operation } = await client.send(
      new PutInstancePublicPortsCommand({ instanceName: 'new', portInfos }),
    )
    expect(operation).toMatchObject({ operationType: 'PutInstancePublicPorts', status: 'Succeeded' })
    await client.send(new AttachStaticIpCommand({ staticIpName: 'site-ip', instanceName: 'new' }))
    const { staticIp } = await client.send(new GetStaticIpCommand({ staticIpName: 'site-ip' }))
    const { instance } = await client.send(
      new GetInstanceCommand({ instanceName: 'new', includeHealthStatus: true }),
    )
    expect(instance).toMatchObject({
      publicIpAddress: staticIp?.ipAddress,
      isStaticIp: true,
      hardware: { disks: [{ isSystemDisk: true }, { name: 'new-data', path: '/dev/xvdf' }] },
      instanceStatus: { status: 'ok', details: [{ name: 'reachability', status: 'passed' }] },
    })
    expect(account().contentOfInstance('new', '/dev/xvda')).toBe('site')
  })

  test('say which load balancer is in front of an instance, and what it costs', async () => {
    account().addLoadBalancer('balancer', Date.now(), ['old'])
    const { loadBalancers } = await client.send(new GetLoadBalancersCommand({}))
    expect(loadBalancers).toMatchObject([
      { name: 'balancer', instanceHealthSummary: [{ instanceName: 'old', instanceHealth: 'healthy' }] },
    ])
    const { bundles = [] } = await client.send(new GetBundlesCommand({}))
    expect(bundles.find(({ bundleId }) => bundleId === 'small_3_0')).toMatchObject({ price: 12 })
  })

  test('delete an instance and its snapshot', async () => {
    await client.send(new DeleteInstanceCommand(old))
    await client.send(new DeleteInstanceSnapshotCommand(whole))
    await expect(client.send(new GetInstanceCommand(old))).rejects.toMatchObject({
      name: 'NotFoundException',
    })
    const { instanceSnapshots } = await client.send(new GetInstanceSnapshotsCommand({}))
    expect(instanceSnapshots).toEqual([])
  })
})

test('an operation that the emulator lacks is refused: the message names the emulator and lists what it supports', async () => {
  const names = [...operations.keys()].sort().join(', ')
  expect(names).toContain('CreateDisk, ')
  await expect(client.send(new GetDomainsCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: `The emulator of lightsail-disk-snapshot doesn't support GetDomains. It supports: ${names}.`,
  })
})
