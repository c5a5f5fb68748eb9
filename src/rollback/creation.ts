import { orServiceFailure } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
import type { Patience } from '../lightsail/retry.js'
import type { Operation } from '../lightsail/types.js'
import type { Scene } from './scene.js'
import type { StageService } from './stages.js'

/** The operation that made the restored disk, where the service lists it; the answer that named it was lost or an earlier attempt's. */
export async function findCreation(
  { world: { restored } }: Scene,
  service: StageService,
  patience: Patience,
): Promise<Operation | undefined> {
  if (restored === undefined) return undefined
  let found: Operation | undefined
  const read = readPages(
    (pageToken) => service.operationsOf(restored.name, pageToken, { ...patience, attempts: 1 }),
    (items) => {
      found ??= items.find(({ operationType }) => operationType === 'CreateDiskFromSnapshot')
      return found === undefined ? 'more' : 'enough'
    },
  )
  await orServiceFailure(read)
  return found
}
