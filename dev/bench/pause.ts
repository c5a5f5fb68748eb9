import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { cwd } from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type LoopDisk, type Machine, newMachine, whyNotHere } from '../../__tests__/support/machine.js'
import { startSshServer } from '../../__tests__/support/ssh-server.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'
import { actionNode } from '../demo/action-node.js'
import { runStep } from '../demo/runner.js'

const region = 'eu-central-1'

/** What the pauses of some steps cost, each figure of one step, in milliseconds. */
export interface PauseCost {
  readonly disks: number
  /** The longest wait of a program that writes to the disk that is frozen first. */
  readonly frozenMs: number[]
  /** From the arrival of the first create request until the last one is answered. */
  readonly requestsMs: number[]
  /** How much longer the step took than one without a pause, which ran just before. */
  readonly addedMs: number[]
}

export const whyNoPauses = whyNotHere(['/usr/sbin/sshd', 'ssh', 'ssh-keygen'])

/** Runs steps with a pause, in turn with steps without one. Each request to the service takes `latencyMs`. */
export async function benchPause(
  environment: Readonly<Record<string, string>>,
  { disks: count, rounds, latencyMs }: { disks: number; rounds: number; latencyMs: number },
): Promise<PauseCost> {
  const machine = await newMachine()
  const emulator = await startEmulator()
  const service = await startSlowService(emulator, latencyMs)
  const ssh = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock`])
  let writer: Writer | undefined
  const cost: PauseCost = { disks: count, frozenMs: [], requestsMs: [], addedMs: [] }
  try {
    const mounts = await fillAccount(emulator, machine, count)
    const [first] = mounts
    if (first === undefined) throw new Error('no disk')
    emulator.region(region).access.set('shop', ssh.details)
    // The first one is frozen for the longest time: it thaws last.
    writer = startWriter(first)
    const step = async (inputs: Readonly<Record<string, string>>) => {
      const { exitCode, milliseconds, outputs, lines } = await runStep({
        action: cwd(),
        inputs: { 'disk-name': diskNames(count).join(), wait: 'false', ...inputs },
        environment: {
          ...environment,
          AWS_ENDPOINT_URL_LIGHTSAIL: service.url,
          GITHUB_RUN_ID: String(newRun()),
        },
        node: actionNode,
      })
      if (exitCode !== 0) throw new Error(lines.join('\n'))
      return { milliseconds, consistency: outputs['consistency'] }
    }
    const pause = {
      freeze: mounts.map(({ mount }) => mount).join('\n'),
      'ssh-port': String(ssh.port),
    }
    for (let round = -1; round < rounds; round += 1) {
      const plain = await step({})
      service.reset()
      writer.reset()
      const paused = await step(pause)
      if (paused.consistency !== 'file-system') throw new Error('the pause did not hold')
      if (round < 0) continue
      cost.frozenMs.push(writer.longestWaitMs())
      cost.requestsMs.push(service.createMs())
      cost.addedMs.push(paused.milliseconds - plain.milliseconds)
    }
  } finally {
    await writer?.stop()
    await machine.close()
    await ssh.close()
    service.server.close()
    await emulator.close()
  }
  return cost
}

let runs = 0
function newRun(): number {
  runs += 1
  return runs
}

const diskNames = (count: number) => Array.from({ length: count }, (_, index) => `shop-disk-${index}`)

async function fillAccount(emulator: Emulator, machine: Machine, count: number): Promise<LoopDisk[]> {
  const account = emulator.region(region)
  account.addInstance('shop', 60, Date.now())
  const disks: LoopDisk[] = []
  for (const name of diskNames(count)) {
    account.addDisk(name, 8, Date.now(), 'shop', { path: `/dev/${name}` })
    disks.push(await machine.addDisk('ext4'))
  }
  return disks
}

/** A program on the instance that never stops writing, and how long its writes had to wait. */
interface Writer {
  readonly longestWaitMs: () => number
  readonly reset: () => void
  readonly stop: () => Promise<unknown>
}

function startWriter({ mount }: LoopDisk): Writer {
  const script = join(cwd(), '.build/dev/bench/steady-writer.js')
  const child = spawn(process.execPath, [script, join(mount, 'written')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const waits: number[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waits.push(Number(line)))
  return {
    longestWaitMs: () => Math.max(0, ...waits),
    reset: () => void waits.splice(0),
    stop: () => {
      child.kill()
      return once(child, 'close')
    },
  }
}

/** A service in front of the emulator that takes its time for each request, and notes how long the create requests took. */
async function startSlowService(emulator: Emulator, latencyMs: number) {
  const moments: number[] = []
  const server: Server = createServer(async (request, response) => {
    const isCreation = String(request.headers['x-amz-target']).endsWith('.CreateDiskSnapshot')
    if (isCreation) moments.push(performance.now())
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !['connection', 'content-length', 'host'].includes(name)
        ? [[name, value] satisfies [string, string]]
        : [],
    )
    const answer = await fetch(emulator.url, { method: 'POST', headers, body: Buffer.concat(chunks) })
    const body = await answer.text()
    await delay(latencyMs)
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(body)
    if (isCreation) moments.push(performance.now())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    server,
    reset: () => void moments.splice(0),
    createMs: () => Math.max(...moments) - Math.min(...moments),
  }
}
