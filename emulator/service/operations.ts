import { ServiceError } from './errors.js'
import { bundleRequests } from './handlers/bundles.js'
import type { Handler, RequestContext } from './handlers/context.js'
import { diskChanges } from './handlers/disks.js'
import { instanceDeletions } from './handlers/instance-deletion.js'
import { instanceSnapshotRequests } from './handlers/instance-snapshots.js'
import { instanceChanges } from './handlers/instances.js'
import { loadBalancerRequests } from './handlers/load-balancers.js'
import { newInstances } from './handlers/new-instances.js'
import { portRequests } from './handlers/ports.js'
import { reads } from './handlers/reads.js'
import { snapshotChanges } from './handlers/snapshots.js'
import { staticIpRequests } from './handlers/static-ips.js'
import { tagChanges } from './handlers/tags.js'
import type { Input } from './wire.js'

/** Every operation that the emulator supports, by Lightsail's name. */
export const operations: ReadonlyMap<string, Handler> = new Map([
  ...snapshotChanges,
  ...diskChanges,
  ...instanceChanges,
  ...instanceSnapshotRequests,
  ...newInstances,
  ...instanceDeletions,
  ...portRequests,
  ...staticIpRequests,
  ...loadBalancerRequests,
  ...bundleRequests,
  ...tagChanges,
  ...reads,
])

/** Carries out one request; throws ServiceError. Any other operation is refused with UnknownOperationException. */
export function perform(operation: string, context: RequestContext, input: Input): object {
  const handler = operations.get(operation)
  if (handler === undefined) {
    throw new ServiceError(
      400,
      'UnknownOperationException',
      'UnknownOperation',
      `The emulator of lightsail-disk-snapshot doesn't support ${operation}. It supports: ${[...operations.keys()].sort().join(', ')}.`,
    )
  }
  return handler(context, input)
}
