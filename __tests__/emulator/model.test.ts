// Every response of the emulator against the SDK's own model of the service: no unknown member, no wrong type.

import * as model from '@aws-sdk/client-lightsail'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { NormalizedSchema } from '@smithy/core/schema'
import { operations } from '../../emulator/service/operations.js'
import type { Emulator } from '../../emulator/service/server.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { call, type RawAnswer } from '../support/raw-client.js'

const outputSchemas = {
  CreateDiskSnapshot: model.CreateDiskSnapshotResult$,
  DeleteDiskSnapshot: model.DeleteDiskSnapshotResult$,
  CreateDisk: model.CreateDiskResult$,
  CreateDiskFromSnapshot: model.CreateDiskFromSnapshotResult$,
  AttachDisk: model.AttachDiskResult$,
  DetachDisk: model.DetachDiskResult$,
  DeleteDisk: model.DeleteDiskResult$,
  StopInstance: model.StopInstanceResult$,
  StartInstance: model.StartInstanceResult$,
  CreateInstancesFromSnapshot: model.CreateInstancesFromSnapshotResult$,
  DeleteInstance: model.DeleteInstanceResult$,
  CreateInstanceSnapshot: model.CreateInstanceSnapshotResult$,
  DeleteInstanceSnapshot: model.DeleteInstanceSnapshotResult$,
  PutInstancePublicPorts: model.PutInstancePublicPortsResult$,
  AllocateStaticIp: model.AllocateStaticIpResult$,
  AttachStaticIp: model.AttachStaticIpResult$,
  DetachStaticIp: model.DetachStaticIpResult$,
  TagResource: model.TagResourceResult$,
  UntagResource: model.UntagResourceResult$,
  GetDisk: model.GetDiskResult$,
  GetDisks: model.GetDisksResult$,
  GetInstance: model.GetInstanceResult$,
  GetInstances: model.GetInstancesResult$,
  GetInstanceAccessDetails: model.GetInstanceAccessDetailsResult$,
  GetInstanceState: model.GetInstanceStateResult$,
  GetDiskSnapshot: model.GetDiskSnapshotResult$,
  GetDiskSnapshots: model.GetDiskSnapshotsResult$,
  GetInstanceSnapshot: model.GetInstanceSnapshotResult$,
  GetInstanceSnapshots: model.GetInstanceSnapshotsResult$,
  GetInstancePortStates: model.GetInstancePortStatesResult$,
  GetLoadBalancer: model.GetLoadBalancerResult$,
  GetLoadBalancers: model.GetLoadBalancersResult$,
  GetBundles: model.GetBundlesResult$,
  GetStaticIp: model.GetStaticIpResult$,
  GetStaticIps: model.GetStaticIpsResult$,
  GetOperation: model.GetOperationResult$,
  GetOperations: model.GetOperationsResult$,
  GetOperationsForResource: model.GetOperationsForResourceResult$,
  GetRegions: model.GetRegionsResult$,
} as const

// Members whose possible values the model lists; in the schemas they are just strings.
const words: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Operation.status', Object.values(model.OperationStatus)],
  // The service returns types that the model doesn't list.
  ['Operation.operationType', [...Object.values(model.OperationType), 'TagResource', 'UntagResource']],
  ['Operation.resourceType', Object.values(model.ResourceType)],
  ['DiskSnapshot.state', Object.values(model.DiskSnapshotState)],
  ['DiskSnapshot.resourceType', Object.values(model.ResourceType)],
  ['Instance.ipAddressType', Object.values(model.IpAddressType)],
  ['InstanceSnapshot.state', Object.values(model.InstanceSnapshotState)],
  ['InstanceSnapshot.resourceType', Object.values(model.ResourceType)],
  ['InstanceHealthStatus.status', Object.values(model.InstanceHealthStatusValue)],
  ['InstanceHealthStatusDetail.name', Object.values(model.InstanceHealthStatusDetailName)],
  ['InstanceHealthStatusDetail.status', Object.values(model.InstanceHealthStatusDetailValue)],
  ['InstancePortState.protocol', Object.values(model.NetworkProtocol)],
  ['InstancePortState.state', Object.values(model.PortState)],
  ['LoadBalancer.state', Object.values(model.LoadBalancerState)],
  ['LoadBalancer.protocol', Object.values(model.LoadBalancerProtocol)],
  ['LoadBalancer.resourceType', Object.values(model.ResourceType)],
  ['InstanceHealthSummary.instanceHealth', Object.values(model.InstanceHealthState)],
  ['StaticIp.resourceType', Object.values(model.ResourceType)],
  ['Disk.state', Object.values(model.DiskState)],
  ['Region.name', Object.values(model.RegionName)],
  ['ResourceLocation.regionName', Object.values(model.RegionName)],
])

