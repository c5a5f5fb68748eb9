import { describe, expect, test } from '@jest/globals'
import { realTimeLimit } from '../../src/basics/clock.js'
import type { ErrorClass } from '../../src/lightsail/error-classes.js'
import { errorTable } from '../../src/lightsail/error-table.js'
import { ServiceFailure } from '../../src/lightsail/errors.js'
import { type Patience, type SendOptions, sendWithRetry } from '../../src/lightsail/retry.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'

interface Case {
  readonly errorClass: ErrorClass
  readonly failures?: number
  readonly changes?: boolean
  readonly patience?: Partial<Patience>
  /** The header x-amz-retry-after of each failed response. */
  readonly retryAfter?: unknown
}

async function send({ errorClass, failures = 1, changes = false, patience = {}, retryAfter }: Case) {
  const clock = new FakeClock()
  const limits: number[] = []
  clock.timeLimit = (ms) => {
    limits.push(ms)
    return { signal: new AbortController().signal, lift: () => {} }
  }
  const sent: SendOptions[] = []
  const result = sendWithRetry(
    {
      send: async (options) => {
        sent.push(options)
        const $response = { headers: { 'x-amz-retry-after': retryAfter } }
        if (sent.length <= failures) throw Object.assign(new Error('no'), { $response })
        return 'answer'
      },
      asFailure: (thrown) => new ServiceFailure(errorClass, 'failed', 'advice', thrown),
      changes,
    },
    { untilMs: 3_600_000, ...patience },
    { clock, random: () => 1 },
  )
  const outcome = await result.catch((error: unknown) => error)
  return { outcome, clock, sent, limits }
}

const always = Number.POSITIVE_INFINITY

