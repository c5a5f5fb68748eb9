import { bundleOf, bundles } from '../bundles.js'
import type { Input } from '../wire.js'
import { type Handler, page, type RequestContext } from './context.js'

/** The requests for bundles. */
export const bundleRequests: readonly (readonly [string, Handler])[] = [['GetBundles', getBundles]]

function getBundles(context: RequestContext, input: Input): object {
  const ids = bundles
    .filter(({ isActive }) => isActive || input['includeInactive'] === true)
    .map(({ bundleId }) => bundleId)
  return page('bundles', ids, bundleOf, context, input)
}
