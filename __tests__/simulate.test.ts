// The simulator itself: its schedules can be repeated, its worlds are the emulator's, and its invariants can fail.
import { execFileSync } from 'node:child_process'
import { env, execPath } from 'node:process'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Schedule } from '../dev/simulate/decisions.js'
import { drawSchedule } from '../dev/simulate/draw.js'
import { eventLine } from '../dev/simulate/events.js'
import { invariants, violationsIn } from '../dev/simulate/invariants/all.js'
import { regressions } from '../dev/simulate/regressions.js'
import { hashOf, prepare, simulate, type Trace } from '../dev/simulate/simulate.js'
import type { StepTrace } from '../dev/simulate/step.js'

beforeAll(() => prepare(env))

const seeds = [3, 70, 317, 418]

describe('a schedule', () => {
  test.each(seeds)('of seed %i happens the same way again, byte for byte', async (seed) => {
    const linesOf = ({ world }: Trace) => world.events.map(eventLine)
    const first = await simulate(drawSchedule(seed))
    const second = await simulate(drawSchedule(seed))
    expect(linesOf(second)).toEqual(linesOf(first))
    expect(hashOf(second)).toBe(hashOf(first))
  })

  test('happens the same way in another process', async () => {
    const args = ['--no-warnings', '.build/dev/simulate/main.js', '--seed', '70', '--log']
    const lines = execFileSync(execPath, args, { encoding: 'utf8', maxBuffer: 1e8 }).trim().split('\n')
    const trace = await simulate(drawSchedule(70))
    // The lines come first, to show where the two differ.
    expect(lines.slice(0, trace.world.events.length)).toEqual(trace.world.events.map(eventLine))
    expect(lines.at(-1)).toContain(hashOf(trace))
  })

  test('happens another way for another seed', async () => {
    const hashes = await Promise.all(seeds.map(async (seed) => hashOf(await simulate(drawSchedule(seed)))))
    expect(new Set(hashes).size).toBe(seeds.length)
  })
})

test('twenty schedules break no invariant', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    expect([seed, ...violationsIn(await simulate(drawSchedule(seed)))]).toEqual([seed])
  }
  // A busy machine takes a minute.
}, 300_000)

test.each(regressions.map(({ fault, schedule }) => [fault, schedule] as const))(
  'what was found once is not back: %s',
  async (_, schedule) => {
    expect(violationsIn(await simulate(schedule))).toEqual([])
  },
)

