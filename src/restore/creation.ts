import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
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
  const page = await orServiceFailure(
    service.operationsOf(restored.name, undefined, { ...patience, attempts: 1 }),
  )
  if (page instanceof ServiceFailure) return undefined
  return page.items.find(({ operationType }) => operationType === 'CreateDiskFromSnapshot')
}
