import type { Clock } from '../basics/clock.js'
import type { Patience } from '../lightsail/retry.js'
import type { DiskSnapshot, Instance, PortRule, Source, StaticIp, Tag } from '../lightsail/types.js'
import type { InstanceSwap } from './plan.js'
import { own, ResourceTracker } from './resource-tracker.js'
import type { StageService } from './stage.js'

/** What to do about an earlier swap before this one begins. */
export interface InstanceRepair {
  /** `finish`: the static IP has moved already. `bring back`: it is attached to nothing, and the swap is of another snapshot. */
  readonly kind: 'finish' | 'bring back'
  /** The instance that the swap put in the place of the previous one, or was going to. */
  readonly restored: Instance
  readonly swap: InstanceSwap
}

/** Everything that a restore of an instance will do, decided and checked before anything is changed. */
export interface InstancePlan {
  readonly region: string
  readonly snapshot: DiskSnapshot
  /** Whether the step has chosen the snapshot; if not, the input names it. */
  readonly isChosen: boolean
  readonly source: Source | undefined
  readonly instanceName: string
  readonly availabilityZone: string
  readonly bundleId: string
  /** What each of the two instances costs a month, in US dollars; undefined if unknown. */
  readonly monthlyPrices: Readonly<Record<'restored' | 'previous', number | undefined>>
  readonly addressType: string | null
  readonly tags: readonly Tag[]
  /** The ports to open; undefined if there is no instance to take them from. */
  readonly ports: readonly PortRule[] | undefined
  readonly swap: InstanceSwap | undefined
  readonly repairs: readonly InstanceRepair[]
}

/** The resources that a restore works on, as they were last seen; undefined if missing. */
export interface InstanceResources {
  readonly restored: Instance | undefined
  readonly previous: Instance | undefined
  readonly staticIp: StaticIp | undefined
  /** The firewall of the restored instance. */
  readonly firewall: { readonly name: string; readonly rules: readonly PortRule[] } | undefined
}

/** Tracks the instances and the static IP of a restore. */
export function trackInstances(
  { instanceName, tags, swap }: Pick<InstancePlan, 'instanceName' | 'tags' | 'swap'>,
  resources: InstanceResources,
  service: StageService,
  clock: Clock,
): ResourceTracker<InstanceResources> {
  const status = ({ state, reachability }: Instance) =>
    state === 'running' && reachability !== null ? `${state}, reachability ${reachability}` : state
  const readings = {
    restored: {
      kind: 'instance',
      read: async (patience: Patience) =>
        own(await service.getInstance(instanceName, patience), instanceName, tags, 'instance'),
      status,
    },
    previous: {
      kind: 'instance',
      read: async (patience: Patience) => swap && service.getInstance(swap.previousName, patience),
      status,
    },
    staticIp: {
      kind: 'static IP',
      read: async (patience: Patience) => swap && service.getStaticIp(swap.staticIpName, patience),
      status: holderText,
    },
    firewall: {
      kind: 'firewall of instance',
      read: async (patience: Patience) => ({
        name: instanceName,
        rules: await service.getPorts(instanceName, patience),
      }),
      status: () => 'not changed yet',
    },
  }
  const rules = {
    all: ['restored', 'previous', 'staticIp'],
    created: 'restored',
    contested: 'staticIp',
    // One that can't be created disappears; its operation says why.
    mayBeGone: ['restored', 'previous'],
  } as const
  return new ResourceTracker<InstanceResources>(resources, readings, rules, service, clock)
}

/** What a static IP is attached to, in words for a person. */
export function holderText({ attachedTo }: StaticIp): string {
  return attachedTo === null ? 'attached to nothing' : `attached to instance "${attachedTo}"`
}
