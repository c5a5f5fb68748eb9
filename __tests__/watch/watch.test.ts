import { describe, expect, test } from '@jest/globals'
import { cancelled, judge } from '../../src/domain/verdict.js'
import { ServiceFailure } from '../../src/lightsail/errors.js'
import type { DiskSnapshot, Operation } from '../../src/lightsail/types.js'
import { type WaitLimits, type WatchedService, watchSnapshots } from '../../src/watch/watch.js'
import { FakeClock } from '../support/fake-clock.js'
import { KeptLog } from '../support/step.js'

const named = { type: 'disk', name: 'snap', region: 'eu-central-1' } as const

function snapshot(state: DiskSnapshot['state'], progress: string | null = null, name = 'snap'): DiskSnapshot {
  return {
    type: 'disk',
    name,
    arn: 'arn:x',
    state,
    progress,
    sizeInGb: 32,
    createdAt: null,
    source: null,
    sourceArn: null,
    tags: [],
    isAutomatic: false,
    bundleId: null,
  }
}

function operation(status: Operation['status'], errorCode: string | null = null, id = 'op'): Operation {
  return {
    id,
    resourceType: 'DiskSnapshot',
    resourceName: 'snap',
    operationType: 'CreateDiskSnapshot',
    status,
    createdAt: null,
    errorCode,
    errorDetails: errorCode && 'the details',
  }
}

/** Stands for the status of an operation that can't be read. */
const noResponse = 'no response'

type Status = Operation['status'] | typeof noResponse

type Moment = DiskSnapshot | undefined | ServiceFailure

/** A service whose snapshots are what `at` returns for the milliseconds since the start. */
class Service {
  readonly requests: string[] = []
  /** The attempts that each request allows. */
  readonly attempts: (number | undefined)[] = []
  readonly clock = new FakeClock()
  readonly #at: (elapsed: number, name: string) => Moment
  readonly #status: Status
  readonly #names: readonly string[]

  constructor(at: (elapsed: number, name: string) => Moment, status: Status, names: readonly string[]) {
    this.#at = at
    this.#status = status
    this.#names = names
  }

