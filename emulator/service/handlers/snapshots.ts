import { invalidInput, wrongState } from '../errors.js'
import { snapshotAt } from '../lifecycle.js'
import { checkNewName, optionalText, requestedTags, requiredText } from '../limits.js'
import type { StoredDisk, StoredInstance } from '../machines.js'
import { newSnapshot, originOf } from '../snapshots.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, newFields, type RequestContext } from './context.js'
import { begin, newLife, responseOf, snapshotResponse } from './work.js'

/** The requests that create and delete snapshots. */
export const snapshotChanges: readonly (readonly [string, Handler])[] = [
  ['CreateDiskSnapshot', createDiskSnapshot],
  ['DeleteDiskSnapshot', deleteDiskSnapshot],
]

function createDiskSnapshot(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const name = requiredText(input, 'diskSnapshotName')
  checkNewName(name)
  const tags = requestedTags(input)
  const { fixed: source, volume } = requestedSource(context, input)
  region.checkNameIsFree(name, now)
  const fields = newFields(context, name, tags)
  const origin = originOf(source)
  const life = newLife(context, origin.sizeInGb)
  const snapshot = newSnapshot(fields, origin, life, volume)
  region.snapshots.put(name, snapshot, now + behaviour.invisibleMs)
  return snapshotResponse(context, 'CreateDiskSnapshot', life, snapshot.fixed, source)
}

function requestedSource({ region, now }: RequestContext, input: Input): StoredDisk | StoredInstance {
  const diskName = optionalText(input, 'diskName')
  const instanceName = optionalText(input, 'instanceName')
  if (diskName !== undefined && instanceName === undefined) return region.disks.find(diskName, now)
  if (instanceName !== undefined && diskName === undefined) return region.instances.find(instanceName, now)
  throw invalidInput('Specify exactly one of diskName and instanceName.')
}

function deleteDiskSnapshot(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const name = existingName(input, 'diskSnapshotName')
  const snapshot = region.snapshots.findStaying(name, now)
  const { state } = snapshotAt(snapshot.life, now)
  if (!behaviour.deletesPending && state === 'pending') {
    throw wrongState(behaviour, 'delete', 'snapshot', state)
  }
  const work = begin(context, 'DeleteDiskSnapshot', behaviour.deleteDurationMs)
  if (work.end === 'Failed') region.snapshots.failToRemove(name, work.endsAt)
  else region.snapshots.remove(name, work.endsAt, behaviour.nameHeldMs)
  return responseOf(context, work, [{ resource: snapshot.fixed }])
}
