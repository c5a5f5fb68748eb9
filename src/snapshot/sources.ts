import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import { type Source, type SourceType, subjectOf } from '../lightsail/types.js'
import type { Plan } from './plan.js'

/** How many instances are looked up at once. */
const atOnce = 5

/**
 * The plan with its sources looked up: the disks attached to its instances added behind each, and every source known to
 * exist where there are several. A single source isn't looked up: the request that takes its snapshot says as much.
 * Throws a Failure that names every source that isn't there.
 */
export async function lookUpSources(plan: Plan, lightsail: Lightsail, patience: Patience): Promise<Plan> {
  const sources = plan.snapshots.map(({ source }) => source)
  if (plan.attachedDisks) {
    const found = await mapBounded(sources, atOnce, async (instance) => [
      instance,
      ...(await lightsail.attachedDisks(instance.name, patience)),
    ])
    return plan.withSources(found.flat())
  }
  if (sources.length > 1 || plan.dryRun) await checkAll(sources, lightsail, patience)
  return plan
}

async function checkAll(sources: readonly Source[], lightsail: Lightsail, patience: Patience): Promise<void> {
  const [only, ...others] = sources
  if (only !== undefined && others.length === 0) return lightsail.checkSource(only, patience)
  const missing = new Set(sources.map(({ name }) => name))
  for (const type of new Set(sources.map((source) => source.type))) {
    await strikeOut(missing, type, lightsail, patience)
  }
  if (missing.size === 0) return
  const absent = sources.filter(({ name }) => missing.has(name)).map(subjectOf)
  throw new Failure(
    `There is no ${absent.join(', no ')} in ${lightsail.region}.`,
    'Check the spelling and aws-region, and that a disk is given as disk-name and an instance as instance-name. No snapshot was taken.',
  )
}

/** Takes the names that exist out of the set, page by page until it is empty. */
async function strikeOut(
  missing: Set<string>,
  type: SourceType,
  lightsail: Lightsail,
  patience: Patience,
): Promise<void> {
  let pageToken: string | undefined
  do {
    const page = await lightsail.listNames(type, pageToken, patience)
    for (const name of page.items) missing.delete(name)
    pageToken = page.nextPageToken
  } while (pageToken !== undefined && missing.size > 0)
}
