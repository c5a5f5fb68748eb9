import { wrongState } from '../errors.js'
import { momentOf, type Work } from '../lifecycle.js'
import { type InstanceMoment, instanceStates, running, type StoredInstance, stopped } from '../machines.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, type Scene } from './scene.js'
import { answerOf, begin, courseOf } from './work.js'

/** The requests that stop and start instances. */
export const instanceChanges: readonly (readonly [string, Handler])[] = [
  ['StopInstance', stopInstance],
  ['StartInstance', startInstance],
]

function stopInstance(scene: Scene, input: Input): object {
  const { behaviour } = scene
  const instance = requestedInstance(scene, input)
  // Force is for an instance that is stuck in its stopping, and means nothing to any other.
  const forced = input['force'] === true && isIn('stopping', instance, scene)
  if (!forced) checkIsIn('running', instance, scene)
  const begun = begin(scene, 'StopInstance', behaviour.stopDurationMs)
  const stuck = behaviour.stopEnd === 'stuck' && !forced
  const work = stuck ? { ...begun, endsAt: Number.POSITIVE_INFINITY } : begun
  const before = momentOf(instance.course, scene.now)
  return change(scene, work, instance, {
    during: { ...before, state: instanceStates.stopping },
    after: stopped(instance, before),
    failed: before,
  })
}

function startInstance(scene: Scene, input: Input): object {
  const instance = requestedInstance(scene, input)
  checkIsIn('stopped', instance, scene)
  const before = momentOf(instance.course, scene.now)
  const work = begin(scene, 'StartInstance', scene.behaviour.startDurationMs)
  return change(scene, work, instance, {
    during: { ...before, state: instanceStates.pending },
    after: running(scene.region.nextAddress(), before),
    failed: before,
  })
}

function requestedInstance({ region, now }: Scene, input: Input): StoredInstance {
  return region.instances.find(existingName(input, 'instanceName'), now)
}

function isIn(state: keyof typeof instanceStates, { course }: StoredInstance, { now }: Scene): boolean {
  return momentOf(course, now).state.name === state
}

function checkIsIn(state: keyof typeof instanceStates, instance: StoredInstance, scene: Scene): void {
  if (isIn(state, instance, scene)) return
  const { name } = momentOf(instance.course, scene.now).state
  throw wrongState(scene.behaviour, `The instance ${instance.fixed.name} must be ${state}: it is ${name}.`)
}

function change(
  scene: Scene,
  work: Work,
  instance: StoredInstance,
  moments: Parameters<typeof courseOf<InstanceMoment>>[1],
): object {
  scene.region.instances.change(instance.fixed.name, { ...instance, course: courseOf(work, moments) })
  return answerOf(scene, work, [{ resource: instance.fixed }])
}
