import { wrongState } from '../errors.js'
import {
  capture,
  instanceSnapshotState,
  newInstanceSnapshot,
  originOfInstance,
} from '../instance-snapshots.js'
import { momentOf } from '../lifecycle.js'
import { checkNewName, requestedTags, requiredText } from '../limits.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, newFields, type RequestContext } from './context.js'
import { listOf, shifted } from './lists.js'
import { begin, newLife, responseOf, snapshotResponse } from './work.js'

/** The requests for instance snapshots. */
export const instanceSnapshotRequests: readonly (readonly [string, Handler])[] = [
  ['CreateInstanceSnapshot', createInstanceSnapshot],
  ['DeleteInstanceSnapshot', deleteInstanceSnapshot],
  [
    'GetInstanceSnapshot',
    (context, input) => ({ instanceSnapshot: read(context, existingName(input, 'instanceSnapshotName')) }),
  ],
  [
    'GetInstanceSnapshots',
    shifted('GetInstanceSnapshots', listOf('instanceSnapshots', 'instanceSnapshots', read)),
  ],
]

function read({ region, now }: RequestContext, name: string): object {
  return region.instanceSnapshot(name, now)
}

function createInstanceSnapshot(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const name = requiredText(input, 'instanceSnapshotName')
  checkNewName(name)
  const tags = requestedTags(input)
  const instance = region.instances.findStaying(existingName(input, 'instanceName'), now)
  const { name: state } = momentOf(instance.course, now).state
  if (state !== 'running' && state !== 'stopped') {
    throw wrongState(behaviour, 'take a snapshot of', 'instance', state)
  }
  region.checkNameIsFree(name, now)
  const fields = newFields(context, name, tags)
  const disks = region.disksOf(instance.fixed.name, now)
  const captured = capture(instance, disks, momentOf(instance.firewall, now), now)
  const origin = originOfInstance(instance.fixed)
  const life = newLife(
    context,
    disks.reduce((sum, { fixed }) => sum + fixed.sizeInGb, origin.sizeInGb),
  )
  const snapshot = newInstanceSnapshot(fields, origin, captured, life)
  region.instanceSnapshots.put(name, snapshot, now + behaviour.invisibleMs)
  return snapshotResponse(context, 'CreateInstanceSnapshot', life, snapshot.fixed, instance.fixed)
}

function deleteInstanceSnapshot(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const name = existingName(input, 'instanceSnapshotName')
  const snapshot = region.instanceSnapshots.findStaying(name, now)
  const state = instanceSnapshotState(snapshot, now)
  if (!behaviour.deletesPending && state === 'pending') {
    throw wrongState(behaviour, 'delete', 'snapshot', state)
  }
  const work = begin(context, 'DeleteInstanceSnapshot', behaviour.deleteDurationMs)
  if (work.end === 'Failed') region.instanceSnapshots.failToRemove(name, work.endsAt)
  else region.instanceSnapshots.remove(name, work.endsAt, behaviour.nameHeldMs)
  return responseOf(context, work, [{ resource: snapshot.fixed }])
}
