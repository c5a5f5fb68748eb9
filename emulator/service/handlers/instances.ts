import { wrongState } from '../errors.js'
import { momentOf, type Work } from '../lifecycle.js'
import { type InstanceMoment, instanceStates, running, type StoredInstance, stopped } from '../machines.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, type RequestContext } from './context.js'
import { begin, courseOf, responseOf } from './work.js'

/** The requests that stop and start instances. */
export const instanceChanges: readonly (readonly [string, Handler])[] = [
  ['StopInstance', stopInstance],
  ['StartInstance', startInstance],
]

function stopInstance(context: RequestContext, input: Input): object {
  const { behaviour } = context
  const instance = requestedInstance(context, input)
  // `force` only matters for an instance that is stuck while stopping.
  const forced = input['force'] === true && isIn('stopping', instance, context)
  if (!forced) checkIsIn('running', 'stop', instance, context)
  const begun = begin(context, 'StopInstance', behaviour.stopDurationMs)
  const stuck = behaviour.stopEnd === 'stuck' && !forced
  const work = stuck ? { ...begun, endsAt: Number.POSITIVE_INFINITY } : begun
  const before = momentOf(instance.course, context.now)
  return change(context, work, instance, {
    during: { ...before, state: instanceStates.stopping },
    after: stopped,
    failed: before,
  })
}

function startInstance(context: RequestContext, input: Input): object {
  const instance = requestedInstance(context, input)
  checkIsIn('stopped', 'start', instance, context)
  const before = momentOf(instance.course, context.now)
  const work = begin(context, 'StartInstance', context.behaviour.startDurationMs)
  return change(context, work, instance, {
    during: { ...before, state: instanceStates.pending },
    after: running(context.region.nextAddress(), before),
    failed: before,
  })
}

function requestedInstance({ region, now }: RequestContext, input: Input): StoredInstance {
  return region.instances.find(existingName(input, 'instanceName'), now)
}

function isIn(
  state: keyof typeof instanceStates,
  { course }: StoredInstance,
  { now }: RequestContext,
): boolean {
  return momentOf(course, now).state.name === state
}

function checkIsIn(
  state: keyof typeof instanceStates,
  verb: 'stop' | 'start',
  instance: StoredInstance,
  context: RequestContext,
): void {
  if (isIn(state, instance, context)) return
  const { name } = momentOf(instance.course, context.now).state
  throw wrongState(context.behaviour, verb, 'instance', name)
}

function change(
  context: RequestContext,
  work: Work,
  instance: StoredInstance,
  moments: Parameters<typeof courseOf<InstanceMoment>>[1],
): object {
  context.region.instances.change(instance.fixed.name, { ...instance, course: courseOf(work, moments) })
  return responseOf(context, work, [{ resource: instance.fixed }])
}
