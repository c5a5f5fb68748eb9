import { changeInProgress, wrongState } from '../errors.js'
import { isInProgress, momentOf } from '../lifecycle.js'
import type { StoredInstance } from '../machines.js'
import { requestedRules } from '../ports.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, type RequestContext } from './context.js'
import { begin, courseOf, responseOf } from './work.js'

/** The requests for the firewall of an instance. */
export const portRequests: readonly (readonly [string, Handler])[] = [
  ['GetInstancePortStates', getInstancePortStates],
  ['PutInstancePublicPorts', putInstancePublicPorts],
]

function getInstancePortStates(context: RequestContext, input: Input): object {
  const rules = momentOf(requestedInstance(context, input).firewall, context.now)
  return { portStates: rules.map((rule) => ({ ...rule, state: 'open' })) }
}

function putInstancePublicPorts(context: RequestContext, input: Input): object {
  const { region, now, behaviour } = context
  const instance = requestedInstance(context, input)
  const rules = requestedRules(input)
  const state = momentOf(instance.course, now).state.name
  if (state === 'pending' && !behaviour.changesPortsPending) {
    throw wrongState(behaviour, 'change the ports of', 'instance', state)
  }
  if (isInProgress(instance.firewall, now)) throw changeInProgress('instance')
  const work = begin(context, 'PutInstancePublicPorts', behaviour.portsDurationMs)
  const before = momentOf(instance.firewall, now)
  const firewall = courseOf(work, { during: before, after: rules, failed: before })
  region.instances.change(instance.fixed.name, { ...instance, firewall })
  const ports = rules.map(({ toPort, protocol }) => `${toPort}/${protocol}`).join(',')
  const [operation] = responseOf(context, work, [{ resource: instance.fixed, other: ports }]).operations
  return { operation }
}

function requestedInstance({ region, now }: RequestContext, input: Input): StoredInstance {
  return region.instances.find(existingName(input, 'instanceName'), now)
}
