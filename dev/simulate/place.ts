import type { Region } from '../../emulator/service/region.js'
import type { Disk } from '../../emulator/service/wire.js'

export const regionName = 'eu-central-1'
export const repository = 'octo-org/web-shop'

/** The instance, the disk and where it is attached: the place whose data is to be protected. */
export const instanceName = 'shop'
export const diskName = 'shop-data'
export const diskPath = '/dev/xvdf'

/** The disk that is attached at the place. */
export function liveDisk(region: Region, now: number): Disk | undefined {
  return region.disks
    .names(now)
    .map((name) => region.disk(name, now))
    .find(({ attachedTo, path }) => attachedTo === instanceName && path === diskPath)
}
