import { join } from 'node:path'
import { cwd } from 'node:process'
import { startEmulator } from '../../emulator/service/server.js'
import { actionNode } from '../demo/action-node.js'
import { runStep } from '../demo/runner.js'

const region = 'eu-central-1'
const day = 86_400_000

/** What one run of prune/ cost. */
export interface PruneCost {
  readonly seconds: number
  readonly pages: number
  readonly deletions: number
  readonly otherRequests: number
}

/**
 * Runs prune/ in an account with 1,000 snapshots, 5 per page. This repository took 400 of the disk, of which 300 are kept; the
 * others belong to another repository, most of them of another disk.
 */
export async function benchPrune(environment: Readonly<Record<string, string>>): Promise<PruneCost> {
  const emulator = await startEmulator({ behaviour: { pageSize: 5 } })
  const account = emulator.region(region)
  const startedAt = Date.now()
  // Created before its snapshots, so that they don't count as those of an earlier disk with the same name.
  account.addInstance('shop', 60, startedAt - 2000 * day)
  account.addDisk('shop-data', 32, startedAt - 2000 * day, 'shop')
  for (let number = 0; number < 1000; number += 1) {
    const isOurs = number % 5 < 2
    account.putSnapshot({
      name: `snapshot-${number}`,
      source: { type: 'disk', name: isOurs || number % 5 === 2 ? 'shop-data' : 'logs' },
      createdAt: startedAt - (number + 1) * day,
      sizeInGb: 32,
      tags: [
        { key: 'managed-by', value: 'lightsail-disk-snapshot' },
        { key: 'repository', value: isOurs ? 'octo-org/web-shop' : 'octo-org/other' },
      ],
    })
  }
  const { exitCode, milliseconds, lines } = await runStep({
    action: join(cwd(), 'prune'),
    inputs: { 'disk-name': 'shop-data', 'keep-last': '300' },
    environment: { ...environment, AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url },
    node: actionNode,
  })
  await emulator.close()
  if (exitCode !== 0) throw new Error(lines.join('\n'))
  const count = (wanted: string) => emulator.requests.filter(({ operation }) => operation === wanted).length
  const [pages, deletions] = [count('GetDiskSnapshots'), count('DeleteDiskSnapshot')]
  if (deletions !== 100) throw new Error(`prune/ deleted ${deletions} snapshots instead of 100.`)
  return {
    seconds: milliseconds / 1000,
    pages,
    deletions,
    otherRequests: emulator.requests.length - pages - deletions,
  }
}
