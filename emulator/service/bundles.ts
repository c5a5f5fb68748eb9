import { invalidInput } from './errors.js'
import type { Bundle } from './wire.js'

/** Some of the bundles for Linux, the cheapest of each generation first. A retired one isn't active. */
export const bundles: readonly Bundle[] = [
  bundle('nano_3_0', 5, 2, 0.5, 20, 1024),
  bundle('micro_3_0', 7, 2, 1, 40, 2048),
  bundle('small_3_0', 12, 2, 2, 60, 3072),
  bundle('medium_3_0', 24, 2, 4, 80, 4096),
  bundle('large_3_0', 44, 2, 8, 160, 5120),
  bundle('xlarge_3_0', 84, 4, 16, 320, 6144),
  bundle('2xlarge_3_0', 164, 8, 32, 640, 7168),
  { ...bundle('small_2_0', 10, 1, 2, 60, 3072), isActive: false },
]

function bundle(
  bundleId: string,
  price: number,
  cpuCount: number,
  ramSizeInGb: number,
  diskSizeInGb: number,
  transferPerMonthInGb: number,
): Bundle {
  return { bundleId, price, cpuCount, ramSizeInGb, diskSizeInGb, transferPerMonthInGb, isActive: true }
}

/** The bundle with this id; InvalidInputException. */
export function bundleOf(bundleId: string): Bundle {
  const found = bundles.find((each) => each.bundleId === bundleId)
  if (found === undefined) throw invalidInput(`The bundle does not exist: ${bundleId}`)
  return found
}

/** Whether one bundle has less of anything than the other. */
export function isSmaller(one: Bundle, other: Bundle): boolean {
  const measures = ['cpuCount', 'ramSizeInGb', 'diskSizeInGb'] as const
  return measures.some((measure) => one[measure] < other[measure])
}
