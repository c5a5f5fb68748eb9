import type { Behaviour } from './behaviour.js'
import { invalidInput, notFound, ServiceError } from './errors.js'
import { checkExistingName, checkNewName, optionalText, requestedTags, requiredText } from './limits.js'
import type { Region } from './region.js'
import type { Disk, Input, Instance } from './wire.js'

/** What an operation works on: the Region it was sent to, the time in milliseconds since the epoch, the behaviour set. */
export interface Scene {
  readonly region: Region
  readonly now: number
  readonly behaviour: Readonly<Behaviour>
}

type Handler = (scene: Scene, input: Input) => object

/** Every operation that the emulator knows, by the service's name. */
export const operations: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['CreateDiskSnapshot', createDiskSnapshot],
  ['GetDisk', ({ region }, input) => ({ disk: region.disk(existingName(input, 'diskName')) })],
  ['GetDisks', (scene, input) => page('disks', [...scene.region.disks.values()], scene, input)],
  [
    'GetInstance',
    ({ region }, input) => ({ instance: region.instance(existingName(input, 'instanceName')) }),
  ],
  [
    'GetInstances',
    (scene, input) => {
      const { region } = scene
      return page(
        'instances',
        [...region.instances.keys()].map((name) => region.instance(name)),
        scene,
        input,
      )
    },
  ],
  ['GetDiskSnapshot', getDiskSnapshot],
  [
    'GetDiskSnapshots',
    (scene, input) => page('diskSnapshots', scene.region.allSnapshots(scene.now), scene, input),
  ],
  ['GetOperation', getOperation],
  [
    'GetOperations',
    (scene, input) => page('operations', scene.region.allOperations(scene.now), scene, input),
  ],
  ['GetOperationsForResource', getOperationsForResource],
])

/** Carries out one request; throws ServiceError. An operation that isn't in the table is the service's UnknownOperationException. */
export function perform(operation: string, scene: Scene, input: Input): object {
  const handler = operations.get(operation)
  if (handler === undefined) {
    throw new ServiceError(
      400,
      'UnknownOperationException',
      'UnknownOperation',
      `Unknown operation: ${operation}`,
    )
  }
  return handler(scene, input)
}

function createDiskSnapshot({ region, now, behaviour }: Scene, input: Input): object {
  const name = requiredText(input, 'diskSnapshotName')
  checkNewName(name)
  const tags = requestedTags(input)
  const source = requestedSource(region, input)
  region.checkNameIsFree(name)
  const made = region.addSnapshot(name, source, tags, { startedAt: now, behaviour: { ...behaviour } })
  return { operations: behaviour.firstOperation === 'source' ? made.reverse() : made }
}

function requestedSource(region: Region, input: Input): Disk | Instance {
  const diskName = optionalText(input, 'diskName')
  const instanceName = optionalText(input, 'instanceName')
  if (diskName !== undefined && instanceName === undefined) return region.disk(diskName)
  if (instanceName !== undefined && diskName === undefined) return region.instance(instanceName)
  throw invalidInput('Specify exactly one of diskName and instanceName.')
}

function getDiskSnapshot({ region, now }: Scene, input: Input): object {
  return { diskSnapshot: region.snapshot(existingName(input, 'diskSnapshotName'), now) }
}

function getOperation({ region, now }: Scene, input: Input): object {
  const id = requiredText(input, 'operationId')
  const operation = region.allOperations(now).find((candidate) => candidate.id === id)
  if (operation === undefined) throw notFound('Operation', id)
  return { operation }
}

function getOperationsForResource(scene: Scene, input: Input): object {
  const name = existingName(input, 'resourceName')
  const found = scene.region
    .allOperations(scene.now)
    .filter((operation) => operation.resourceName === name)
    .filter(
      (operation) => scene.behaviour.operationsForSnapshots || operation.resourceType !== 'DiskSnapshot',
    )
  return page('operations', found, scene, input)
}

function existingName(input: Input, member: string): string {
  const name = requiredText(input, member)
  checkExistingName(name)
  return name
}

/** One page of a list under its member's name. The token holds the place where the next page starts. */
function page(member: string, items: readonly object[], { behaviour }: Scene, input: Input): object {
  const start = pageStart(optionalText(input, 'pageToken'), items.length)
  const end = start + behaviour.pageSize
  return {
    [member]: items.slice(start, end),
    ...(end < items.length ? { nextPageToken: Buffer.from(`from:${end}`).toString('base64') } : {}),
  }
}

function pageStart(token: string | undefined, count: number): number {
  if (token === undefined) return 0
  const start = /^from:(\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1]
  if (start === undefined || Number(start) > count) throw invalidInput('The pageToken is not valid.')
  return Number(start)
}
