import { invalidInput, pathInUse, wrongState } from '../errors.js'
import { isUnderWay, momentOf, snapshotAt, type Work } from '../lifecycle.js'
import { checkNewName, requestedPath, requestedTags, requiredInteger, requiredText } from '../limits.js'
import {
  attached,
  type DiskMoment,
  emptyContent,
  loose,
  newDisk,
  type StoredDisk,
  type StoredInstance,
} from '../machines.js'
import type { StoredSnapshot } from '../snapshots.js'
import type { Disk, Input } from '../wire.js'
import { existingName, type Handler, newlySet, type Scene } from './scene.js'
import { answerOf, begin, courseOf, goodEnd } from './work.js'

/** The requests that make, move and delete disks. */
export const diskChanges: readonly (readonly [string, Handler])[] = [
  ['CreateDisk', createDisk],
  ['CreateDiskFromSnapshot', createDiskFromSnapshot],
  ['AttachDisk', attachDisk],
  ['DetachDisk', detachDisk],
  ['DeleteDisk', deleteDisk],
]

function createDisk(scene: Scene, input: Input): object {
  const sizeInGb = requiredInteger(input, 'sizeInGb')
  return newDiskOf(scene, input, 'CreateDisk', sizeInGb, () => emptyContent)
}

function createDiskFromSnapshot(scene: Scene, input: Input): object {
  const sizeInGb = requiredInteger(input, 'sizeInGb')
  return newDiskOf(scene, input, 'CreateDiskFromSnapshot', sizeInGb, () => {
    const snapshot = scene.region.snapshots.findStaying(existingName(input, 'diskSnapshotName'), scene.now)
    checkCanFill(scene, snapshot, sizeInGb)
    return snapshot.content
  })
}

/** Starts to create a disk with what `contentOf` returns, which may throw ServiceError. */
function newDiskOf(
  scene: Scene,
  input: Input,
  operationType: 'CreateDisk' | 'CreateDiskFromSnapshot',
  sizeInGb: number,
  contentOf: () => string,
): object {
  const { region, now, behaviour } = scene
  const name = requiredText(input, 'diskName')
  checkNewName(name)
  const tags = requestedTags(input)
  const zone = requiredText(input, 'availabilityZone')
  region.checkZone(zone)
  const content = contentOf()
  region.checkNameIsFree(name, now)
  const work: Work = {
    operationType,
    startedAt: now,
    endsAt: behaviour.diskEnd === 'stuck' ? Number.POSITIVE_INFINITY : now + behaviour.diskDurationMs,
    end: behaviour.diskEnd === 'error' ? 'Failed' : goodEnd(behaviour),
  }
  const course = courseOf(work, {
    during: loose('pending'),
    after: loose('available'),
    failed: loose('error'),
  })
  const particulars = { name, location: region.location(zone), createdAt: now, ...newlySet(tags, scene) }
  const disk = newDisk(particulars, sizeInGb, course, content)
  region.disks.put(name, disk, now + behaviour.invisibleMs)
  return answerOf(scene, work, [{ resource: disk.fixed }])
}

function checkCanFill({ now, behaviour }: Scene, { fixed, life }: StoredSnapshot, sizeInGb: number): void {
  const { state } = snapshotAt(life, now)
  if (state !== 'completed') {
    throw wrongState(behaviour, `The disk snapshot ${fixed.name} must be completed: it is ${state}.`)
  }
  if (sizeInGb < fixed.sizeInGb) {
    throw invalidInput(
      `The size of the disk, ${sizeInGb} GB, is smaller than that of the snapshot, ${fixed.sizeInGb} GB.`,
      'InvalidDiskSize',
    )
  }
}

