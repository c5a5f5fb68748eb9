import { changeInProgress, invalidInput, operationFailure, pathInUse, wrongState } from '../errors.js'
import { isInProgress, momentOf, snapshotAt, type Work } from '../lifecycle.js'
import { checkNewName, requestedDiskSize, requestedPath, requestedTags, requiredText } from '../limits.js'
import {
  attached,
  type DiskMoment,
  emptyContent,
  newDisk,
  type StoredDisk,
  type StoredInstance,
  unattached,
} from '../machines.js'
import type { StoredSnapshot } from '../snapshots.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, newFields, type RequestContext } from './context.js'
import { begin, courseOf, responseOf, successStatus } from './work.js'

/** The requests that create, attach, detach and delete disks. */
export const diskChanges: readonly (readonly [string, Handler])[] = [
  ['CreateDisk', createDisk],
  ['CreateDiskFromSnapshot', createDiskFromSnapshot],
  ['AttachDisk', attachDisk],
  ['DetachDisk', detachDisk],
  ['DeleteDisk', deleteDisk],
]

function createDisk(context: RequestContext, input: Input): object {
  const sizeInGb = requestedDiskSize(input)
  return startDisk(context, input, 'CreateDisk', sizeInGb, () => emptyContent)
}

function createDiskFromSnapshot(context: RequestContext, input: Input): object {
  const sizeInGb = requestedDiskSize(input)
  return startDisk(context, input, 'CreateDiskFromSnapshot', sizeInGb, () => {
    const snapshot = context.region.snapshots.findStaying(
      existingName(input, 'diskSnapshotName'),
      context.now,
    )
    checkCanRestore(context, snapshot, sizeInGb)
    return snapshot.content
  })
}

/** Starts to create a disk. `contentOf` returns its content, or throws ServiceError. */
function startDisk(
  context: RequestContext,
  input: Input,
  operationType: 'CreateDisk' | 'CreateDiskFromSnapshot',
  sizeInGb: number,
  contentOf: () => string,
): object {
  const { region, now, behaviour } = context
  const name = requiredText(input, 'diskName')
  checkNewName(name)
  const tags = requestedTags(input)
  const zone = requiredText(input, 'availabilityZone')
  region.checkZone(zone)
  const content = contentOf()
  region.checkNameIsFree(name, now)
  region.checkDiskQuota(behaviour.mostDisks, 1, now)
  const work: Work = {
    operationType,
    startedAt: now,
    endsAt: behaviour.diskEnd === 'stuck' ? Number.POSITIVE_INFINITY : now + behaviour.diskDurationMs,
    end: behaviour.diskEnd === 'error' ? 'Failed' : successStatus(behaviour),
  }
  const course = courseOf(work, {
    during: unattached('pending'),
    after: unattached('available'),
    failed: unattached('error'),
  })
  const disk = newDisk(newFields(context, name, tags, zone), sizeInGb, course, content)
  region.disks.put(name, disk, now + behaviour.invisibleMs)
  return responseOf(context, work, [{ resource: disk.fixed }])
}

function checkCanRestore(
  { now, behaviour }: RequestContext,
  { fixed, life }: StoredSnapshot,
  sizeInGb: number,
): void {
  const { state } = snapshotAt(life, now)
  if (state !== 'completed') throw wrongState(behaviour, 'use', 'snapshot', state)
  if (sizeInGb < fixed.sizeInGb) {
    throw invalidInput(
      `The size of the disk, ${sizeInGb} GB, is smaller than that of the snapshot, ${fixed.sizeInGb} GB.`,
    )
  }
}

function attachDisk(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const disk = region.disks.find(existingName(input, 'diskName'), now)
  const instance = region.instances.find(existingName(input, 'instanceName'), now)
  const path = requestedPath(input)
  const before = settledMoment(context, disk)
  if (before.state !== 'available') throw wrongState(behaviour, 'attach', 'disk', before.state)
  checkCanAttach(context, instance, disk.fixed.location.availabilityZone, path)
  const work = begin(context, 'AttachDisk', behaviour.attachDurationMs)
  const course = courseOf(work, {
    during: unattached(behaviour.attachingState),
    after: attached(instance.fixed.name, path),
    failed: before,
  })
  return changeAttachment(context, work, { ...disk, course }, instance)
}

function checkCanAttach(
  { region, now, behaviour }: RequestContext,
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
    throw wrongState(behaviour, 'attach', 'disk', state.name, 'instance')
  }
  if (region.pathsTaken(fixed.name, now).includes(path)) throw pathInUse(path, fixed.name)
}

function detachDisk(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const disk = region.disks.find(existingName(input, 'diskName'), now)
  const before = settledMoment(context, disk)
  const instance = before.attachedTo === undefined ? undefined : region.instances.find(before.attachedTo, now)
  // Only from a stopped instance. The service's refusal has the state of the disk, not of the instance.
  if (instance === undefined || momentOf(instance.course, now).state.name !== 'stopped') {
    throw wrongState(behaviour, 'detach', 'disk', before.state)
  }
  const work = begin(context, 'DetachDisk', behaviour.detachDurationMs)
  const course = courseOf(work, { during: before, after: unattached('available'), failed: before })
  return changeAttachment(context, work, { ...disk, course }, instance)
}

/** Records an operation for the disk and for the instance, as in the AWS CLI's example. */
function changeAttachment(
  context: RequestContext,
  work: Work,
  disk: StoredDisk,
  instance: StoredInstance,
): object {
  context.region.disks.change(disk.fixed.name, disk)
  return responseOf(context, work, [
    { resource: disk.fixed, other: instance.fixed.name },
    { resource: instance.fixed, other: disk.fixed.name },
  ])
}

function deleteDisk(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const name = existingName(input, 'diskName')
  const disk = region.disks.find(name, now)
  const before = settledMoment(context, disk)
  if (before.attachedTo !== undefined) {
    throw operationFailure(
      `You can't perform this operation because the disk is still attached to a Lightsail instance: ${before.attachedTo}`,
      behaviour.stateRefusal,
    )
  }
  if (!['available', 'error'].includes(before.state)) {
    throw wrongState(behaviour, 'delete', 'disk', before.state)
  }
  const work = begin(context, 'DeleteDisk', behaviour.deleteDurationMs)
  const course = courseOf(work, {
    during: unattached('deleting'),
    after: unattached('deleting'),
    failed: before,
  })
  region.disks.change(name, { ...disk, course })
  if (work.end !== 'Failed') region.disks.remove(name, work.endsAt, behaviour.nameHeldMs)
  return responseOf(context, work, [{ resource: disk.fixed }])
}

/** Returns the disk's state; throws ServiceError while it is being changed. */
function settledMoment({ now }: RequestContext, { course }: StoredDisk): DiskMoment {
  if (isInProgress(course, now)) throw changeInProgress('disk')
  return momentOf(course, now)
}
