// `npm run bench`: the cost of a step with `wait: false` compared with others in one run. The contenders take turns and
// the ratios are computed in each round, because a machine's speed drifts; the figures are medians.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cwd } from 'node:process'
import { pathToFileURL } from 'node:url'
import { startEmulator } from '../../emulator/service/server.js'
import { count } from '../../src/basics/text.js'
import { actionNode } from '../demo/action-node.js'
import { runStep } from '../demo/runner.js'
import { worstGrowth } from './long-texts.js'
import { benchPause, whyNoPauses } from './pause.js'
import { benchInstanceSwap, benchSwap } from './restore.js'
import { benchPrune } from './retention.js'
import { benchManyDisks, benchOneSnapshot } from './waiting.js'

const rounds = Number(process.env['ROUNDS'] ?? 21)
const region = 'eu-central-1'
const folder = await mkdtemp(join(tmpdir(), 'bench-'))
const emulator = await startEmulator()
emulator.region(region).addInstance('shop', 60, Date.now())
emulator.region(region).addDisk('shop-data', 32, Date.now(), 'shop')
const environment = {
  AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: 'emulated',
  AWS_SECRET_ACCESS_KEY: 'emulated',
}

/** One way to start a snapshot with the given name, as a whole process. Returns how long (ms) it took. */
type Contender = (snapshotName: string) => Promise<number>

/** A step of the built action, on the runner's Node.js. */
function step(more: Readonly<Record<string, string>> = {}): Contender {
  return async (snapshotName) => {
    const inputs = { 'disk-name': 'shop-data', 'snapshot-name': snapshotName, wait: 'false' }
    const options = { action: cwd(), inputs, environment: { ...environment, ...more }, node: actionNode }
    const { exitCode, milliseconds, lines } = await runStep(options)
    if (exitCode !== 0) throw new Error(lines.join('\n'))
    return milliseconds
  }
}

function command(file: string, words: (snapshotName: string) => readonly string[]): Contender {
  return (snapshotName) =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now()
      const child = spawn(file, words(snapshotName), {
        env: { ...process.env, ...environment },
        stdio: 'ignore',
      })
      child.once('error', reject)
      child.once('close', (code) => {
        if (code === 0) resolve(performance.now() - startedAt)
        else reject(new Error(`${file} ended with ${code}`))
      })
    })
}

function line(text: string): void {
  process.stdout.write(`${text}\n`)
}

