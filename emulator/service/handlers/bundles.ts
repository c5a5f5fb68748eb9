import { bundleOf, bundles } from '../bundles.js'
import type { Input } from '../wire.js'
import type { Handler, RequestContext } from './context.js'
import { list } from './lists.js'

/** The requests for bundles. */
export const bundleRequests: readonly (readonly [string, Handler])[] = [
  ['GetBundles', list('bundles', requestedIds, (_, bundleId) => bundleOf(bundleId))],
]

function requestedIds(_: RequestContext, input: Input): string[] {
  return bundles
    .filter(({ isActive }) => isActive || input['includeInactive'] === true)
    .map(({ bundleId }) => bundleId)
}
