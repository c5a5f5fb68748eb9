import { invalidInput, wrongState } from '../errors.js'
import { snapshotAt } from '../lifecycle.js'
import { checkNewName, optionalText, requestedTags, requiredText } from '../limits.js'
import type { StoredDisk, StoredInstance } from '../machines.js'
import { newSnapshot, originOf } from '../snapshots.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, newlySet, type Scene } from './scene.js'
import { answerOf, begin } from './work.js'

/** The requests that make and delete snapshots. */
export const snapshotChanges: readonly (readonly [string, Handler])[] = [
  ['CreateDiskSnapshot', createDiskSnapshot],
  ['DeleteDiskSnapshot', deleteDiskSnapshot],
]

function createDiskSnapshot(scene: Scene, input: Input): object {
  const { region, now, behaviour } = scene
  const name = requiredText(input, 'diskSnapshotName')
  checkNewName(name)
  const tags = requestedTags(input)
  const { fixed: source, volume } = requestedSource(scene, input)
  region.checkNameIsFree(name, now)
  const particulars = { name, location: region.location('all'), createdAt: now, ...newlySet(tags, scene) }
  const origin = originOf(source)
  const snapshotDurationMs = behaviour.snapshotDurationMs + origin.sizeInGb * behaviour.snapshotMsPerGb
  const life = { startedAt: now, behaviour: { ...behaviour, snapshotDurationMs } }
  const snapshot = newSnapshot(particulars, origin, life, volume)
  region.snapshots.put(name, snapshot, now + behaviour.invisibleMs)
  const work = {
    operationType: 'CreateDiskSnapshot',
    startedAt: now,
    endsAt: now + snapshotDurationMs,
    end: behaviour.operationEnd,
  } as const
  const subjects = [
    { resource: snapshot.fixed, other: source.name },
    { resource: source, other: name },
  ]
  return answerOf(scene, work, behaviour.firstOperation === 'source' ? subjects.reverse() : subjects)
}

function requestedSource({ region, now }: Scene, input: Input): StoredDisk | StoredInstance {
  const diskName = optionalText(input, 'diskName')
  const instanceName = optionalText(input, 'instanceName')
  if (diskName !== undefined && instanceName === undefined) return region.disks.find(diskName, now)
  if (instanceName !== undefined && diskName === undefined) return region.instances.find(instanceName, now)
  throw invalidInput('Specify exactly one of diskName and instanceName.')
}

function deleteDiskSnapshot(scene: Scene, input: Input): object {
  const { region, now, behaviour } = scene
  const name = existingName(input, 'diskSnapshotName')
  const snapshot = region.snapshots.findStaying(name, now)
  if (!behaviour.deletesPending && snapshotAt(snapshot.life, now).state === 'pending') {
    throw wrongState(behaviour, `The disk snapshot ${name} is pending and can't be deleted.`)
  }
  const work = begin(scene, 'DeleteDiskSnapshot', behaviour.deleteDurationMs)
  if (work.end === 'Failed') region.snapshots.failToRemove(name, work.endsAt)
  else region.snapshots.remove(name, work.endsAt, behaviour.nameHeldMs)
  return answerOf(scene, work, [{ resource: snapshot.fixed }])
}
