import type { Failure } from '../basics/failure.js'
import type { Instance } from '../lightsail/types.js'
import { holderText, type InstancePlan, type InstanceResources } from './instance-plan.js'
import { StageFailure } from './stage.js'

// The states of a site's instances and static IP, in words for a person.

/** Returns the states of both instances and of the static IP. */
export function instanceStatesText(
  { instanceName, swap }: InstancePlan,
  { restored, previous, staticIp }: InstanceResources,
): string {
  const state = (instance: Instance | undefined) => instance?.state ?? 'not there'
  const parts = [
    `the restored instance "${instanceName}" is ${state(restored)}`,
    ...(swap === undefined
      ? []
      : [
          `the previous instance "${swap.previousName}" is ${state(previous)}`,
          `static IP "${swap.staticIpName}" is ${staticIp === undefined ? 'not there' : holderText(staticIp)}`,
        ]),
  ]
  return `${parts.join('; ')}.`
}

/**
 * The state of the site after a failed swap: nothing matters more to its owner. `isUncertain`: the resources are those from before
 * the static IP began to move.
 */
export function instanceSiteText(
  { instanceName, swap }: Pick<InstancePlan, 'instanceName' | 'swap'>,
  { staticIp, previous, restored }: InstanceResources,
  isUncertain: boolean,
): string | undefined {
  if (swap === undefined) return undefined
  const address = `static IP "${swap.staticIpName}" (${swap.address})`
  if (isUncertain) return `The site may be down: ${address} was still being moved when this step ended.`
  if (staticIp === undefined) return `The site is down: ${address} no longer exists.`
  const { attachedTo } = staticIp
  const on = `${address} is ${holderText(staticIp)}`
  if (attachedTo === null) return `The site is down: ${on}.`
  if (attachedTo === instanceName) {
    return restored?.state === 'running'
      ? `The site is rolled back: ${on}, which is running.`
      : `The site is down: ${on}, which is ${restored?.state ?? 'gone'}.`
  }
  if (attachedTo !== swap.previousName) return `The site may not work: ${on}.`
  const isUp = !swap.wasRunning || previous?.state === 'running'
  return isUp
    ? `The roll-back failed, and the site is as before it: ${on}.`
    : `The site is down: instance "${swap.previousName}" is ${previous?.state ?? 'gone'}.`
}

/** Whether a failed step may have left the static IP elsewhere than it was last seen. */
export function mayHaveMoved(failure: Failure): boolean {
  return failure instanceof StageFailure && failure.stage === 'move'
}

/** Whether the previous instance has the static IP, as far as was seen. */
export function isOnPrevious({ swap }: InstancePlan, { staticIp }: InstanceResources): boolean {
  return swap !== undefined && staticIp?.attachedTo === swap.previousName
}
