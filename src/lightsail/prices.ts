/**
 * US dollars for a GB and month, the same in every Region: https://aws.amazon.com/lightsail/pricing/. Of snapshots AWS bills only
 * the blocks that have changed since the one before, so a sum over whole disks is the most they can cost.
 */
const usdPerGbMonth = { snapshot: 0.05, disk: 0.1 } as const

/** What this many GB cost a month, of snapshots at most: `$1.60`. */
export function monthlyPrice(gb: number, of: keyof typeof usdPerGbMonth = 'snapshot'): string {
  return `$${(gb * usdPerGbMonth[of]).toFixed(2)}`
}
