/**
 * What a GB of a snapshot costs for a month, in US dollars: https://aws.amazon.com/lightsail/pricing/, and the same in every
 * Region. AWS bills only the blocks that have changed since the snapshot before, so a sum over whole disks is the most.
 */
const usdPerGbMonth = 0.05

/** What so many GB of snapshots cost for a month at most: `$1.60`. */
export function monthlyPrice(gb: number): string {
  return `$${(gb * usdPerGbMonth).toFixed(2)}`
}
