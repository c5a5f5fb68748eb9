import { describe, expect, test } from '@jest/globals'
import { type ErrorClass, ServiceFailure } from '../../src/lightsail/errors.js'
import { type retried, sendWithRetry } from '../../src/lightsail/retry.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'

async function send(kind: keyof typeof retried, errorClass: ErrorClass, failures: number) {
  const clock = new FakeClock()
  let sent = 0
  const result = sendWithRetry(
    async () => {
      sent += 1
      if (sent <= failures) throw new Error('no')
      return 'answer'
    },
    (thrown) => new ServiceFailure(errorClass, 'failed', 'advice', thrown),
    { kind, clock, random: () => 1 },
  )
  return { result, clock, sent: () => sent }
}

describe('a request', () => {
  test('that is throttled is sent again, with pauses that double', async () => {
    const { result, clock } = await send('create', 'throttled', 3)
    await expect(result).resolves.toBe('answer')
    expect(clock.sleeps).toEqual([500, 1000, 2000])
  })

  test('is sent four times at most', async () => {
    const { result, sent } = await send('read', 'server', 9)
    expect((await failureOf(() => result)).message).toBe('failed')
    expect(sent()).toBe(4)
  })

  test.each(['server', 'network', 'unreadable'] as const)(
    'that creates is not sent again after %s: nobody knows whether it was carried out',
    async (errorClass) => {
      const { result, sent } = await send('create', errorClass, 1)
      await failureOf(() => result)
      expect(sent()).toBe(1)
    },
  )

  test.each([
    'denied',
    'not-found',
    'invalid',
    'name-taken',
    'credentials-missing',
    'credentials-expired',
  ] as const)('is not sent again after %s', async (errorClass) => {
    const { result, sent } = await send('read', errorClass, 1)
    await failureOf(() => result)
    expect(sent()).toBe(1)
  })
})
