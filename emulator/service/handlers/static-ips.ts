import { changeInProgress, operationFailure, wrongState } from '../errors.js'
import { isInProgress, momentOf } from '../lifecycle.js'
import { checkNewName, requiredText } from '../limits.js'
import { type StaticIpMoment, type StoredStaticIp, staticIpOn } from '../static-ips.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, type RequestContext } from './context.js'
import { listOf } from './lists.js'
import { begin, courseOf, responseOf } from './work.js'

/** The requests for static IPs. */
export const staticIpRequests: readonly (readonly [string, Handler])[] = [
  ['AllocateStaticIp', allocateStaticIp],
  ['AttachStaticIp', attachStaticIp],
  ['DetachStaticIp', detachStaticIp],
  ['GetStaticIp', (context, input) => ({ staticIp: read(context, existingName(input, 'staticIpName')) })],
  ['GetStaticIps', listOf('staticIps', 'staticIps', read)],
]

function read({ region, now }: RequestContext, name: string): object {
  return region.staticIp(name, now)
}

function allocateStaticIp(context: RequestContext, input: Input): object {
  const { region, now } = context
  const name = requiredText(input, 'staticIpName')
  checkNewName(name)
  const work = begin(context, 'AllocateStaticIp', 0)
  region.addStaticIp(name, now)
  const { fixed } = region.staticIps.find(name, now)
  if (work.end === 'Failed') region.staticIps.discard(name)
  return responseOf(context, work, [{ resource: fixed }])
}

function attachStaticIp(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const staticIp = requestedStaticIp(context, input)
  const { fixed: instance, course } = region.instances.find(existingName(input, 'instanceName'), now)
  const before = settledMoment(context, staticIp)
  if (before.isAttached && !behaviour.movesStaticIps) {
    throw operationFailure(
      `The static IP ${staticIp.fixed.name} is attached to ${before.attachedTo}.`,
      behaviour.stateRefusal,
    )
  }
  const { name: state } = momentOf(course, now).state
  if (state !== 'running' && state !== 'stopped') {
    throw wrongState(behaviour, 'attach a static IP to', 'instance', state)
  }
  const other = region.staticIpOf(instance.name, now)
  if (other !== undefined && other.name !== staticIp.fixed.name) {
    throw operationFailure(
      `The instance ${instance.name} already has a static IP: ${other.name}.`,
      behaviour.stateRefusal,
    )
  }
  return move(context, 'AttachStaticIp', staticIp, before, instance.name)
}

function detachStaticIp(context: RequestContext, input: Input): object {
  const staticIp = requestedStaticIp(context, input)
  const before = settledMoment(context, staticIp)
  if (!before.isAttached) {
    throw operationFailure(
      `The static IP ${staticIp.fixed.name} is not attached to an instance.`,
      context.behaviour.stateRefusal,
    )
  }
  return move(context, 'DetachStaticIp', staticIp, before, undefined)
}

/** Records an operation for the static IP and for the instance that gets or loses it, as in the AWS CLI's examples. */
function move(
  context: RequestContext,
  operationType: 'AttachStaticIp' | 'DetachStaticIp',
  { fixed }: StoredStaticIp,
  before: StaticIpMoment,
  to: string | undefined,
): object {
  const { region, behaviour } = context
  const work = begin(context, operationType, behaviour.staticIpDurationMs)
  region.changeStaticIp(fixed.name, courseOf(work, { during: before, after: staticIpOn(to), failed: before }))
  const instance = region.instances.last(to ?? before.attachedTo ?? '')?.fixed
  return responseOf(context, work, [
    { resource: fixed, ...(instance === undefined ? {} : { other: instance.name }) },
    ...(instance === undefined ? [] : [{ resource: instance, other: fixed.name }]),
  ])
}

function requestedStaticIp({ region, now }: RequestContext, input: Input): StoredStaticIp {
  return region.staticIps.find(existingName(input, 'staticIpName'), now)
}

/** Returns what the static IP is attached to; throws ServiceError while that changes. */
function settledMoment({ now }: RequestContext, { course }: StoredStaticIp): StaticIpMoment {
  if (isInProgress(course, now)) throw changeInProgress('static IP')
  return momentOf(course, now)
}
