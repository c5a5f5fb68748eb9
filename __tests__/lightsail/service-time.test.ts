// The service's time comes from its responses, because a runner's clock can be wrong by days.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Lightsail } from '../../src/lightsail/client.js'
import { againstService, type StandardAnswer } from '../support/answering-service.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'

const environmentBefore = { ...process.env }
let clock: FakeClock
/** The time by the service's clock. */
let date: string

beforeEach(() => {
  clock = new FakeClock('2026-01-01T00:00:00Z')
  date = 'Sun, 22 Nov 2026 08:00:00 GMT'
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'emulated', AWS_SECRET_ACCESS_KEY: 'emulated' })
})
afterEach(() => {
  process.env = { ...environmentBefore }
})

const patience = { untilMs: 60_000 }
const serviceTime = Date.parse('2026-11-22T08:00:00Z')

/** Runs the work with a client whose service responds with this, and with `date` as its time. */
function against<T>(answer: StandardAnswer, work: (client: Lightsail) => Promise<T>): Promise<T> {
  return againstService({ date: () => date, ...answer }, work, clock)
}

describe('the service’s time', () => {
  test('is unknown before the first response', async () => {
    await against({ body: '{}' }, async (client) => {
      expect(client.serviceTime()).toBeUndefined()
    })
  })

  test('is the Date of the last response, plus what has passed since, whatever the machine’s clock says', async () => {
    await against({ body: '{}' }, async (client) => {
      await client.listDisks(undefined, patience)
      expect(client.serviceTime()).toBe(serviceTime)
      clock.elapsed += 90_000
      expect(client.serviceTime()).toBe(serviceTime + 90_000)
      date = 'Sun, 22 Nov 2026 09:00:00 GMT'
      await client.listDisks(undefined, { untilMs: 600_000 })
      expect(client.serviceTime()).toBe(serviceTime + 3_600_000)
    })
  })

  test('is known from an error response as well', async () => {
    const body = JSON.stringify({ __type: 'AccessDeniedException', message: 'no' })
    await against({ status: 400, body }, async (client) => {
      await failureOf(() => client.getDisk('shop-data', patience))
      expect(client.serviceTime()).toBe(serviceTime)
    })
  })

  test.each(['', 'yesterday'])('is not read from an invalid Date: %j', async (text) => {
    date = text
    await against({ body: '{}' }, async (client) => {
      await client.listDisks(undefined, patience)
      expect(client.serviceTime()).toBeUndefined()
    })
  })
})
