import { awsCommand } from '../lightsail/commands.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Operation, PortRule } from '../lightsail/types.js'
import { stopCommand } from './commands.js'
import { holderText, type InstancePlan, type InstanceResources } from './instance-plan.js'
import type { InstanceSwap } from './plan.js'
import type { Command, Stage, StageService } from './stage.js'
import { always, briefMs, patientMs, tight, unhurried } from './stages.js'

type InstanceStage = Stage<InstanceResources>

/** What the stages have in common. */
const common = {
  refusableMs: briefMs,
  notNowMs: always,
  isVital: false,
  after: (resources: InstanceResources) => resources,
  command: undefined,
}

/** Returns the stages of a plan, in order: nothing moves before the new instance can be reached. */
export function instanceStagesOf(plan: InstancePlan): InstanceStage[] {
  const { swap, ports } = plan
  return [
    create(plan),
    reach(plan),
    ...(ports === undefined ? [] : [openPorts(plan, ports)]),
    ...(swap === undefined ? [] : [move(plan, swap)]),
    ...(swap?.wasRunning === true ? [stopStage(plan, swap)] : []),
  ]
}

function create(plan: InstancePlan): InstanceStage {
  const { instanceName, snapshot, availabilityZone, bundleId, addressType, tags } = plan
  const snapshotName = snapshot.name
  return {
    ...common,
    name: 'create',
    looksAt: 'restored',
    pace: unhurried,
    toDo: `create instance "${instanceName}" (${bundleId}, ${availabilityZone}) from snapshot "${snapshotName}"`,
    done: `instance "${instanceName}" is created from snapshot "${snapshotName}"`,
    stateIn: ({ restored }) => {
      if (restored === undefined) return 'ready'
      const zone = restored.availabilityZone
      if (zone !== null && zone !== availabilityZone) {
        return { brokenBecause: `it is in ${zone}, and not in ${availabilityZone}` }
      }
      if (restored.state === 'running') return 'reached'
      return restored.state === 'pending' ? 'in progress' : { brokenBecause: `it is ${restored.state}` }
    },
    request: (service, patience) =>
      service.createInstanceFromSnapshot(
        { instanceName, snapshotName, availabilityZone, bundleId, addressType, tags },
        patience,
      ),
  }
}

/** Waits until the instance passes the reachability check, if the service reports one. */
function reach({ instanceName }: InstancePlan): InstanceStage {
  return {
    ...common,
    name: 'check',
    looksAt: 'restored',
    pace: unhurried,
    toDo: `wait until instance "${instanceName}" can be reached`,
    done: `instance "${instanceName}" runs and can be reached`,
    stateIn: ({ restored }) => {
      if (restored?.state !== 'running') return { brokenBecause: `it is ${restored?.state ?? 'gone'}` }
      return restored.reachability === null || restored.reachability === 'passed' ? 'reached' : 'in progress'
    },
    request: undefined,
  }
}

function openPorts({ instanceName }: InstancePlan, ports: readonly PortRule[]): InstanceStage {
  return {
    ...common,
    name: 'ports',
    looksAt: 'firewall',
    pace: tight,
    refusableMs: patientMs,
    toDo: `open the same ports of instance "${instanceName}"`,
    done: `instance "${instanceName}" has the same open ports`,
    stateIn: ({ firewall }) => (textOf(firewall?.rules ?? []) === textOf(ports) ? 'reached' : 'ready'),
    request: (service, patience) => service.putPorts(instanceName, ports, patience),
  }
}

/** The same text for the same rules, in whatever order. */
function textOf(rules: readonly PortRule[]): string {
  const texts = rules.map(({ fromPort, toPort, protocol, ...lists }) => {
    const sorted = [lists.cidrs, lists.ipv6Cidrs, lists.cidrListAliases].map((list) => [...list].sort())
    return JSON.stringify([protocol, fromPort, toPort, ...sorted])
  })
  return texts.sort().join()
}

function move({ region, instanceName }: InstancePlan, swap: InstanceSwap): InstanceStage {
  const { staticIpName, previousName } = swap
  return {
    ...common,
    name: 'move',
    looksAt: 'staticIp',
    pace: tight,
    refusableMs: patientMs,
    notNowMs: patientMs,
    // Once the address is detached, the site is down until it is attached again.
    afterRefusalMs: 500,
    toDo: `move static IP "${staticIpName}" to instance "${instanceName}"`,
    done: `static IP "${staticIpName}" is attached to instance "${instanceName}"`,
    stateIn: ({ staticIp }) => {
      if (staticIp === undefined) return { brokenBecause: 'it no longer exists' }
      const { attachedTo } = staticIp
      if (attachedTo === instanceName) return 'reached'
      if (attachedTo === null || attachedTo === previousName) return 'ready'
      return { brokenBecause: `it is ${holderText(staticIp)} now` }
    },
    request: (service, patience) => moveStaticIp(staticIpName, instanceName, service, patience),
    command: attachIpCommand(region, staticIpName, instanceName),
  }
}

/** Attaching usually moves an address that is attached elsewhere. Where that is refused, it is detached first. */
async function moveStaticIp(
  staticIpName: string,
  instanceName: string,
  service: StageService,
  patience: Patience,
): Promise<Operation> {
  const attach = () => service.attachStaticIp(staticIpName, instanceName, patience)
  try {
    return await attach()
  } catch (error) {
    if (!(error instanceof ServiceFailure) || !['invalid', 'other'].includes(error.errorClass)) throw error
    const now = await service.getStaticIp(staticIpName, patience)
    if (now?.attachedTo == null || now.attachedTo === instanceName) throw error
  }
  await service.detachStaticIp(staticIpName, patience)
  return attach()
}

/** The command that attaches a static IP. */
export function attachIpCommand(region: string, staticIpName: string, instanceName: string): Command {
  const options = { 'static-ip-name': staticIpName, 'instance-name': instanceName }
  return { text: awsCommand('attach-static-ip', region, options), wait: '' }
}

/** The stage that stops the previous instance. */
export function stopStage(
  { region }: Pick<InstancePlan, 'region'>,
  { previousName }: InstanceSwap,
): InstanceStage {
  return {
    ...common,
    name: 'stop',
    looksAt: 'previous',
    pace: tight,
    refusableMs: patientMs,
    toDo: `stop the previous instance "${previousName}"`,
    done: `the previous instance "${previousName}" is stopped`,
    stateIn: ({ previous }) => {
      if (previous === undefined || previous.state === 'stopped') return 'reached'
      return previous.state === 'running' ? 'ready' : 'in progress'
    },
    request: (service, patience) => service.stopInstance(previousName, patience),
    command: stopCommand(region, previousName),
  }
}
