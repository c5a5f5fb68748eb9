import { changeInProgress } from '../errors.js'
import { isInProgress, momentOf } from '../lifecycle.js'
import { instanceStates, type StoredDisk, type StoredInstance, unattached } from '../machines.js'
import { staticIpOn } from '../static-ips.js'
import type { Input, Operation } from '../wire.js'
import { existingName, type Handler, type RequestContext } from './context.js'
import { begin, courseOf, responseOf } from './work.js'

/** The requests that delete instances. */
export const instanceDeletions: readonly (readonly [string, Handler])[] = [['DeleteInstance', deleteInstance]]

function deleteInstance(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const name = existingName(input, 'instanceName')
  const instance = region.instances.findStaying(name, now)
  // One that is stuck can be deleted.
  if (isInProgress(instance.course, now) && Number.isFinite(instance.course.endsAt)) {
    throw changeInProgress('instance')
  }
  const work = begin(context, 'DeleteInstance', behaviour.deleteDurationMs)
  const before = momentOf(instance.course, now)
  const during = { ...before, state: instanceStates['shutting-down'] }
  const course = courseOf(work, { during, after: during, failed: before })
  region.instances.change(name, { ...instance, course })
  if (work.end === 'Failed') {
    region.instances.failToRemove(name, work.endsAt)
    return responseOf(context, work, [{ resource: instance.fixed }])
  }
  const detached = region.disksOf(name, now).flatMap((disk) => release(context, disk, instance, work.endsAt))
  freeAddress(context, name, work.endsAt)
  region.instances.remove(name, work.endsAt, behaviour.nameHeldMs)
  const { operations } = responseOf(context, work, [{ resource: instance.fixed }])
  return { operations: [...detached, ...operations] }
}

/** Detaches a disk from the deleted instance, with an operation for each, as in the AWS CLI's example. */
function release(
  context: RequestContext,
  disk: StoredDisk,
  { fixed }: StoredInstance,
  endsAt: number,
): Operation[] {
  const { region, now } = context
  const course = { during: momentOf(disk.course, now), after: unattached('available'), endsAt }
  region.disks.change(disk.fixed.name, { ...disk, course })
  const work = begin(context, 'DetachDisk', endsAt - now)
  return responseOf(context, work, [
    { resource: disk.fixed, other: fixed.name },
    { resource: fixed, other: disk.fixed.name },
  ]).operations
}

function freeAddress({ region, now }: RequestContext, instanceName: string, endsAt: number): void {
  const staticIp = region.staticIpOf(instanceName, now)
  if (staticIp === undefined) return
  region.changeStaticIp(staticIp.name, {
    during: staticIpOn(instanceName),
    after: staticIpOn(undefined),
    endsAt,
  })
}
