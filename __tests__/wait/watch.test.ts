import { describe, expect, test } from '@jest/globals'
import type { Lightsail } from '../../src/lightsail/client.js'
import { ServiceFailure } from '../../src/lightsail/errors.js'
import type { DiskSnapshot, Operation } from '../../src/lightsail/types.js'
import { judge } from '../../src/wait/judge.js'
import { pauseBeforeNextPoll } from '../../src/wait/schedule.js'
import { watchSnapshot } from '../../src/wait/watch.js'
import { FakeClock } from '../support/fake-clock.js'
import { KeptLog } from '../support/step.js'

function snapshot(state: string, progress: string | null = null): DiskSnapshot {
  return { name: 'snap', arn: 'arn:x', state, progress, sizeInGb: 32, createdAt: null }
}

function operation(status: string, errorCode: string | null = null): Operation {
  return { id: 'op', status, createdAt: null, errorCode, errorDetails: errorCode && 'the details' }
}

type Moment = DiskSnapshot | undefined | ServiceFailure

/** A service that shows the snapshot as `at` says for each time since the start, in milliseconds. */
function service(clock: FakeClock, at: (elapsed: number) => Moment, status = 'Started'): Lightsail {
  return {
    region: 'eu-central-1',
    checkSource: async () => {},
    createDiskSnapshot: async () => operation('Started'),
    getDiskSnapshot: async () => {
      const moment = at(clock.elapsed)
      if (moment instanceof ServiceFailure) throw moment
      return moment
    },
    getOperation: async () => operation(status, status === 'Failed' ? 'Code' : null),
    close: () => {},
  }
}

async function watch(at: (elapsed: number) => Moment, status = 'Started', pollIntervalMs = 15_000) {
  const clock = new FakeClock()
  const log = new KeptLog()
  const watched = await watchSnapshot(
    { snapshotName: 'snap', operation: operation('Started') },
    { timeoutMs: 600_000, pollIntervalMs },
    { lightsail: service(clock, at, status), clock, log },
  )
  return { ...watched, clock, lines: log.lines }
}

const pending = snapshot('pending', '10%')
const completed = snapshot('completed', '100%')
const throttled = new ServiceFailure('throttled', 'Too many requests.', '', undefined)

describe('waiting for a snapshot', () => {
  test('ends well when it is completed', async () => {
    const { stage, failure, lines } = await watch((elapsed) => (elapsed < 30_000 ? pending : completed))
    expect([stage, failure]).toEqual(['done', undefined])
    expect(lines.at(0)).toBe('snap: pending, 10% (0s)')
    expect(lines.at(-1)).toMatch(/^snap: completed, 100% \(3\ds\)$/)
  })

  test.each(['Succeeded', 'Completed', 'Started', 'NotStarted', 'SomethingNew'])(
    'goes on while the snapshot is pending, though its operation is %s',
    async (status) => {
      const { stage, clock } = await watch((elapsed) => (elapsed < 30_000 ? pending : completed), status)
      expect(stage).toBe('done')
      expect(clock.elapsed).toBeGreaterThanOrEqual(30_000)
    },
  )

  test("ends at once with the service's code and details when its operation has failed", async () => {
    const { stage, failure, clock } = await watch(() => pending, 'Failed')
    expect([stage, clock.elapsed]).toEqual(['failed', 0])
    expect(failure?.message).toBe('The snapshot "snap" failed in Lightsail: Code: the details.')
  })

  test('ends at once when its state is error', async () => {
    const { stage, failure } = await watch(() => snapshot('error'))
    expect([stage, failure?.message]).toEqual([
      'failed',
      'The snapshot "snap" failed in Lightsail: the service gave no reason.',
    ])
  })

  test('is not ended by unknown, nor by a word that nobody knows', async () => {
    const states = ['unknown', 'brand-new']
    const { stage } = await watch((elapsed) =>
      elapsed < 60_000 ? snapshot(states[Math.floor(elapsed / 30_000)] ?? '') : completed,
    )
    expect(stage).toBe('done')
  })

  test("is not ended by a snapshot that can't be found in its first minute", async () => {
    const { stage, lines } = await watch((elapsed) => (elapsed < 59_000 ? undefined : completed))
    expect(stage).toBe('done')
    expect(lines[0]).toBe('snap: not visible yet (0s)')
  })

  test("ends when the snapshot can't be found after that, and keeps what was seen", async () => {
    const {
      stage,
      failure,
      snapshot: last,
    } = await watch((elapsed) => (elapsed < 90_000 ? pending : undefined))
    expect(stage).toBe('failed')
    expect(failure?.message).toContain("can't be found in Lightsail any more")
    expect(last).toEqual(pending)
  })

  test('ends when the time is up, with how to go on', async () => {
    const { stage, failure, clock } = await watch(() => pending)
    expect([stage, clock.elapsed]).toEqual(['running', 600_000])
    expect(failure?.message).toBe('The snapshot "snap" isn\'t complete after 10m 0s (pending, 10%).')
    expect(failure?.advice).toContain('--disk-snapshot-name snap')
  })

  test('survives a streak of throttling, and says it once', async () => {
    const { stage, lines } = await watch((elapsed) => (elapsed < 300_000 ? throttled : completed))
    expect(stage).toBe('done')
    expect(lines.filter((line) => line.startsWith('warning: '))).toEqual([
      'warning: Too many requests. The wait goes on.',
    ])
  })

  test('says it again when the trouble comes back after a success', async () => {
    const troubled = (elapsed: number) => elapsed % 60_000 < 30_000
    const { lines } = await watch((elapsed) => (troubled(elapsed) ? throttled : pending))
    expect(lines.filter((line) => line.startsWith('warning: ')).length).toBeGreaterThan(3)
  })

  test('ends at once when asking is not allowed', async () => {
    const denied = new ServiceFailure('denied', 'Not allowed.', 'Add it.', undefined)
    const { stage, failure, clock } = await watch(() => denied)
    expect([stage, failure, clock.elapsed]).toEqual(['running', denied, 0])
  })

  test('logs at least once a minute, also with a longer poll-interval, and not at every poll', async () => {
    const { lines } = await watch((elapsed) => (elapsed < 550_000 ? pending : completed), 'Started', 300_000)
    expect(lines.length).toBeGreaterThanOrEqual(10)
    const quiet = await watch((elapsed) => (elapsed < 550_000 ? pending : completed), 'Started', 1000)
    expect(quiet.lines.length).toBeLessThanOrEqual(11)
  })
})

describe('the poll schedule', () => {
  test.each([
    [0, 1000],
    [10_000, 2000],
    [60_000, 12_000],
    [3_600_000, 15_000],
  ])('pauses after %i ms for %i ms', (elapsed, pause) => {
    expect(pauseBeforeNextPoll(elapsed, 15_000)).toBe(pause)
  })

  test('is never quicker than a second', () => {
    expect(pauseBeforeNextPoll(0, 1000)).toBe(1000)
  })
})

describe('the judgement of a poll', () => {
  test('a completed snapshot whose operation has failed is not good', () => {
    expect(judge('snap', { snapshot: completed, operation: operation('Failed') }, 0)).toBeInstanceOf(Error)
  })

  test('a completed snapshot is good before its operation says so', () => {
    expect(judge('snap', { snapshot: completed, operation: operation('Started') }, 0)).toBe('completed')
  })
})
