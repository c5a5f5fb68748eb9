import type { Emulator } from '../../emulator/service/server.js'
import { region } from './emulated.js'

const day = 86_400_000

/** The properties of a snapshot that was taken some time ago. */
export interface Past {
  readonly days: number
  readonly disk?: string
  readonly state?: 'pending' | 'completed' | 'error'
  readonly repository?: string
  readonly commit?: string
  readonly tags?: readonly { key: string; value?: string }[]
  readonly isFromAutoSnapshot?: boolean
  /** The content of its disk. Default: `empty`. */
  readonly content?: string
}

/** Puts a snapshot into the account that this action took in the past, by default of the disk "shop-data". */
export function putPastSnapshot(
  emulator: Pick<Emulator, 'region'>,
  name: string,
  past: Past,
  now = Date.now(),
): void {
  const { days, disk = 'shop-data', state = 'completed', repository = 'octo-org/web-shop', tags = [] } = past
  emulator.region(region).putSnapshot({
    name,
    source: { type: 'disk', name: disk },
    createdAt: now - days * day,
    state,
    sizeInGb: 32,
    ...(past.content === undefined ? {} : { content: past.content }),
    isFromAutoSnapshot: past.isFromAutoSnapshot ?? false,
    tags: [
      { key: 'managed-by', value: 'lightsail-disk-snapshot' },
      { key: 'repository', value: repository },
      { key: 'commit-sha', value: past.commit ?? '0'.repeat(40) },
      ...tags,
    ],
  })
}

/** The names of all snapshots, sorted. */
export function snapshotNames(emulator: Pick<Emulator, 'region'>, now = Date.now()): string[] {
  return emulator
    .region(region)
    .allSnapshots(now + day)
    .map(({ name }) => name)
    .sort()
}
