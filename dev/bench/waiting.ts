// The cost of waiting: the delay until a complete snapshot is noticed, and the requests it takes, for snapshots of
// many durations, compared with polling every 15 seconds and exponential back-off; and many disks compared with one. The
// emulator runs on a virtual clock, so that minutes pass at once.
import type { Behaviour } from '../../emulator/service/behaviour.js'
import { sourceAsNamed } from '../../src/domain/planned-snapshot.js'
import { takeAll } from '../../src/take/take.js'
import { pauseBeforeNextPoll } from '../../src/watch/schedule.js'
import { type WaitTools, watchSnapshots } from '../../src/watch/watch.js'
import { Random } from './random.js'
import { VirtualClock } from './virtual-clock.js'
import { VirtualService } from './virtual-service.js'

type Schedule = NonNullable<WaitTools['schedule']>

const log = { info: () => {}, notice: () => {}, warning: () => {} }
const limits = { timeoutMs: 86_400_000, pollIntervalMs: 15_000 }

interface Contender {
  readonly name: string
  /** Whether it polls at once, as a typical waiter does. */
  readonly atOnce: boolean
  readonly schedule: (random: () => number) => Schedule
}

const contenders: readonly Contender[] = [
  { name: 'this action', atOnce: false, schedule: () => pauseBeforeNextPoll },
  { name: 'every 15 s', atOnce: true, schedule: () => () => 15_000 },
  {
    name: 'back-off to 120 s',
    atOnce: true,
    schedule: (random) => {
      let most = 1000
      return () => {
        most = Math.min(120_000, most * 2)
        return 1000 + random() * (most - 1000)
      }
    },
  },
]

interface Cost {
  readonly delayMs: number
  readonly requests: number
}

/** Waits for one snapshot and returns what that costs besides the create request. */
async function waitForOne(behaviour: Partial<Behaviour>, contender: Contender, seed: number): Promise<Cost> {
  const clock = new VirtualClock()
  const service = new VirtualService(clock, behaviour)
  service.region.addDisk('data', 32, 0)
  const lightsail = service.client()
  const random = new Random(seed).next
  const snapshotName = 'snap'
  const source = { type: 'disk', name: 'data' } as const
  const operation = await lightsail.createDiskSnapshot(
    { source, snapshotName, tags: [] },
    { untilMs: 60_000 },
  )
  service.requests = 0
  const ageMs = contender.atOnce ? undefined : 0
  const tools = { lightsail, clock, log, random, schedule: contender.schedule(random) }
  await watchSnapshots([{ snapshotName, snapshotType: 'disk', operation, ageMs }], limits, tools)
  return { delayMs: clock.now() - (behaviour.snapshotDurationMs ?? 0), requests: service.requests }
}

const runs = 121

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Returns the mean delay and number of requests for durations around this one, spread over a poll interval. */
async function costOf(seconds: number, behaviour: Partial<Behaviour>, contender: Contender): Promise<Cost> {
  const spread = Math.min(15, seconds * 0.4)
  const costs: Cost[] = []
  for (let run = 0; run < runs; run += 1) {
    const length = seconds + spread * (run / (runs - 1) - 0.5)
    costs.push(await waitForOne({ ...behaviour, snapshotDurationMs: length * 1000 }, contender, run))
  }
  return {
    delayMs: mean(costs.map(({ delayMs }) => delayMs)),
    requests: mean(costs.map(({ requests }) => requests)),
  }
}

const line = (text: string) => process.stdout.write(`${text}\n`)

/** Prints the delay and requests of each contender, one row per duration and course of progress. */
export async function benchOneSnapshot(): Promise<void> {
  line(`\nOne snapshot: delay until its end is noticed and requests, means of ${runs} lengths around it`)
  line(['length', 'progress', ...contenders.map(({ name }) => name)].map((cell) => cell.padEnd(20)).join(''))
  for (const [label, seconds] of [
    ['10 s', 10],
    ['1 min', 60],
    ['10 min', 600],
    ['50 min', 3000],
  ] as const) {
    for (const progress of ['linear', 'stalls', 'none'] as const) {
      const costs = await Promise.all(contenders.map((contender) => costOf(seconds, { progress }, contender)))
      const cells = costs.map(
        ({ delayMs, requests }) => `${(delayMs / 1000).toFixed(1)} s, ${requests.toFixed(1)}`,
      )
      line([label, progress, ...cells].map((cell) => cell.padEnd(20)).join(''))
    }
  }
}

/** Snapshots this many disks and waits, at a limit of 20 requests a second. Returns the seconds and requests. */
async function takeMany(
  disks: number,
  seconds: number,
): Promise<{ seconds: number; requests: number; waiting: number }> {
  const clock = new VirtualClock()
  const service = new VirtualService(clock, { snapshotDurationMs: seconds * 1000, requestsPerSecond: 20 })
  const planned = Array.from({ length: disks }, (_, index) => {
    service.region.addDisk(`disk-${index}`, 8, 0)
    return {
      ...sourceAsNamed({ type: 'disk', name: `disk-${index}` }),
      snapshotType: 'disk' as const,
      snapshotName: `snap-${index}`,
      tags: [],
    }
  })
  const lightsail = service.client()
  const { signal } = new AbortController()
  const taken = await takeAll(planned, {
    lightsail,
    clock,
    log,
    patience: { untilMs: limits.timeoutMs, signal },
    ifExists: 'fail',
  })
  const before = service.requests
  const targets = taken.map(({ planned: { snapshotName, snapshotType }, operation }) => ({
    snapshotName,
    snapshotType,
    operation,
    ageMs: 0,
  }))
  const watched = await watchSnapshots(targets, limits, { lightsail, clock, log, random: new Random(1).next })
  if (watched.some(({ state }) => state !== 'completed')) throw new Error('not every snapshot is complete')
  return { seconds: clock.now() / 1000, requests: service.requests, waiting: service.requests - before }
}

/** Prints the wall time and requests of many disks compared with one. */
export async function benchManyDisks(): Promise<void> {
  for (const seconds of [60, 600]) {
    line(`\nMany disks, ${seconds} s a snapshot, 20 requests a second, 20 snapshots a page`)
    const one = await takeMany(1, seconds)
    for (const disks of [1, 10, 100, 500]) {
      const many = await takeMany(disks, seconds)
      line(
        `${String(disks).padStart(4)} disks ${many.seconds.toFixed(0).padStart(6)} s, ${(many.seconds / one.seconds).toFixed(2)} times one; ${many.requests} requests, ${many.waiting} of them while waiting`,
      )
    }
  }
}
