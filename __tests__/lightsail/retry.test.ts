import { describe, expect, test } from '@jest/globals'
import { type ErrorClass, ServiceFailure } from '../../src/lightsail/errors.js'
import { type Patience, type retried, type SendOptions, sendWithRetry } from '../../src/lightsail/retry.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'

async function send(
  kind: keyof typeof retried,
  errorClass: ErrorClass,
  failures: number,
  patience: Partial<Patience> = {},
) {
  const clock = new FakeClock()
  const sent: SendOptions[] = []
  const result = sendWithRetry(
    async (options) => {
      sent.push(options)
      if (sent.length <= failures) throw new Error('no')
      return 'answer'
    },
    (thrown) => new ServiceFailure(errorClass, 'failed', 'advice', thrown),
    kind,
    { untilMs: 3_600_000, ...patience },
    { clock, random: () => 1 },
  )
  const outcome = await result.catch((error: unknown) => error)
  return { outcome, clock, sent }
}

describe('a request', () => {
  test('that is throttled is sent again, with pauses that double up to ten seconds', async () => {
    const { outcome, clock } = await send('create', 'throttled', 7)
    expect(outcome).toBe('answer')
    expect(clock.sleeps).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  })

  test('that is throttled is sent again for as long as there is time', async () => {
    const { outcome, clock } = await send('create', 'throttled', 1000, { untilMs: 60_000 })
    expect(outcome).toBeInstanceOf(ServiceFailure)
    expect(clock.elapsed).toBeGreaterThan(45_000)
    expect(clock.elapsed).toBeLessThanOrEqual(60_000)
  })

  test('that fails otherwise is sent four times at most', async () => {
    const { outcome, sent } = await send('read', 'server', 9)
    expect([outcome, sent.length]).toEqual([expect.any(ServiceFailure), 4])
  })

  test('is sent as often as it is told', async () => {
    expect((await send('read', 'throttled', 9, { attempts: 1 })).sent).toHaveLength(1)
  })

  test('has a time limit of its own, and no more than there is time', async () => {
    expect((await send('read', 'server', 0)).sent[0]?.requestTimeout).toBe(30_000)
    expect((await send('read', 'server', 0, { untilMs: 5000 })).sent[0]?.requestTimeout).toBe(5000)
    expect((await send('read', 'server', 0, { untilMs: 0 })).sent[0]?.requestTimeout).toBe(1000)
  })

  test('carries the signal that calls it off', async () => {
    const { signal } = new AbortController()
    expect((await send('read', 'server', 0, { signal })).sent[0]?.abortSignal).toBe(signal)
  })

  test('that is called off in a pause ends in the failure that the pause was for', async () => {
    const clock = new FakeClock()
    clock.sleep = () => Promise.reject(new Error('called off'))
    const failure = await failureOf(() =>
      sendWithRetry(
        () => Promise.reject(new Error('no')),
        (thrown) => new ServiceFailure('throttled', 'failed', 'advice', thrown),
        'read',
        { untilMs: 60_000 },
        { clock },
      ),
    )
    expect(failure.message).toBe('failed')
  })

  test.each(['server', 'network', 'unreadable'] as const)(
    'that creates is not sent again after %s: nobody knows whether it was carried out',
    async (errorClass) => {
      expect((await send('create', errorClass, 1)).sent).toHaveLength(1)
    },
  )

  test.each([
    'denied',
    'not-found',
    'invalid',
    'name-taken',
    'credentials-missing',
    'credentials-expired',
    'cancelled',
  ] as const)('is not sent again after %s', async (errorClass) => {
    expect((await send('read', errorClass, 1)).sent).toHaveLength(1)
  })
})