/** Returns every difference between a value and its schema, each with its path. */
function differences(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (schema.isStructSchema()) return structureDifferences(schema, value, path)
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) return [`${path} is not a list`]
    return value.flatMap((item, place) => differences(schema.getValueSchema(), item, `${path}[${place}]`))
  }
  const type = schema.isStringSchema()
    ? 'string'
    : schema.isBooleanSchema()
      ? 'boolean'
      : schema.isNumericSchema() || schema.isTimestampSchema()
        ? 'number'
        : 'nothing known here'
  return typeof value === type ? [] : [`${path} is not a ${type}`]
}

function structureDifferences(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path} is not a structure`]
  const members = schema.getMemberSchemas()
  return Object.entries(value).flatMap(([name, content]) => {
    const member = members[name]
    if (member === undefined) return [`${path}.${name} is not in the model`]
    const known = words.get(`${schema.getName()}.${name}`)
    const wrongWord = known !== undefined && !known.includes(String(content))
    return [
      ...differences(member, content, `${path}.${name}`),
      ...(wrongWord ? [`${path}.${name} has a word that the model has not: ${content}`] : []),
    ]
  })
}

describe("the emulator's responses", () => {
  let emulator: Emulator
  let answers: readonly (readonly [operation: string, answer: RawAnswer['body']])[]

  beforeAll(async () => {
    emulator = await startFilledEmulator({ snapshotDurationMs: 60_000, pageSize: 1 })
    const account = emulator.region(region)
    const now = Date.now()
    account.addInstance('resting', 20, now, { state: 'stopped' })
    account.addDisk('logs', 8, now, 'wordpress')
    account.addDisk('cold', 8, now, 'resting')
    account.addDisk('spare', 8, now)
    account.addDisk('rubbish', 8, now)
    account.putSnapshot({ name: 'old', source: { type: 'disk', name: 'shop-data' }, createdAt: 0 })
    const make = {
      diskName: 'shop-data',
      diskSnapshotName: 'snap-1',
      tags: [{ key: 'a', value: 'b' }, { key: 'c' }],
    }
    const made = await call(emulator, 'CreateDiskSnapshot', make)
    await call(emulator, 'CreateDiskSnapshot', { instanceName: 'wordpress', diskSnapshotName: 'snap-2' })
    account.putInstanceSnapshot({ name: 'old-machine', instanceName: 'wordpress', createdAt: 0 })
    account.addInstance('useless', 20, now)
    account.addDisk('useless-disk', 8, now, 'useless')
    const place = { availabilityZone: `${region}a`, bundleId: 'small_3_0' }
    const machine = { ...place, instanceSnapshotName: 'old-machine' }
    account.addLoadBalancer('balancer', now, ['wordpress', 'resting'])
    const icmp = { fromPort: 8, toPort: -1, protocol: 'icmp', cidrs: ['203.0.113.0/24'] }
    const restore = { diskName: 'restored', diskSnapshotName: 'old', sizeInGb: 32 }
    // In this order: after each change, the resource is read again.
    const requests: readonly (readonly [keyof typeof outputSchemas, object])[] = [
      ['CreateDiskSnapshot', { ...make, diskSnapshotName: 'snap-3' }],
      ['GetDisk', { diskName: 'logs' }],
      ['GetDisks', {}],
      ['GetInstance', { instanceName: 'wordpress' }],
      ['GetInstance', { instanceName: 'resting' }],
      ['GetInstance', { instanceName: 'wordpress', includeHealthStatus: true }],
      ['GetInstance', { instanceName: 'resting', includeHealthStatus: true }],
      ['GetInstances', {}],
      ['GetDiskSnapshot', { diskSnapshotName: 'snap-2' }],
      ['GetDiskSnapshot', { diskSnapshotName: 'old' }],
      ['GetDiskSnapshots', {}],
      ['GetOperation', { operationId: made.body.operations?.[0]?.id }],
      ['GetOperationsForResource', { resourceName: 'snap-1' }],
      ['CreateDiskFromSnapshot', { ...restore, availabilityZone: `${region}a`, tags: make.tags }],
      ['GetDisk', { diskName: 'restored' }],
      ['CreateDisk', { diskName: 'empty', availabilityZone: `${region}a`, sizeInGb: 8 }],
      ['GetRegions', { includeAvailabilityZones: true, includeRelationalDatabaseAvailabilityZones: true }],
      ['GetRegions', {}],
      ['AttachDisk', { diskName: 'spare', instanceName: 'wordpress', diskPath: '/dev/xvdz' }],
      ['GetDisk', { diskName: 'spare' }],
      ['DetachDisk', { diskName: 'cold' }],
      ['GetDisk', { diskName: 'cold' }],
      ['TagResource', { resourceName: 'spare', tags: make.tags }],
      ['UntagResource', { resourceName: 'spare', tagKeys: ['a'] }],
      [
        'CreateInstanceSnapshot',
        { instanceName: 'wordpress', instanceSnapshotName: 'whole', tags: make.tags },
      ],
      ['GetInstanceSnapshot', { instanceSnapshotName: 'whole' }],
      ['GetInstanceSnapshots', {}],
      ['CreateInstancesFromSnapshot', { ...machine, instanceNames: ['restored-machine'] }],
      ['GetInstance', { instanceName: 'restored-machine', includeHealthStatus: true }],
      ['DeleteInstanceSnapshot', { instanceSnapshotName: 'old-machine' }],
      ['PutInstancePublicPorts', { instanceName: 'wordpress', portInfos: [icmp] }],
      ['GetInstancePortStates', { instanceName: 'wordpress' }],
      ['GetInstancePortStates', { instanceName: 'resting' }],
      ['GetLoadBalancer', { loadBalancerName: 'balancer' }],
      ['GetLoadBalancers', {}],
      ['GetBundles', { includeInactive: true }],
      ['AllocateStaticIp', { staticIpName: 'site-ip' }],
      ['GetStaticIp', { staticIpName: 'site-ip' }],
      ['AttachStaticIp', { staticIpName: 'site-ip', instanceName: 'wordpress' }],
      ['GetStaticIps', {}],
      ['GetInstance', { instanceName: 'wordpress' }],
      ['DetachStaticIp', { staticIpName: 'site-ip' }],
      ['DeleteDisk', { diskName: 'rubbish' }],
      ['DeleteDiskSnapshot', { diskSnapshotName: 'old' }],
      ['DeleteInstance', { instanceName: 'useless' }],
      ['StopInstance', { instanceName: 'wordpress' }],
      ['GetInstanceState', { instanceName: 'wordpress' }],
      ['GetInstanceAccessDetails', { instanceName: 'wordpress' }],
      ['StartInstance', { instanceName: 'resting' }],
      ['GetInstance', { instanceName: 'resting' }],
      ['GetOperations', {}],
    ]
    const answered: [string, RawAnswer['body']][] = []
    for (const [name, input] of requests) answered.push([name, (await call(emulator, name, input)).body])
    answers = answered
  })
  afterAll(() => emulator.close())

  test('cover every operation that the emulator knows', () => {
    expect(Object.keys(outputSchemas).sort()).toEqual([...operations.keys()].sort())
  })

  test.each(Object.entries(outputSchemas))('%s responds as the model says', (name, schema) => {
    const ofThis = answers.filter(([operation]) => operation === name)
    expect(ofThis).not.toEqual([])
    for (const [, answer] of ofThis) {
      expect(Object.keys(answer)).not.toContain('__type')
      expect(differences(NormalizedSchema.of(schema), answer, name)).toEqual([])
    }
  })

  test('are really checked against the model: an unknown member, a wrong type and a wrong word are found', () => {
    const schema = NormalizedSchema.of(model.GetDiskSnapshotResult$)
    const answer = { diskSnapshot: { name: 7, invented: 1, state: 'finished', tags: {} }, more: true }
    expect(differences(schema, answer, '')).toEqual([
      '.diskSnapshot.name is not a string',
      '.diskSnapshot.invented is not in the model',
      '.diskSnapshot.state has a word that the model has not: finished',
      '.diskSnapshot.tags is not a list',
      '.more is not in the model',
    ])
  })

  test.each([
    ['NotFoundException', model.NotFoundException$, 'GetDisk', { diskName: 'nothing' }],
    ['InvalidInputException', model.InvalidInputException$, 'GetDisk', {}],
  ])('of an error are as the model of %s says', async (exception, schema, operation, input) => {
    const { status, body } = await call(emulator, operation, input)
    const { __type, ...members } = body
    expect([status, __type]).toEqual([400, exception])
    expect(differences(NormalizedSchema.of(schema), members, exception)).toEqual([])
  })
})
