import { requiredText } from '../limits.js'
import type { Input, Instance } from '../wire.js'
import { existingName, type Handler, page, type Scene } from './scene.js'

/** The requests that change nothing. */
export const reads: readonly (readonly [string, Handler])[] = [
  ['GetDisk', (scene, input) => ({ disk: readDisk(scene, existingName(input, 'diskName')) })],
  ['GetDisks', list('disks', ({ region, now }) => region.disks.names(now), readDisk)],
  ['GetInstance', (scene, input) => ({ instance: readInstance(scene, existingName(input, 'instanceName')) })],
  ['GetInstances', list('instances', ({ region, now }) => region.instances.names(now), readInstance)],
  [
    'GetInstanceState',
    (scene, input) => ({ state: readInstance(scene, existingName(input, 'instanceName')).state }),
  ],
  [
    'GetDiskSnapshot',
    (scene, input) => ({ diskSnapshot: readSnapshot(scene, existingName(input, 'diskSnapshotName')) }),
  ],
  ['GetDiskSnapshots', list('diskSnapshots', ({ region, now }) => region.snapshots.names(now), readSnapshot)],
  [
    'GetOperation',
    (scene, input) => ({ operation: readOperation(scene, requiredText(input, 'operationId')) }),
  ],
  ['GetOperations', list('operations', idsOfAccount, readOperation)],
  ['GetOperationsForResource', list('operations', idsForResource, readOperation)],
]

type Read = (scene: Scene, key: string) => object

/** A request for a list under its member's name: what is in it by its keys, of which only a page is read. */
function list(member: string, keys: (scene: Scene, input: Input) => string[], read: Read): Handler {
  return (scene, input) => page(member, keys(scene, input), (key) => read(scene, key), scene, input)
}

function readDisk({ region, now }: Scene, name: string): object {
  return region.disk(name, now)
}

function readInstance({ region, now }: Scene, name: string): Instance {
  return region.instance(name, now)
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
