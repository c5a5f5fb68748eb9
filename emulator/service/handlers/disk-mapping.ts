import { invalidInput } from '../errors.js'
import type { StoredInstanceSnapshot } from '../instance-snapshots.js'
import { checkNewName, requiredText } from '../limits.js'
import type { Input } from '../wire.js'
import type { RequestContext } from './context.js'

/** A disk that is created with an instance. */
export interface NewDisk {
  readonly name: string
  readonly sizeInGb: number
  readonly content: string
  readonly instanceName: string
  readonly path: string
}

/** Returns the disks of the new instances, one for each that the snapshot has; InvalidInputException. */
export function requestedDisks(
  { behaviour }: RequestContext,
  input: Input,
  instanceNames: readonly string[],
  { fixed, captured }: StoredInstanceSnapshot,
): NewDisk[] {
  const keyOf = (instanceName: string) =>
    behaviour.diskMappingKey === 'new-instance' ? instanceName : fixed.fromInstanceName
  const mappings = requestedMappings(input)
  const other = [...mappings.keys()].find((key) => !instanceNames.map(keyOf).includes(key))
  if (other !== undefined && behaviour.otherDiskMappings === 'refused') {
    throw invalidInput(`The attached disk mapping is not for an instance of this request: ${other}`)
  }
  return instanceNames.flatMap((instanceName) => {
    const newNames = mappings.get(keyOf(instanceName)) ?? new Map<string, string>()
    checkPaths(newNames, captured)
    return captured.disks.map(({ disk: { name, sizeInGb, path = '' }, content }) => ({
      // The service names the others itself; how is not documented.
      name: newNames.get(path) ?? `${name}-${instanceName}`,
      sizeInGb,
      content,
      instanceName,
      path,
    }))
  })
}

/** Returns, by key, the name of the new disk for each path. */
function requestedMappings(input: Input): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const mappings = Object.entries(Object(input['attachedDiskMapping']))
  return new Map(mappings.map(([key, list]) => [key, namesByPath(list)]))
}

function namesByPath(list: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(list)) throw invalidInput('An attached disk mapping must be a list.')
  return new Map(
    list.map((item: unknown) => {
      const members: Input = { ...Object(item) }
      const name = requiredText(members, 'newDiskName')
      checkNewName(name)
      return [requiredText(members, 'originalDiskPath'), name]
    }),
  )
}

function checkPaths(
  newNames: ReadonlyMap<string, string>,
  { disks }: StoredInstanceSnapshot['captured'],
): void {
  const missing = [...newNames.keys()].find((path) => disks.every(({ disk }) => disk.path !== path))
  if (missing !== undefined) throw invalidInput(`The snapshot has no disk at ${missing}.`)
}
