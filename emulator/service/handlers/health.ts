import { momentOf } from '../lifecycle.js'
import type { HealthStatus, Input, Instance } from '../wire.js'
import type { RequestContext } from './context.js'

/** Returns the health of the instance, if the request asks for it and the service reports it. */
export function requestedHealth(
  context: RequestContext,
  input: Input,
  instanceName: string,
): Pick<Instance, 'instanceStatus' | 'systemStatus'> {
  if (input['includeHealthStatus'] !== true || context.behaviour.health === 'unreported') return {}
  const status = healthOf(context, instanceName)
  return { instanceStatus: status, systemStatus: status }
}

function healthOf({ region, now, behaviour }: RequestContext, instanceName: string): HealthStatus {
  const { fixed, course } = region.instances.find(instanceName, now)
  if (momentOf(course, now).state.name !== 'running') return { status: 'not-applicable', details: [] }
  if (now < course.endsAt + behaviour.healthDurationMs) return reachable('initializing', 'initializing')
  return behaviour.health === 'ok'
    ? reachable('ok', 'passed')
    : reachable('impaired', 'failed', { impairedSince: fixed.createdAt })
}

function reachable(
  status: HealthStatus['status'],
  check: HealthStatus['details'][number]['status'],
  since: Pick<HealthStatus['details'][number], 'impairedSince'> = {},
): HealthStatus {
  return { status, details: [{ name: 'reachability', status: check, ...since }] }
}