  /** The client that the watch polls. */
  client(): WatchedService {
    return {
      region: 'eu-central-1',
      serviceTime: () => this.clock.now(),
      getDiskSnapshot: async (name, patience) => {
        this.attempts.push(patience.attempts)
        return this.#look('GetDiskSnapshot', name)
      },
      listDiskSnapshots: async (pageToken) => {
        const start = Number(pageToken ?? 0)
        const names = this.#names.slice(start, start + 20)
        const items = names.flatMap((name) => this.#look('GetDiskSnapshots', name) ?? [])
        this.requests.splice(this.requests.length - names.length + 1)
        return { items, nextPageToken: start + 20 < this.#names.length ? String(start + 20) : undefined }
      },
      getInstanceSnapshot: async () => undefined,
      listInstanceSnapshots: async () => ({ items: [], nextPageToken: undefined }),
      getOperation: async (id) => {
        this.requests.push('GetOperation')
        return this.#operation(id)
      },
      listOperations: async () => {
        this.requests.push('GetOperations')
        return { items: this.#names.map((name) => this.#operation(`op-${name}`)), nextPageToken: undefined }
      },
    }
  }

  #operation(id: string): Operation {
    if (this.#status === noResponse) throw broken
    return operation(this.#status, this.#status === 'failed' ? 'Code' : null, id)
  }

  #look(request: string, name: string): DiskSnapshot | undefined {
    this.requests.push(request)
    const moment = this.#at(this.clock.elapsed, name)
    if (moment instanceof ServiceFailure) throw moment
    return moment && { ...moment, name }
  }
}

interface Changes extends Partial<WaitLimits> {
  readonly status?: Status
  readonly names?: readonly string[]
  readonly ageMs?: number
  readonly signal?: AbortSignal
  /** Waits by name only, without knowing when the snapshot was started. */
  readonly byName?: boolean
}

async function watchAll(at: (elapsed: number, name: string) => Moment, changes: Changes = {}) {
  const { status = 'started', names = ['snap'], ageMs = 0, signal, byName = false, ...limits } = changes
  const service = new Service(at, status, names)
  const log = new KeptLog()
  const targets = names.map((snapshotName) => ({
    snapshotName,
    snapshotType: byName ? undefined : ('disk' as const),
    operation: byName ? undefined : operation('started', null, `op-${snapshotName}`),
    ageMs: byName ? undefined : ageMs,
  }))
  const watched = await watchSnapshots(
    targets,
    { timeoutMs: 600_000, pollIntervalMs: 15_000, ...limits },
    { lightsail: service.client(), clock: service.clock, log, random: () => 0, ...(signal && { signal }) },
  )
  return {
    watched,
    clock: service.clock,
    lines: log.lines,
    requests: service.requests,
    attempts: service.attempts,
  }
}

async function watched(at: (elapsed: number) => Moment, changes: Changes = {}) {
  const { watched, ...rest } = await watchAll(at, changes)
  const [only] = watched
  if (only === undefined) throw new Error('nothing was watched')
  return { ...only, ...rest }
}

const pending = snapshot('pending', '10%')
const completed = snapshot('completed', '100%')
const throttled = new ServiceFailure('throttled', 'Too many requests.', 'Wait.', undefined)
const broken = new ServiceFailure('server', 'The service failed.', 'Wait.', undefined)
const count = (all: readonly string[], wanted: string) => all.filter((one) => one === wanted).length

describe('waiting for a snapshot', () => {
  test('succeeds when it is completed', async () => {
    const { state, failure, lines } = await watched((elapsed) => (elapsed < 30_000 ? pending : completed))
    expect([state, failure]).toEqual(['completed', undefined])
    expect(lines.at(0)).toBe('snap: pending, 10% (1s)')
    expect(lines.at(-1)).toMatch(/^snap: completed, 100% \([34]\ds\)$/)
  })

  test.each(['succeeded', 'started'] as const)(
    'continues while the snapshot is pending, even if its operation has %s',
    async (status) => {
      const late = (elapsed: number) => (elapsed < 90_000 ? pending : completed)
      const { state, clock } = await watched(late, { status })
      expect(state).toBe('completed')
      expect(clock.elapsed).toBeGreaterThanOrEqual(90_000)
    },
  )

  test('polls only the snapshot while it is in progress, and the operation once at the end', async () => {
    const linear = (elapsed: number) =>
      elapsed < 300_000 ? snapshot('pending', `${Math.floor(elapsed / 3000)}%`) : completed
    const { requests } = await watched(linear)
    expect(count(requests, 'GetOperation')).toBe(1)
    expect(requests.at(-1)).toBe('GetOperation')
    expect(count(requests, 'GetDiskSnapshot')).toBe(requests.length - 1)
  })

  test("fails with Lightsail's code and details soon after its operation has failed", async () => {
    const { state, failure, clock } = await watched(() => pending, { status: 'failed' })
    expect(state).toBe('error')
    expect(clock.elapsed).toBeLessThan(80_000)
    expect(failure?.message).toBe('Snapshot "snap" failed in Lightsail: Code: the details.')
  })

  test("fails at once when its state is error, with its operation's message", async () => {
    const { state, failure, clock } = await watched(() => snapshot('error'), { status: 'failed' })
    expect([state, failure?.message]).toEqual([
      'error',
      'Snapshot "snap" failed in Lightsail: Code: the details.',
    ])
    expect(clock.elapsed).toBeLessThan(2000)
  })

  test('fails when its operation has failed, even if its progress advances', async () => {
    const going = (elapsed: number) => snapshot('pending', `${Math.floor(elapsed / 20_000)}%`)
    const { state, failure, clock } = await watched(going, { status: 'failed', timeoutMs: 3_600_000 })
    expect([state, failure?.message]).toEqual(['error', expect.stringContaining('Code: the details')])
    expect(clock.elapsed).toBeLessThan(330_000)
  })

  test("fails at once when its state is error, even if its operation can't be read", async () => {
    const { state, failure, clock } = await watched(() => snapshot('error'), { status: noResponse })
    expect([state, failure?.message]).toEqual(['error', expect.stringContaining('gave no reason')])
    expect(clock.elapsed).toBeLessThan(5000)
  })

  test("fails at once when its operation is known to have failed, even if the snapshot can't be read", async () => {
    const service = new Service(() => broken, 'failed', ['snap'])
    const target = {
      snapshotName: 'snap',
      snapshotType: 'disk' as const,
      operation: operation('failed', 'Code'),
      ageMs: 60_000,
    }
    const limits = { timeoutMs: 600_000, pollIntervalMs: 15_000 }
    const tools = { lightsail: service.client(), clock: service.clock, log: new KeptLog() }
    const [end] = await watchSnapshots([target], limits, tools)
    expect([end?.state, end?.failure?.message]).toEqual(['error', expect.stringContaining('Code')])
    expect(service.clock.elapsed).toBe(0)
  })

  test("doesn't succeed while its operation can't be read, even if it is completed", async () => {
    const { state } = await watched(() => completed, { status: noResponse, timeoutMs: 60_000 })
    expect(state).toBe('pending')
  })

  test('fails when its state is error, even if its operation has not failed', async () => {
    const { failure } = await watched(() => snapshot('error'))
    expect(failure?.message).toBe('Snapshot "snap" failed in Lightsail: Lightsail gave no reason.')
  })

  test('fails when its operation has failed, even if it is completed', async () => {
    expect((await watched(() => completed, { status: 'failed' })).state).toBe('error')
  })

  test('continues when the snapshot is not visible in its first minute', async () => {
    const { state, lines } = await watched((elapsed) => (elapsed < 59_000 ? undefined : completed))
    expect(state).toBe('completed')
    expect(lines[0]).toBe('snap: not visible yet (1s)')
  })

  test('fails when the snapshot disappears later, and returns what was last seen', async () => {
    const {
      state,
      failure,
      snapshot: last,
      lines,
    } = await watched((elapsed) => (elapsed < 90_000 ? pending : undefined))
    expect(state).toBe('error')
    expect(failure?.message).toContain("can't be found in eu-central-1 any more")
    expect(last).toEqual(pending)
    expect(lines.at(-1)).toContain('not found')
  })

  test('continues when a known snapshot is missing from one response', async () => {
    let polls = 0
    const blinking = (elapsed: number) => {
      polls += 1
      if (elapsed >= 200_000) return completed
      return polls % 3 === 0 ? undefined : pending
    }
    expect((await watched(blinking)).state).toBe('completed')
  })

  test('gives the snapshot a minute from the first poll to appear, however old it seems', async () => {
    const late = (elapsed: number) => (elapsed < 50_000 ? undefined : completed)
    expect((await watched(late, { ageMs: 7_200_000 })).state).toBe('completed')
  })

  test('fails after a minute if no snapshot has the name', async () => {
    const { state, failure, clock } = await watched(() => undefined, { byName: true })
    expect([state, failure?.message, failure?.isMissing]).toEqual([
      'error',
      'There is no snapshot "snap" in eu-central-1.',
      true,
    ])
    expect(clock.elapsed).toBeGreaterThan(60_000)
    expect(clock.elapsed).toBeLessThan(80_000)
  })

  test('requests no operation if only the name is known', async () => {
    expect((await watched(() => completed, { byName: true })).requests).toEqual(['GetDiskSnapshot'])
  })

  test('polls an old snapshot less often, even if only the name is known', async () => {
    // The clock starts at 08:09:10 that day.
    const old = { ...snapshot('pending'), createdAt: new Date('2026-11-22T07:00:00Z') }
    const { requests } = await watched(() => old, { byName: true, timeoutMs: 60_000 })
    expect(requests.length).toBeLessThanOrEqual(6)
  })

  test('does not retry a poll: the next poll is the retry', async () => {
    const { attempts } = await watched((elapsed) => (elapsed < 10_000 ? throttled : completed))
    expect(new Set(attempts)).toEqual(new Set([1]))
  })

  test('fails at wait-timeout and says how to continue', async () => {
    const { state, failure, clock } = await watched(() => pending)
    expect([state, clock.elapsed]).toEqual(['pending', 600_000])
    expect(failure?.message).toBe('Timed out after 10m: snapshot "snap" is not complete (pending, 10%).')
    expect(failure?.copyables[0]?.text).toContain('--disk-snapshot-name snap')
  })

  test('polls at once if the snapshot was started some time ago', async () => {
    expect((await watched(() => completed, { ageMs: 600_000 })).clock.elapsed).toBe(0)
  })

  test('fails at once when polling is not allowed', async () => {
    const denied = new ServiceFailure('denied', 'Not allowed.', 'Add it.', undefined)
    const { state, failure, requests } = await watched(() => denied)
    expect([state, failure?.cause, requests]).toEqual(['pending', denied, ['GetDiskSnapshot']])
    expect(failure?.message).toBe('The state of snapshot "snap" is unknown after 2s: Not allowed.')
  })
})

describe("a service that doesn't respond", () => {
  test('does not end the wait, and is logged once', async () => {
    const { state, lines } = await watched((elapsed) => (elapsed < 300_000 ? throttled : completed))
    expect(state).toBe('completed')
    expect(lines.filter((line) => line.startsWith('warning: '))).toEqual([
      'warning: Too many requests. The wait continues.',
    ])
  })

  test('is logged again when it stops responding after a success', async () => {
    const troubled = (elapsed: number) => elapsed % 60_000 < 30_000
    const { lines } = await watched((elapsed) => (troubled(elapsed) ? throttled : pending))
    expect(lines.filter((line) => line.startsWith('warning: ')).length).toBeGreaterThan(3)
  })

  test('makes the wait fail with an unknown state if it never responds', async () => {
    const { failure, lines } = await watched(() => throttled)
    expect(failure?.message).toBe('The state of snapshot "snap" is unknown after 10m: Too many requests.')
    expect(failure?.advice).toContain('Wait.')
    expect(lines.filter((line) => line.includes('visible'))).toEqual([])
  })

  test('is logged once a minute if it never responds', async () => {
    const { lines, clock } = await watched(() => broken)
    expect(lines.filter((line) => line.startsWith('Lightsail: no response yet'))).toHaveLength(10)
    expect(clock.sleeps.length).toBeLessThan(100)
  })

  test('is not polled again before its retry-after time, nor after wait-timeout', async () => {
    const $response = { headers: { 'x-amz-retry-after': '40000' } }
    const asking = new ServiceFailure('throttled', 'Too many requests.', 'Wait.', { $response })
    const polledAt: number[] = []
    const { clock } = await watched(
      (elapsed) => {
        polledAt.push(elapsed)
        return asking
      },
      { timeoutMs: 100_000 },
    )
    const [first = 0] = polledAt
    expect(polledAt).toEqual([first, first + 40_000, first + 80_000, 100_000])
    expect(clock.elapsed).toBe(100_000)
  })

  test('is polled less often while it throttles', async () => {
    const { requests } = await watched(() => throttled, { timeoutMs: 60_000 })
    expect(requests.length).toBeLessThanOrEqual(9)
  })
})

describe('waiting for many snapshots', () => {
  const names = Array.from({ length: 100 }, (_, index) => `snap-${index}`)
  const minute = (elapsed: number) => (elapsed < 60_000 ? snapshot('pending', '50%') : completed)

  test('reads pages of the list instead of each snapshot', async () => {
    const { watched, requests } = await watchAll(minute, { names })
    expect(watched.map(({ state }) => state)).toEqual(names.map(() => 'completed'))
    expect(count(requests, 'GetDiskSnapshot') + count(requests, 'GetOperation')).toBe(0)
    expect(count(requests, 'GetDiskSnapshots') % 5).toBe(0)
  })

  test('logs how many are complete in one line', async () => {
    const half = (elapsed: number, name: string) => (Number(name.slice(5)) < 50 ? completed : minute(elapsed))
    const { lines } = await watchAll(half, { names })
    expect(lines[0]).toBe('All snapshots: 50 of 100 complete, the slowest is at 50% (1s)')
    expect(lines.at(-1)).toMatch(/^All snapshots: 100 of 100 complete \(1m\ds\)$/)
  })

  test('returns the result of each in order', async () => {
    const mixed = (_: number, name: string) => (name === 'snap-b' ? snapshot('error') : completed)
    const { watched } = await watchAll(mixed, { names: ['snap-a', 'snap-b', 'snap-c'] })
    expect(watched.map(({ state }) => state)).toEqual(['completed', 'error', 'completed'])
    expect(watched[1]?.failure?.message).toContain('"snap-b" failed')
  })

  test('reads the last few individually if the account has many pages', async () => {
    const early = (elapsed: number, name: string) => (name === 'snap-99' ? minute(elapsed) : completed)
    const { requests } = await watchAll(early, { names })
    expect(count(requests, 'GetDiskSnapshots')).toBe(5)
    expect(count(requests, 'GetDiskSnapshot')).toBeGreaterThan(3)
  })
})

describe('the log of a wait', () => {
  test('has about one line a minute, whatever the poll-interval', async () => {
    const late = (elapsed: number) => (elapsed < 550_000 ? pending : completed)
    const { lines } = await watched(late, { pollIntervalMs: 300_000 })
    expect(lines.length).toBeGreaterThanOrEqual(9)
    const quiet = await watched(late, { pollIntervalMs: 1000 })
    expect(quiet.lines.length).toBeLessThanOrEqual(11)
  })
})

describe('a cancelled wait', () => {
  test('ends at once, names what is still running and says how to continue', async () => {
    const { state, failure } = await watched(() => pending, { signal: AbortSignal.abort() })
    expect(state).toBe('pending')
    expect(failure?.message).toContain('was cancelled while snapshot "snap" was still running')
    expect(failure?.advice).toContain('nothing was deleted')
  })
})

test("a cancelled wait doesn't call a complete snapshot still running", () => {
  const end = cancelled(named, 'completed, 100%', false)
  expect(end.message).toContain('was not known to be good (completed, 100%)')
  expect(end.advice).toMatch(/^Nothing was deleted/)
})

describe('the verdict on a poll', () => {
  test('is bad for a completed snapshot whose operation has failed', () => {
    expect(judge(named, { snapshot: completed, operation: operation('failed') })).toBeInstanceOf(Error)
  })

  test('is good for a completed snapshot before its operation has finished', () => {
    expect(judge(named, { snapshot: completed, operation: operation('started') })).toBe('completed')
  })
})
