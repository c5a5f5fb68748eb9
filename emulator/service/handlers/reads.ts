import { hostKeysOf } from '../host-keys.js'
import { requiredText } from '../limits.js'
import type { Disk, Input } from '../wire.js'
import { regionNames, zonesOf } from '../zones.js'
import { existingName, type Handler, type RequestContext } from './context.js'
import { requestedHealth } from './health.js'
import { inOrder, list, listOf, shifted } from './lists.js'

/** The requests that change nothing. */
export const reads: readonly (readonly [string, Handler])[] = [
  ['GetDisk', (context, input) => ({ disk: readDisk(context, existingName(input, 'diskName')) })],
  ['GetDisks', shifted('GetDisks', listOf('disks', 'disks', readDisk))],
  ['GetInstance', getInstance],
  ['GetInstances', shifted('GetInstances', listOf('instances', 'instances', readInstance))],
  [
    'GetInstanceState',
    ({ region, now }, input) => ({ state: region.instance(existingName(input, 'instanceName'), now).state }),
  ],
  [
    'GetInstanceAccessDetails',
    (context, input) => ({ accessDetails: readAccess(context, existingName(input, 'instanceName')) }),
  ],
  [
    'GetDiskSnapshot',
    (context, input) => ({ diskSnapshot: readSnapshot(context, existingName(input, 'diskSnapshotName')) }),
  ],
  ['GetDiskSnapshots', shifted('GetDiskSnapshots', listOf('diskSnapshots', 'snapshots', readSnapshot))],
  [
    'GetOperation',
    (context, input) => ({ operation: readOperation(context, requiredText(input, 'operationId')) }),
  ],
  ['GetOperations', list('operations', idsOfAccount, readOperation)],
  ['GetOperationsForResource', list('operations', idsForResource, readOperation)],
  ['GetRegions', getRegions],
]

function getInstance(context: RequestContext, input: Input): object {
  const name = existingName(input, 'instanceName')
  return { instance: { ...readInstance(context, name), ...requestedHealth(context, input, name) } }
}

/** Returns the Regions of the service's model, and the Region of the request if it isn't one of them. */
function getRegions({ region }: RequestContext, input: Input): object {
  const zones = (name: string, isIncluded: unknown) =>
    isIncluded === true ? zonesOf(name).map((zoneName) => ({ zoneName, state: 'available' })) : []
  const regions = [...new Set([...regionNames, region.name])].map((name) => ({
    name,
    displayName: name,
    description: `The emulated Region ${name}.`,
    availabilityZones: zones(name, input['includeAvailabilityZones']),
    relationalDatabaseAvailabilityZones: zones(name, input['includeRelationalDatabaseAvailabilityZones']),
  }))
  return { regions }
}

function readDisk({ region, now }: RequestContext, name: string): object {
  return region.disk(name, now)
}

function readInstance({ region, now, behaviour }: RequestContext, name: string): object {
  const instance = region.instance(name, now, behaviour.instanceLagMs)
  if (!behaviour.namelessDisks) return instance
  return { ...instance, hardware: { ...instance.hardware, disks: instance.hardware.disks.map(nameless) } }
}

/** Nothing listens on an emulated instance: the rest of the details is what a test has set. */
function readAccess({ region, now }: RequestContext, instanceName: string): object {
  const instance = region.instance(instanceName, now)
  const { username, publicIpAddress: ipAddress } = instance
  const usual = { instanceName, protocol: 'ssh', username, ipAddress, hostKeys: hostKeysOf(instance) }
  return { ...usual, ...region.access.get(instanceName) }
}

// Only the members that a system disk has as well: none of them can stand in for the name.
const namelessMembers = ['sizeInGb', 'isSystemDisk', 'iops', 'path', 'attachedTo']

function nameless(disk: Partial<Disk>): object {
  return Object.fromEntries(Object.entries(disk).filter(([member]) => namelessMembers.includes(member)))
}

function readSnapshot({ region, now }: RequestContext, name: string): object {
  return region.snapshot(name, now)
}

function readOperation({ region, now }: RequestContext, id: string): object {
  return region.operations.read(id, now)
}

function idsOfAccount({ region, behaviour }: RequestContext): string[] {
  return inOrder(region.operations.ids(), behaviour.operationOrder).slice(0, behaviour.mostOperations)
}

function idsForResource({ region, behaviour }: RequestContext, input: Input): string[] {
  const name = existingName(input, 'resourceName')
  const ids = region.operations.ids(
    ({ resourceName, resourceType }) =>
      resourceName === name && (behaviour.operationsForSnapshots || !resourceType.endsWith('Snapshot')),
  )
  return inOrder(ids, behaviour.operationOrder)
}
