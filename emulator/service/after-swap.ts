import type { Region } from './region.js'
import type { Disk } from './wire.js'

/** Values for preparing a Region. */
export interface Preparation {
  /** The repository of the job, `OWNER/NAME`. */
  readonly repository: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Replaces each disk with one restored from its snapshot, as a roll-back does. */
export function prepareAfterSwap(region: Region, preparation: Preparation): void {
  const { now } = preparation
  for (const name of region.disks.names(now)) swap(region, region.disk(name, now), preparation)
}

function swap(
  region: Region,
  { name, arn, sizeInGb, attachedTo, path }: Disk,
  { repository, now }: Preparation,
): void {
  const restored = `${name}-restored-1-1`
  const tags = [
    { key: 'managed-by', value: 'lightsail-disk-snapshot' },
    { key: 'repository', value: repository },
    { key: 'run-id', value: '1' },
    { key: 'run-attempt', value: '1' },
    { key: 'replaces', value: name },
    { key: 'replaces-arn', value: arn },
  ]
  region.detach(name)
  region.addDisk(restored, sizeInGb, now, attachedTo, { tags, ...(path === undefined ? {} : { path }) })
  region.tag(name, [{ key: 'replaced-by', value: restored }])
}
