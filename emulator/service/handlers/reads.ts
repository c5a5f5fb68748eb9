import type { ListShift } from '../behaviour.js'
import { requiredText } from '../limits.js'
import { shiftList } from '../list-shifts.js'
import type { Disk, Input } from '../wire.js'
import { existingName, type Handler, page, type Scene } from './scene.js'

/** The requests that change nothing. */
export const reads: readonly (readonly [string, Handler])[] = [
  ['GetDisk', (scene, input) => ({ disk: readDisk(scene, existingName(input, 'diskName')) })],
  ['GetDisks', shifted('GetDisks', list('disks', ordered('disks'), readDisk))],
  ['GetInstance', (scene, input) => ({ instance: readInstance(scene, existingName(input, 'instanceName')) })],
  ['GetInstances', list('instances', ordered('instances'), readInstance)],
  [
    'GetInstanceState',
    ({ region, now }, input) => ({ state: region.instance(existingName(input, 'instanceName'), now).state }),
  ],
  [
    'GetDiskSnapshot',
    (scene, input) => ({ diskSnapshot: readSnapshot(scene, existingName(input, 'diskSnapshotName')) }),
  ],
  [
    'GetDiskSnapshots',
    shifted('GetDiskSnapshots', list('diskSnapshots', ordered('snapshots'), readSnapshot)),
  ],
  [
    'GetOperation',
    (scene, input) => ({ operation: readOperation(scene, requiredText(input, 'operationId')) }),
  ],
  ['GetOperations', list('operations', idsOfAccount, readOperation)],
  ['GetOperationsForResource', list('operations', idsForResource, readOperation)],
  [
    'GetRegions',
    (scene, input) => ({ regions: [describeRegion(scene, input['includeAvailabilityZones'] === true)] }),
  ],
]

/** The Region that was asked: the emulator has the resources of any, and a list of none. */
function describeRegion({ region }: Scene, includeZones: boolean): object {
  return {
    name: region.name,
    displayName: region.name,
    description: 'An emulated Region.',
    availabilityZones: includeZones ? region.zones.map((zoneName) => ({ zoneName, state: 'available' })) : [],
  }
}

type Read = (scene: Scene, key: string) => object

/** A request for a list under its member's name: what is in it by its keys, of which only a page is read. */
function list(member: string, keys: (scene: Scene, input: Input) => string[], read: Read): Handler {
  return (scene, input) => page(member, keys(scene, input), (key) => read(scene, key), scene, input)
}

/** The names of all resources of a kind, in the order that is set. */
function ordered(kind: 'disks' | 'instances' | 'snapshots'): (scene: Scene) => string[] {
  return ({ region, now, behaviour }) => {
    const names = region[kind].names(now)
    return behaviour.listOrder === 'newest-first' ? names.reverse() : names
  }
}

/** The same request, before which the list may change. */
function shifted(operation: ListShift['operation'], handler: Handler): Handler {
  return (scene, input) => {
    shiftList(operation, input['pageToken'] === undefined, scene)
    return handler(scene, input)
  }
}

function readDisk({ region, now }: Scene, name: string): object {
  return region.disk(name, now)
}

function readInstance({ region, now, behaviour }: Scene, name: string): object {
  const instance = region.instance(name, now)
  if (!behaviour.namelessDisks) return instance
  return { ...instance, hardware: { ...instance.hardware, disks: instance.hardware.disks.map(nameless) } }
}

// No more than a system disk has: whatever else there is could stand in for the name.
const namelessMembers = ['sizeInGb', 'isSystemDisk', 'iops', 'path', 'attachedTo']

function nameless(disk: Partial<Disk>): object {
  return Object.fromEntries(Object.entries(disk).filter(([member]) => namelessMembers.includes(member)))
}

function readSnapshot({ region, now }: Scene, name: string): object {
  return region.snapshot(name, now)
}

function readOperation({ region, now }: Scene, id: string): object {
  return region.operations.read(id, now)
}

// The reference: "results are returned from oldest to newest, up to a maximum of 200".
function idsOfAccount({ region, behaviour }: Scene): string[] {
  return region.operations.ids().reverse().slice(0, behaviour.mostOperations)
}

function idsForResource({ region, behaviour }: Scene, input: Input): string[] {
  const name = existingName(input, 'resourceName')
  return region.operations.ids(
    ({ resourceName, resourceType }) =>
      resourceName === name && (behaviour.operationsForSnapshots || resourceType !== 'DiskSnapshot'),
  )
}
