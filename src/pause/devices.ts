import { Failure } from '../basics/failure.js'
import type { Disk, Instance } from '../lightsail/types.js'

/** What is known of the disks of an instance. */
export interface Disks {
  readonly instance: Instance
  /** The block storage disks that the step captures. */
  readonly captured: readonly Disk[]
}

/**
 * Returns the names of the captured disks that the mount points are on. `devices` has for each mount point the devices below
 * it and their serial numbers, as the instance reports them. If one can't be matched, any of the disks may be meant.
 * Throws a Failure if one is certainly on another disk: freezing it would give nothing.
 */
export function disksBelow(
  mounts: readonly string[],
  devices: readonly string[],
  { instance, captured }: Disks,
): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [index, mount] of mounts.entries()) {
    const words = (devices[index] ?? '').slice(mount.length + 1).split(/\s+/)
    const disk = captured.find((candidate) => isBelow(candidate, words))
    if (disk !== undefined) found.add(disk.name)
    else if (isElsewhere(words, instance, captured)) throw onAnotherDisk(mount, instance)
    else for (const { name } of captured) found.add(name)
  }
  return found
}

function isBelow({ path, volumeId }: Disk, words: readonly string[]): boolean {
  const serial = volumeId?.replace('-', '')
  return (path !== null && words.includes(path)) || (serial !== undefined && words.includes(serial))
}

function isElsewhere(words: readonly string[], { disks }: Instance, captured: readonly Disk[]): boolean {
  const isOnVolume = words.some((word) => /^vol[0-9a-f]+$/.test(word))
  const areVolumesKnown = captured.every(({ volumeId }) => volumeId !== null)
  return (isOnVolume && areVolumesKnown) || disks.some(({ path }) => path !== null && words.includes(path))
}

function onAnotherDisk(mount: string, { name }: Instance): Failure {
  return new Failure(
    `freeze: "${mount}" on instance "${name}" is on a disk that this step takes no snapshot of.`,
    'Add that disk, or leave the mount point out. A system disk is never frozen.',
  )
}
