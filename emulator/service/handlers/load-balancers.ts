import { existingName, type Handler, type RequestContext } from './context.js'
import { listOf } from './lists.js'

/** The requests for load balancers. */
export const loadBalancerRequests: readonly (readonly [string, Handler])[] = [
  [
    'GetLoadBalancer',
    (context, input) => ({ loadBalancer: read(context, existingName(input, 'loadBalancerName')) }),
  ],
  ['GetLoadBalancers', listOf('loadBalancers', 'loadBalancers', read)],
]

function read({ region, now }: RequestContext, name: string): object {
  return region.loadBalancer(name, now)
}
