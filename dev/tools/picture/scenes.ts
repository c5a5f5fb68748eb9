// Real runs of the built action against the emulator, whose summaries are worth a picture.
import { join } from 'node:path'
import { cwd } from 'node:process'
import { usualBehaviour } from '../../../emulator/service/behaviour.js'
import { type Emulator, startEmulator } from '../../../emulator/service/server.js'
import { actionNode } from '../../demo/action-node.js'
import { withoutEmulatorWarning } from '../../demo/emulator-warning.js'
import { runStep } from '../../demo/runner.js'

const region = 'eu-central-1'
const day = 86_400_000
const quick = { snapshotDurationMs: 1000, snapshotMsPerGb: 100 }

interface Scene {
  readonly door?: 'wait' | 'prune' | 'restore'
  readonly inputs: Readonly<Record<string, string>>
  readonly before?: (emulator: Emulator) => void
}

const three = { 'disk-name': 'shop-data, shop-uploads, shop-search', 'poll-interval': '1s' }
const kept = { 'keep-last': '3' }
const swap = { 'disk-name': 'shop-data', swap: 'true' }

/** Each scene by its name. */
export const scenes: Readonly<Record<string, Scene>> = {
  success: { inputs: { ...three, ...kept } },
  'dry-run': { inputs: { ...three, ...kept, 'dry-run': 'true' } },
  started: { inputs: { ...three, wait: 'false' } },
  timeout: { inputs: { ...three, 'wait-timeout': '6s' } },
  failed: {
    inputs: three,
    before: ({ behaviour }) => Object.assign(behaviour, { snapshotEnd: 'error', operationEnd: 'Failed' }),
  },
  denied: {
    inputs: { 'disk-name': 'shop-data' },
    before: ({ faults }) =>
      faults.add({ operation: 'CreateDiskSnapshot', fault: 'access-denied', occurrences: 'all' }),
  },
  'wrong-inputs': { inputs: { 'disk-name': 'shop-data', wait: 'perhaps', 'wait-timeout': '60' } },
  wait: {
    door: 'wait',
    inputs: { 'snapshot-name': 'shop-data-1111111-1658821491-1, shop-data-2222222-1658821492-1' },
  },
  prune: { door: 'prune', inputs: { 'disk-name': 'shop-data', ...kept } },
  'prune-dry-run': { door: 'prune', inputs: { 'disk-name': 'shop-data', ...kept, 'dry-run': 'true' } },
  restore: { door: 'restore', inputs: swap },
  'restore-dry-run': { door: 'restore', inputs: { ...swap, 'dry-run': 'true' } },
  'restore-failed': {
    door: 'restore',
    inputs: { ...swap, 'wait-timeout': '5s' },
    before: ({ behaviour }) => Object.assign(behaviour, { stopEnd: 'stuck' }),
  },
}

/** Plays a scene and returns its job summary. */
export async function play({ door, inputs, before }: Scene): Promise<string> {
  const changes = { attachDurationMs: 500, detachDurationMs: 500, stopDurationMs: 500, startDurationMs: 500 }
  const emulator = await startEmulator({
    behaviour: { ...usualBehaviour, ...quick, ...changes, diskDurationMs: 500 },
  })
  try {
    fill(emulator)
    before?.(emulator)
    const { summary } = await runStep({
      action: join(cwd(), door ?? '.'),
      inputs,
      node: actionNode,
      environment: {
        AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: 'emulated',
        AWS_SECRET_ACCESS_KEY: 'emulated',
        GITHUB_ACTION_REPOSITORY: 'OWNER/lightsail-disk-snapshot',
        GITHUB_ACTION_REF: 'v1',
      },
    })
    return withoutEmulatorWarning(summary)
  } finally {
    await emulator.close()
  }
}

/** Adds an instance with three disks, and older snapshots that this repository took. */
function fill(emulator: Emulator): void {
  const account = emulator.region(region)
  const now = Date.now()
  const disks = { 'shop-data': 32, 'shop-uploads': 64, 'shop-search': 8 }
  account.addInstance('shop', 20, now)
  for (const [name, sizeInGb] of Object.entries(disks)) account.addDisk(name, sizeInGb, now, 'shop')
  const ours = { 'managed-by': 'lightsail-disk-snapshot', repository: 'octo-org/web-shop' }
  for (const place of [1, 2, 3, 4]) {
    const tags = { ...ours, 'commit-sha': `${place}`.repeat(40) }
    account.putSnapshot({
      name: `shop-data-${`${place}`.repeat(7)}-165882149${place}-1`,
      source: { type: 'disk', name: 'shop-data' },
      createdAt: now - place * day,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    })
  }
}