function attachDisk(scene: Scene, input: Input): object {
  const { region, now, behaviour } = scene
  const disk = region.disks.find(existingName(input, 'diskName'), now)
  const instance = region.instances.find(existingName(input, 'instanceName'), now)
  const path = requestedPath(input)
  const before = settledMoment(scene, disk)
  checkState(behaviour, disk.fixed.name, before, ['available'])
  checkCanTake(scene, instance, disk.fixed.location.availabilityZone, path)
  const work = begin(scene, 'AttachDisk', behaviour.attachDurationMs)
  const course = courseOf(work, {
    during: loose(behaviour.attachingState),
    after: attached(instance.fixed.name, path),
    failed: before,
  })
  return changeAttachment(scene, work, { ...disk, course }, instance)
}

function checkCanTake(
  { region, now, behaviour }: Scene,
  { fixed, course }: StoredInstance,
  zone: string,
  path: string,
): void {
  const { availabilityZone } = fixed.location
  if (zone !== availabilityZone) {
    throw invalidInput(
      `The disk is in ${zone}, the instance ${fixed.name} in ${availabilityZone}: they must be in the same Availability Zone.`,
    )
  }
  const { state } = momentOf(course, now)
  if (state.name !== 'running' && state.name !== 'stopped') {
    throw wrongState(behaviour, `The instance ${fixed.name} must be running or stopped: it is ${state.name}.`)
  }
  if (region.pathsTaken(fixed.name, now).includes(path)) throw pathInUse(path, fixed.name)
}

function detachDisk(scene: Scene, input: Input): object {
  const { region, now, behaviour } = scene
  const disk = region.disks.find(existingName(input, 'diskName'), now)
  const before = settledMoment(scene, disk)
  if (before.attachedTo === undefined) {
    throw wrongState(behaviour, `The disk ${disk.fixed.name} must be attached: it is ${before.state}.`)
  }
  const instance = region.instances.find(before.attachedTo, now)
  const { state } = momentOf(instance.course, now)
  if (state.name !== 'stopped') {
    throw wrongState(
      behaviour,
      `The instance ${instance.fixed.name} must be stopped before a disk is detached from it: it is ${state.name}.`,
    )
  }
  const work = begin(scene, 'DetachDisk', behaviour.detachDurationMs)
  const course = courseOf(work, { during: before, after: loose('available'), failed: before })
  return changeAttachment(scene, work, { ...disk, course }, instance)
}

/** Both have an operation, as the CLI's example of an attachment shows. */
function changeAttachment(scene: Scene, work: Work, disk: StoredDisk, instance: StoredInstance): object {
  scene.region.disks.change(disk.fixed.name, disk)
  return answerOf(scene, work, [
    { resource: disk.fixed, other: instance.fixed.name },
    { resource: instance.fixed, other: disk.fixed.name },
  ])
}

function deleteDisk(scene: Scene, input: Input): object {
  const { region, now, behaviour } = scene
  const name = existingName(input, 'diskName')
  const disk = region.disks.find(name, now)
  const before = settledMoment(scene, disk)
  checkState(behaviour, name, before, ['available', 'error'])
  const work = begin(scene, 'DeleteDisk', behaviour.deleteDurationMs)
  const course = courseOf(work, { during: loose('deleting'), after: loose('deleting'), failed: before })
  region.disks.change(name, { ...disk, course })
  if (work.end !== 'Failed') region.disks.remove(name, work.endsAt, behaviour.nameHeldMs)
  return answerOf(scene, work, [{ resource: disk.fixed }])
}

/** What holds of the disk, unless a change of it is under way. */
function settledMoment({ now, behaviour }: Scene, { fixed, course }: StoredDisk): DiskMoment {
  const moment = momentOf(course, now)
  if (!isUnderWay(course, now)) return moment
  throw wrongState(
    behaviour,
    `Another operation on the disk ${fixed.name} is in progress: it is ${moment.state}.`,
  )
}

function checkState(
  behaviour: Scene['behaviour'],
  name: string,
  { state }: DiskMoment,
  states: readonly Disk['state'][],
): void {
  if (states.includes(state)) return
  throw wrongState(behaviour, `The disk ${name} must be ${states.join(' or ')}: it is ${state}.`)
}
