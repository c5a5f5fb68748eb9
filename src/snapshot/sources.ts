import { Failure } from '../basics/failure.js'
import { eitherSignal, mapBounded } from '../basics/parallel.js'
import type { Lightsail } from '../lightsail/client.js'
import { orUndefined } from '../lightsail/errors.js'
import { readPages } from '../lightsail/pages.js'
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
  if (plan.attachedDisks) return plan.withSources(await withAttachedDisks(sources, lightsail, patience))
  if (sources.length > 1 || plan.dryRun) await checkAll(sources, lightsail, patience)
  return plan
}

async function withAttachedDisks(
  instances: readonly Source[],
  lightsail: Lightsail,
  patience: Patience,
): Promise<Source[]> {
  const found = await mapBounded(instances, atOnce, async (instance, stopped) => {
    const signal = eitherSignal(patience.signal, stopped)
    const disks = await orUndefined(lightsail.attachedDisks(instance.name, { ...patience, signal }))
    return { instance, disks }
  })
  const absent = found.flatMap(({ instance, disks }) => (disks === undefined ? instance : []))
  if (absent.length > 0) throw noSuchSources(absent, lightsail.region)
  return found.flatMap(({ instance, disks = [] }) => [instance, ...disks])
}

function noSuchSources(absent: readonly Source[], region: string): Failure {
  return new Failure(
    `There is no ${absent.map(subjectOf).join(', no ')} in ${region}.`,
    'Check the spelling and aws-region, and that a disk is given as disk-name and an instance as instance-name. No snapshot was taken.',
  )
}

async function checkAll(sources: readonly Source[], lightsail: Lightsail, patience: Patience): Promise<void> {
  const [only, ...others] = sources
  if (only !== undefined && others.length === 0) return lightsail.checkSource(only, patience)
  const missing = new Set(sources.map(({ name }) => name))
  for (const type of new Set(sources.map((source) => source.type))) {
    await strikeOut(missing, type, lightsail, patience)
  }
  const absent = sources.filter(({ name }) => missing.has(name))
  if (absent.length > 0) throw noSuchSources(absent, lightsail.region)
}

/** Takes the names that exist out of the set, page by page until it is empty. */
async function strikeOut(
  missing: Set<string>,
  type: SourceType,
  lightsail: Lightsail,
  patience: Patience,
): Promise<void> {
  await readPages(
    (pageToken) => lightsail.listNames(type, pageToken, patience),
    (names) => {
      for (const name of names) missing.delete(name)
      return missing.size === 0 ? 'enough' : 'more'
    },
  )
}
