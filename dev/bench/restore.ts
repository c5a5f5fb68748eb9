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
  const inputs = { 'snapshot-name': 'before', 'disk-name': 'shop-data', swap: 'true' }
  const isDown = () => account.instance('shop', Date.now()).state.name !== 'running'
  const downMs = await downtime(isDown, inputs, { ...environment, AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url })
  await emulator.close()
  const { stopDurationMs, detachDurationMs, attachDurationMs, startDurationMs } = usualBehaviour
  return {
    downSeconds: downMs / 1000,
    leastSeconds: (stopDurationMs + detachDurationMs + attachDurationMs + startDurationMs) / 1000,
    requests: emulator.requests.length,
  }
}

/** Runs a roll-back of a whole instance whose static IP has to be detached first. That and attaching take 5 seconds each. */
export async function benchInstanceSwap(environment: Readonly<Record<string, string>>): Promise<SwapCost> {
  const staticIpDurationMs = 5000
  const emulator = await startEmulator({ behaviour: { staticIpDurationMs, movesStaticIps: false } })
  const account = emulator.region(region)
  account.addInstance('wordpress', 60, Date.now())
  account.addStaticIp('address', Date.now(), 'wordpress')
  account.putInstanceSnapshot({
    name: 'before',
    instanceName: 'wordpress',
    createdAt: Date.now() - 3_600_000,
  })
  const inputs = { 'snapshot-name': 'before', 'instance-name': 'wordpress', swap: 'true' }
  const isDown = () => account.staticIp('address', Date.now()).attachedTo === undefined
  const downMs = await downtime(
    isDown,
    { ...inputs, 'snapshot-type': 'instance' },
    { ...environment, AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url },
  )
  await emulator.close()
  return {
    downSeconds: downMs / 1000,
    leastSeconds: staticIpDurationMs / 1000,
    requests: emulator.requests.length,
  }
}

/** Runs restore/ and returns for how long (ms) the site is down meanwhile. */
async function downtime(
  isDown: () => boolean,
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  let downMs = 0
  let lookedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (isDown()) downMs += now - lookedAt
    lookedAt = now
  }, lookMs)
  const action = join(cwd(), 'restore')
  const { exitCode, lines } = await runStep({ action, inputs, environment, node: actionNode })
  clearInterval(timer)
  if (exitCode !== 0) throw new Error(lines.join('\n'))
  return downMs
}
