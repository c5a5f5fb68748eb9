import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'
import type { Disk, Instance } from '../../emulator/service/wire.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import type { Step } from '../../src/github/entry-point.js'
import { region } from './emulated.js'
import { exampleSha, exampleStep, type KeptStep } from './step.js'

/** The tags of a snapshot that this action took for the example's repository. */
export function takenBy(repository: string, commit = exampleSha): { key: string; value: string }[] {
  return [
    { key: 'managed-by', value: 'lightsail-disk-snapshot' },
    { key: 'repository', value: repository },
    { key: 'commit-sha', value: commit },
  ]
}

export const otherSha = 'f'.repeat(40)

/**
 * Starts an emulator with the instance "shop", the disk "shop-data" (32 GB) attached to it at /dev/xvdf, and two complete
 * snapshots of it: "old" for another commit, "new" a minute later. The disk holds "broken", each snapshot its own name.
 */
export async function startShop(
  behaviour: Partial<Behaviour>,
  now: () => number = Date.now,
): Promise<Emulator> {
  const emulator = await startEmulator({ behaviour, now })
  const account = emulator.region(region)
  account.addInstance('shop', 60, now())
  account.addDisk('shop-data', 32, now(), 'shop')
  const source = { type: 'disk', name: 'shop-data' } as const
  const createdAt = now() - 3_600_000
  account.setContent('shop-data', 'broken')
  account.putSnapshot({
    name: 'old',
    source,
    createdAt,
    content: 'old',
    tags: takenBy('octo-org/web-shop', otherSha),
  })
  account.putSnapshot({
    name: 'new',
    source,
    createdAt: createdAt + 60_000,
    content: 'new',
    tags: takenBy('octo-org/web-shop'),
  })
  return emulator
}

/** A step of restore/ with these inputs, the others at their defaults. */
export function restoreStep(
  inputs: Readonly<Record<string, string>>,
  changes: Partial<Pick<Step, 'run' | 'signal' | 'requestHandler'>> = {},
): KeptStep {
  const given = new Map<string, string>(Object.entries({ ...actionMetadata.restore.inputs, ...inputs }))
  return { ...exampleStep({}, changes), input: (name) => given.get(name) ?? '' }
}

/** Every disk of the Region, at `now` (milliseconds since the epoch). */
export function disksOf(account: Region, now: number): Disk[] {
  return account.disks.names(now).map((name) => account.disk(name, now))
}

/** The instance's state, and its block storage disks with their paths. */
export function machineOf({ state, hardware }: Instance): [state: string, ...disks: string[]] {
  const disks = hardware.disks.filter(({ isSystemDisk }) => isSystemDisk !== true)
  return [state.name, ...disks.map(({ name, path }) => `${name} ${path}`)]
}
