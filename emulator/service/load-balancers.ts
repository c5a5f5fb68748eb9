import { newResource, newTags, type ResourceFields } from './resource.js'
import type { TagHistory } from './tags.js'
import type { LoadBalancer } from './wire.js'

/** A stored load balancer. */
export interface StoredLoadBalancer {
  readonly fixed: Omit<LoadBalancer, 'instanceHealthSummary' | 'tags'>
  readonly tags: TagHistory
  /** The names of the instances behind it. */
  readonly instanceNames: readonly string[]
}

/** Returns a load balancer to store. */
export function newLoadBalancer(
  fields: ResourceFields,
  instanceNames: readonly string[],
): StoredLoadBalancer {
  const { name, location } = fields
  return {
    fixed: {
      ...newResource('LoadBalancer', fields),
      dnsName: `${name}.${location.regionName}.elb.amazonaws.com`,
      state: 'active',
      protocol: 'HTTP',
      publicPorts: [80],
      healthCheckPath: '/',
      instancePort: 80,
    },
    tags: newTags(fields),
    instanceNames,
  }
}

/** The load balancer at `now` (milliseconds since the epoch), with those of its instances that run. */
export function readLoadBalancer(
  { fixed, tags, instanceNames }: StoredLoadBalancer,
  now: number,
  isRunning: (instanceName: string) => boolean,
): LoadBalancer {
  const instanceHealthSummary = instanceNames.map((instanceName) => ({
    instanceName,
    instanceHealth: isRunning(instanceName) ? ('healthy' as const) : ('unused' as const),
  }))
  return { ...fixed, tags: tags.shownAt(now), instanceHealthSummary }
}