let made = 0
function newName(): string {
  made += 1
  return `bench-${made}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function megabytes(names: readonly string[]): Promise<number> {
  const sizes = names.map(async (name) => (await readFile(join('dist', name))).length)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1e6
}

const peakFile = join(folder, 'peak')
/** The environment of a step that records its peak memory. */
const watchedEnvironment = {
  ...environment,
  NODE_OPTIONS: `--import=${pathToFileURL(join(cwd(), '.build/dev/bench/peak-memory.js')).href}`,
  PEAK_MEMORY_FILE: peakFile,
}

/** The peak memory of the last watched step, in MB. */
async function readPeak(): Promise<number> {
  return (Number(await readFile(peakFile, 'utf8')) * 1024) / 1e6
}

async function peakMemory(): Promise<number> {
  const watched = step(watchedEnvironment)
  const peaks: number[] = []
  for (let run = 0; run < 5; run += 1) {
    await watched(newName())
    peaks.push(await readPeak())
  }
  return median(peaks)
}

/** Prints what a pause costs, with a service that responds at once, and with one that takes its time. */
async function benchPauses(): Promise<void> {
  if (whyNoPauses !== undefined) return line(`Pauses: skipped, because ${whyNoPauses}`)
  for (const latencyMs of [0, 150]) {
    for (const disks of [1, 2, 10]) {
      const cost = await benchPause(environment, { disks, rounds, latencyMs })
      const [frozen, requests] = [cost.frozenMs, cost.requestsMs].map((all) => median(all).toFixed(0))
      const toReach = (median(cost.requestsMs) * 1.3 + 50).toFixed(0)
      line(
        `Pause of ${count(disks, 'disk')}, ${latencyMs} ms a response: frozen ${frozen} ms (longest ${Math.max(...cost.frozenMs).toFixed(0)}), create requests ${requests} ms, to reach ${toReach} ms; adds ${median(cost.addedMs).toFixed(0)} ms to the step`,
      )
    }
  }
}

/** Prints the time and peak memory of a step with 500 disks, each run in a new account. */
async function benchMemoryOfMany(): Promise<void> {
  const disks = Array.from({ length: 500 }, (_, index) => `disk-${index}`)
  const [seconds, peaks]: [number[], number[]] = [[], []]
  for (let run = 0; run < 3; run += 1) {
    const account = await startEmulator({ behaviour: { snapshotDurationMs: 3000 } })
    account.region(region).addInstance('server', 60, Date.now())
    for (const name of disks) {
      account.region(region).addDisk(name, 8, Date.now(), 'server', { path: `/dev/${name}` })
    }
    const { exitCode, milliseconds, lines } = await runStep({
      action: cwd(),
      inputs: { 'disk-name': disks.join(',') },
      environment: { ...watchedEnvironment, AWS_ENDPOINT_URL_LIGHTSAIL: account.url },
      node: actionNode,
    })
    await account.close()
    if (exitCode !== 0) throw new Error(lines.join('\n'))
    seconds.push(milliseconds / 1000)
    peaks.push(await readPeak())
  }
  line(
    `500 disks, 3 s a snapshot, no request limit, median of 3: ${median(seconds).toFixed(1)} s, peak memory ${median(peaks).toFixed(0)} MB`,
  )
}

const awsCli = command('aws', (name) => [
  'lightsail',
  'create-disk-snapshot',
  '--disk-name',
  'shop-data',
  '--disk-snapshot-name',
  name,
])
const hasAwsCli = await awsCli(newName()).then(
  () => true,
  () => false,
)
const contenders = new Map<string, Contender>([
  ['a step with wait: false', step()],
  [
    'a bare Node process with one HTTP request',
    command(actionNode, (name) => ['.build/dev/bench/bare-request.js', emulator.url, name]),
  ],
  ...(hasAwsCli ? [['aws lightsail create-disk-snapshot', awsCli] as const] : []),
])

const times = new Map<string, number[]>([...contenders.keys()].map((name) => [name, []]))
for (let round = -2; round < rounds; round += 1) {
  for (const [name, contender] of contenders) {
    const milliseconds = await contender(newName())
    if (round >= 0) times.get(name)?.push(milliseconds)
  }
}

emulator.requests.length = 0
await step()(newName())
const requests = emulator.requests.length

const ours = times.get('a step with wait: false') ?? []
line(`Whole-process time, median of ${rounds} rounds; the step's ratio to each, median of the rounds' ratios`)
for (const [name, all] of times) {
  const ratio = median(all.map((milliseconds, round) => (ours[round] ?? Number.NaN) / milliseconds))
  line(`${name.padEnd(44)}${median(all).toFixed(0).padStart(6)} ms   ratio ${ratio.toFixed(2)}`)
}
if (!hasAwsCli) line('aws lightsail create-disk-snapshot: skipped, this machine has no AWS CLI')
line(`Requests of a step with wait: false: ${requests}`)
line(`Peak memory, median of 5: ${(await peakMemory()).toFixed(0)} MB`)
const scripts = (await readdir('dist')).filter((name) => name.endsWith('.js'))
line(
  `JavaScript in dist: ${(await megabytes(scripts)).toFixed(3)} MB, of which ${(await megabytes(['index.js', 'snapshot.js'])).toFixed(3)} MB load at every start`,
)
await benchMemoryOfMany()
await benchPauses()
const pruned = await benchPrune(environment)
line(
  `prune/ with 1,000 snapshots, 5 a page: ${pruned.seconds.toFixed(1)} s, ${pruned.pages} pages, ${pruned.deletions} deletions, ${pruned.otherRequests} other requests`,
)
const swapped = await benchSwap(environment)
line(
  `restore/ with swap: the instance is down for ${swapped.downSeconds.toFixed(1)} s, ${(swapped.downSeconds / swapped.leastSeconds).toFixed(3)} times what the service itself takes (${swapped.leastSeconds} s); ${swapped.requests} requests`,
)
const moved = await benchInstanceSwap(environment)
line(
  `restore/ with swap of a whole instance: the static IP is attached to nothing for ${moved.downSeconds.toFixed(1)} s, ${(moved.downSeconds / moved.leastSeconds).toFixed(3)} times what attaching it takes (${moved.leastSeconds} s); ${moved.requests} requests`,
)
const growth = await worstGrowth()
line(
  `400 kB of awkward text takes at most ${growth.ratio.toFixed(1)} times as long as 100 kB of it (${growth.of}); linear: 4, quadratic: 16`,
)
await emulator.close()
await rm(folder, { recursive: true })
await benchOneSnapshot()
await benchManyDisks()