describe('a request', () => {
  test.each([
    ['throttled', 1000],
    ['server', 50],
    ['network', 50],
  ] as const)(
    "is retried after %s, with AWS's pauses: %i ms, then doubled up to twenty seconds",
    async (errorClass, firstMs) => {
      const { outcome, clock } = await send({ errorClass, failures: 11 })
      expect(outcome).toBe('answer')
      const doubled = Array.from({ length: 11 }, (_, index) => Math.min(20_000, firstMs * 2 ** index))
      expect(clock.sleeps).toEqual(doubled)
    },
  )

  describe.each([
    ['seconds that it asks for', '5000', [5000, 5000]],
    ['its own pause if that is longer', '1500', [1500, 2000]],
    ['no longer than five minutes', '999999999999', [300_000, 300_000]],
    ['no longer than five minutes', 'Infinity', [300_000, 300_000]],
    ['as if nothing had been asked: negative', '-5000', [1000, 2000]],
    ['as if nothing had been asked: zero', '0', [1000, 2000]],
    ['as if nothing had been asked: empty', '', [1000, 2000]],
    ['as if nothing had been asked: a date', 'Wed, 21 Oct 2026 07:28:00 GMT', [1000, 2000]],
    ['as if nothing had been asked: not a text', 5000, [1000, 2000]],
  ])('whose response asks for a pause waits %s', (_, retryAfter, sleeps) => {
    test(JSON.stringify(retryAfter), async () => {
      const { outcome, clock } = await send({ errorClass: 'throttled', failures: 2, retryAfter })
      expect([outcome, clock.sleeps]).toEqual(['answer', sleeps])
    })
  })

  test('whose response asks for more time than is left is sent once more at the end', async () => {
    const { outcome, clock } = await send({
      errorClass: 'throttled',
      failures: always,
      retryAfter: '60000',
      patience: { untilMs: 90_000 },
    })
    expect(outcome).toBeInstanceOf(ServiceFailure)
    expect(clock.sleeps).toEqual([60_000, 30_000])
  })

  test("whose caller looks at the states itself isn't retried if it doesn't fit the present state", async () => {
    const errorClass = 'not-now'
    expect((await send({ errorClass, patience: { retriesNotNow: false } })).sent).toHaveLength(1)
    expect((await send({ errorClass, changes: true })).outcome).toBe('answer')
  })

  test("is retried until time runs out if it doesn't fit the present state", async () => {
    const { clock } = await send({ errorClass: 'not-now', failures: always })
    expect(clock.sleeps.slice(0, 5)).toEqual([2000, 4000, 8000, 15_000, 15_000])
    expect(clock.elapsed).toBeGreaterThan(3_580_000)
  })

  test.each(['throttled', 'server', 'network'] as const)(
    'is retried after %s until time runs out',
    async (errorClass) => {
      const { outcome, clock } = await send({ errorClass, failures: always })
      expect(outcome).toBeInstanceOf(ServiceFailure)
      expect(clock.elapsed).toBeGreaterThan(3_580_000)
      expect(clock.elapsed).toBeLessThanOrEqual(3_600_000)
    },
  )

  test.each(['unreachable', 'unreadable', 'connection-fault', 'credentials-unreachable'] as const)(
    'is retried after %s for two minutes, or until time runs out',
    async (errorClass) => {
      const long = await send({ errorClass, failures: always })
      expect(long.clock.elapsed).toBeGreaterThan(105_000)
      expect(long.clock.elapsed).toBeLessThanOrEqual(120_000)
      const short = await send({ errorClass, failures: always, patience: { untilMs: 5000 } })
      expect(short.clock.elapsed).toBeLessThanOrEqual(5000)
    },
  )

  test('is retried less often during an automatic snapshot, which takes minutes', async () => {
    const { outcome, clock } = await send({ errorClass: 'automatic-snapshot', failures: 4, changes: true })
    expect(outcome).toBe('answer')
    expect(clock.sleeps).toEqual([15_000, 30_000, 60_000, 60_000])
  })

  test('is retried once if the clock was wrong, and not forever', async () => {
    expect((await send({ errorClass: 'clock-skew' })).outcome).toBe('answer')
    expect((await send({ errorClass: 'clock-skew', failures: always })).sent.length).toBeLessThan(5)
  })

  test('waits for a random time between half the pause and all of it', async () => {
    const clock = new FakeClock()
    const sending = {
      send: async () => {
        if (clock.sleeps.length < 1) throw new Error('no')
        return 'answer'
      },
      asFailure: (thrown: unknown) => new ServiceFailure('throttled', 'failed', 'advice', thrown),
      changes: false,
    }
    await sendWithRetry(sending, { untilMs: 60_000 }, { clock, random: () => 0 })
    expect(clock.sleeps).toEqual([500])
  })

  test('makes as many attempts as it may', async () => {
    const { sent } = await send({ errorClass: 'throttled', failures: 9, patience: { attempts: 1 } })
    expect(sent).toHaveLength(1)
  })

  test('reports every pause', async () => {
    const told: string[] = []
    const onRetry = ({ message }: ServiceFailure) => void told.push(message)
    await send({ errorClass: 'server', failures: 2, patience: { onRetry } })
    expect(told).toEqual(['failed', 'failed'])
  })

  test.each([
    ['fifteen seconds', 3_600_000, 15_000],
    ['the time that is left', 5000, 5000],
    ['a second where none is left', 0, 1000],
  ])('has a time limit of its own: %s', async (_, untilMs, limit) => {
    const { limits } = await send({ errorClass: 'server', failures: 0, patience: { untilMs } })
    expect(limits).toEqual([limit])
  })

  test("that changes something gets a little more time, so that its response isn't lost", async () => {
    const { limits } = await send({
      errorClass: 'server',
      failures: 0,
      changes: true,
      patience: { untilMs: 2000 },
    })
    expect(limits).toEqual([5000])
  })

  test('is not sent at all if the time ran out long ago', async () => {
    const { sent, outcome } = await send({ errorClass: 'time-over', patience: { untilMs: -3001 } })
    expect([sent, outcome]).toEqual([[], expect.any(ServiceFailure)])
  })

  test('is abandoned at its time limit, wherever it hangs', async () => {
    const clock = new FakeClock()
    clock.timeLimit = () => realTimeLimit(1)
    const failure = await failureOf(() =>
      sendWithRetry(
        {
          send: () => new Promise(() => {}),
          asFailure: (thrown) => new ServiceFailure('network', String(thrown), 'advice', thrown),
          changes: true,
        },
        { untilMs: 60_000 },
        { clock },
      ),
    )
    expect(failure.message).toBe('TimeoutError: no complete response within 15s')
  })

  test('is abandoned at once when the step is cancelled, wherever it hangs', async () => {
    const { outcome, sent } = await send({
      errorClass: 'cancelled',
      patience: { signal: AbortSignal.abort() },
    })
    expect(outcome).toBeInstanceOf(ServiceFailure)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.abortSignal.aborted).toBe(true)
  })

  test('that is cancelled during a pause says so, and why it was retried', async () => {
    const clock = new FakeClock()
    clock.sleep = () => Promise.reject(new Error('called off'))
    const sending = {
      send: () => Promise.reject(new Error('no')),
      asFailure: (thrown: unknown) => new ServiceFailure('throttled', 'failed', 'advice', thrown),
      changes: false,
    }
    const failure = await failureOf(() => sendWithRetry(sending, { untilMs: 60_000 }, { clock }))
    expect(failure.message).toBe('This step was cancelled before it could retry: failed')
  })

  test.each(['server', 'network', 'unreadable', 'connection-fault'] as const)(
    "that changes something isn't retried after %s: it may have been carried out",
    async (errorClass) => {
      expect((await send({ errorClass, changes: true })).sent).toHaveLength(1)
    },
  )

  test.each(['throttled', 'unreachable', 'clock-skew', 'automatic-snapshot', 'not-now'] as const)(
    'that changes something is retried after %s: it was certainly not carried out',
    async (errorClass) => {
      expect((await send({ errorClass, changes: true })).outcome).toBe('answer')
    },
  )

  const ends = [
    'denied',
    'certificate',
    'clock-behind',
    'tls',
    'malformed-setting',
    'unreadable-file',
    'proxy-refused',
    'credentials-unavailable',
    'credentials-missing',
    'credentials-refused',
    'credentials-expired',
    'account-setup',
    'region-setup',
    'account-verification',
    'not-found',
    'name-taken',
    'quota',
    'invalid',
    'cancelled',
    'other',
  ] as const
  test.each(ends)("isn't retried after %s", async (errorClass) => {
    expect((await send({ errorClass })).sent).toHaveLength(1)
  })

  test('is retried after every other class of error', () => {
    const again = Object.entries(errorTable).filter(([, { retry }]) => retry !== undefined)
    expect(Object.keys(errorTable)).toHaveLength(again.length + ends.length)
  })
})