describe('an invariant is broken', () => {
  const schedule: Schedule = {
    seed: 1,
    decisions: [
      { is: 'run', run: 1, kind: 'deploy', startsAt: 1, deploys: ['bad'] },
      {
        is: 'run',
        run: 2,
        kind: 'prune',
        startsAt: 400,
        deploys: ['good'],
        inputs: { 'keep-last': '2', 'keep-within': '15d' },
      },
      {
        is: 'run',
        run: 3,
        kind: 'deploy',
        startsAt: 500,
        deploys: ['good'],
        inputs: { wait: 'false' },
      },
    ],
  }
  const changed = (
    trace: Trace,
    action: StepTrace['action'],
    change: (step: StepTrace) => Partial<StepTrace>,
  ) => ({
    ...trace,
    steps: trace.steps.map((step) => (step.action === action ? { ...step, ...change(step) } : step)),
  })
  const taken = ({ world }: Trace, step: string) => world.history.snapshots.filter(({ by }) => by === step)
  const oldest = ({ world }: Trace) => world.history.snapshots.slice(0, 1)

  // What would have happened if the code were wrong, written into what has happened.
  const lies: readonly (readonly [string, (trace: Trace) => Trace])[] = [
    [
      'gate',
      (trace) => {
        for (const snapshot of taken(trace, '1.1 snapshot')) snapshot.goneAt = 0
        return trace
      },
    ],
    [
      'waiting gate',
      (trace) => {
        for (const snapshot of taken(trace, '3.1 snapshot')) snapshot.goneAt = 0
        return trace
      },
    ],
    [
      'one each',
      (trace) => changed(trace, 'snapshot', ({ requests }) => ({ requests: [...requests, ...requests] })),
    ],
    ['nothing silent', (trace) => changed(trace, 'snapshot', () => ({ outputs: {}, log: [] }))],
    [
      'rolled back',
      (trace) => {
        const [disk] = trace.world.history.disks
        trace.world.history.writes.push({ at: 0, diskArn: disk?.arn ?? '', content: 'earlier' })
        return trace
      },
    ],
    [
      'right snapshot',
      (trace) => changed(trace, 'restore', () => ({ outputs: { 'snapshot-name': 'shop-data-800h-ago' } })),
    ],
    [
      'same snapshot again',
      (trace) => {
        const steps = trace.steps.filter(({ action }) => action === 'restore')
        const before = steps.map((step) => ({
          ...step,
          startedAt: step.startedAt - 1,
          outcome: 'red' as const,
        }))
        const other = changed(trace, 'restore', () => ({
          outputs: { 'snapshot-name': 'shop-data-800h-ago' },
        }))
        return { ...other, steps: [...before, ...other.steps] }
      },
    ],
    [
      'own only',
      (trace) => {
        const { snapshots } = trace.world.history
        snapshots.splice(0, 1, ...oldest(trace).map((snapshot) => ({ ...snapshot, sourceArn: 'another' })))
        return trace
      },
    ],
    [
      'site up',
      (trace) => {
        const { places } = trace.world.history
        places.push({ from: 0, diskArn: undefined, content: undefined, instance: 'stopped' })
        return trace
      },
    ],
    [
      'newest stays',
      (trace) => {
        for (const snapshot of trace.world.history.snapshots.slice(1)) snapshot.goneAt = snapshot.createdAt
        return trace
      },
    ],
    [
      'keep is kept',
      (trace) => {
        for (const snapshot of oldest(trace)) snapshot.keptFrom = 0
        return trace
      },
    ],
    [
      'true outputs',
      (trace) => {
        for (const snapshot of oldest(trace)) snapshot.goneAt = undefined
        return trace
      },
    ],
    ['only retention deletes', (trace) => changed(trace, 'prune', () => ({ inputs: {} }))],
    ['rules hold', (trace) => changed(trace, 'prune', () => ({ inputs: { 'keep-within': '50d' } }))],
    ['in time', (trace) => changed(trace, 'restore', ({ endedAt }) => ({ endedAt: endedAt + 4_000_000 }))],
    [
      'cancelled in time',
      (trace) => changed(trace, 'prune', ({ endedAt }) => ({ cancelledAt: endedAt - 6000 })),
    ],
    ['on purpose', (trace) => changed(trace, 'prune', () => ({ outcome: 'unexpected' }))],
    ['good day', (trace) => changed(trace, 'prune', () => ({ outcome: 'red' }))],
    [
      'finished in the end',
      (trace) =>
        changed(trace, 'restore', ({ identity }) => ({
          identity: { ...identity, name: 'again' },
          outcome: 'red',
        })),
    ],
    ['what passes is survived', (trace) => changed(trace, 'prune', () => ({ outcome: 'red' }))],
    [
      'brought back',
      (trace) => {
        const { places } = trace.world.history
        places.push({ from: 0, diskArn: undefined, content: undefined, instance: 'stopped' })
        return changed(trace, 'restore', () => ({ outcome: 'red' }))
      },
    ],
    [
      'time to swap',
      (trace) => changed(trace, 'restore', ({ inputs }) => ({ inputs: { ...inputs, 'wait-timeout': '1m' } })),
    ],
  ]

  test.each(lies)('"%s", if that has happened', async (name, lie) => {
    const broken = violationsIn(lie(await simulate(schedule)))
    expect(broken.map(({ invariant }) => invariant)).toContain(name)
  })

  test('each of them', () => {
    expect(lies.map(([name]) => name).sort()).toEqual(invariants.map(({ name }) => name).sort())
  })

  test('never, as it happens', async () => {
    expect(violationsIn(await simulate(schedule))).toEqual([])
  })
})
