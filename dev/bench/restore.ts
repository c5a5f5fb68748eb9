import { join } from 'node:path'
import { cwd } from 'node:process'
import { usualBehaviour } from '../../emulator/service/behaviour.js'
import { startEmulator } from '../../emulator/service/server.js'
import { actionNode } from '../demo/action-node.js'
import { runStep } from '../demo/runner.js'

const region = 'eu-central-1'
/** How often (ms) the state of the instance is checked. */
const lookMs = 20

/** What a roll-back with `swap` cost. */
export interface SwapCost {
  /** How long the instance was down. */
  readonly downSeconds: number
  /** The minimum: the time that the service itself takes to stop, detach, attach and start. */
  readonly leastSeconds: number
  readonly requests: number
}

/** Runs a roll-back with `swap` at the emulator's usual speed, which takes most of a minute. */
export async function benchSwap(environment: Readonly<Record<string, string>>): Promise<SwapCost> {
  const emulator = await startEmulator()
  const account = emulator.region(region)
  account.addInstance('shop', 60, Date.now())
  account.addDisk('shop-data', 32, Date.now(), 'shop')
  account.putSnapshot({
    name: 'before',
    source: { type: 'disk', name: 'shop-data' },
    createdAt: Date.now() - 3_600_000,
    sizeInGb: 32,
  })
  let downMs = 0
  let lookedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (account.instance('shop', Date.now()).state.name !== 'running') downMs += now - lookedAt
    lookedAt = now
  }, lookMs)
  const { exitCode, lines } = await runStep({
    action: join(cwd(), 'restore'),
    inputs: { 'snapshot-name': 'before', 'disk-name': 'shop-data', swap: 'true' },
    environment: { ...environment, AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url },
    node: actionNode,
  })
  clearInterval(timer)
  await emulator.close()
  if (exitCode !== 0) throw new Error(lines.join('\n'))
  const { stopDurationMs, detachDurationMs, attachDurationMs, startDurationMs } = usualBehaviour
  return {
    downSeconds: downMs / 1000,
    leastSeconds: (stopDurationMs + detachDurationMs + attachDurationMs + startDurationMs) / 1000,
    requests: emulator.requests.length,
  }
}
