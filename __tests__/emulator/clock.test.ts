// The emulator's own time: in every response, and compared with a signature's.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { faults, isFaultName } from '../../emulator/service/faults.js'
import { call, type RawAnswer } from '../support/raw-client.js'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  // 2026-11-22T08:00:00Z
  site = await startClocked({})
  site.account.addDisk('data', 32, site.now())
})
afterEach(() => site.emulator.close())

const own = 'Sun, 22 Nov 2026 08:00:00 GMT'

describe('the Date of a response', () => {
  test('is the emulator’s time, even with an error or a disk’s content', async () => {
    const answers = [
      await fetch(site.emulator.url, { method: 'POST' }),
      await fetch(`${site.emulator.url}/content?instance=web&path=/dev/xvda`),
    ]
    expect(answers.map(({ status, headers }) => [status, headers.get('date')])).toEqual([
      [400, own],
      [404, own],
    ])
    site.pass(61)
    expect((await fetch(site.emulator.url, { method: 'POST' })).headers.get('date')).toBe(
      'Sun, 22 Nov 2026 08:01:01 GMT',
    )
  })

  const answered = Object.keys(faults)
    .filter(isFaultName)
    .filter((name) => !/^(?:drop|hang|refuse)/.test(name))
  test.each(answered)('is there even if %s spoils the response', async (fault) => {
    site.emulator.faults.add({ operation: 'GetDisks', fault, occurrences: 'all' })
    const { headers } = await fetch(site.emulator.url, {
      method: 'POST',
      headers: {
        authorization: 'Credential=A/20261122/eu-central-1/lightsail/aws4_request',
        'x-amz-target': 'Lightsail_20161128.GetDisks',
      },
      body: '{}',
    })
    expect(headers.get('date')).toBe(own)
  })
})

describe('the time of a signature', () => {
  const signed = (time: string): Promise<RawAnswer> =>
    call(site.emulator, 'GetDisks', {}, { 'x-amz-date': time })

  test('doesn’t matter by default', async () => {
    expect((await signed('20200101T000000Z')).status).toBe(200)
  })

  test('may be five minutes off if it is checked', async () => {
    site.set({ checksClock: true })
    for (const time of ['20261122T075500Z', '20261122T080500Z']) expect((await signed(time)).status).toBe(200)
    expect((await call(site.emulator, 'GetDisks', {})).status).toBe(200)
  })

  test.each([
    [
      '20261122T075459Z',
      'Signature expired: 20261122T075459Z is now earlier than 20261122T075500Z (20261122T080000Z - 5 min.)',
    ],
    [
      '20261122T080501Z',
      'Signature not yet current: 20261122T080501Z is still later than 20261122T080500Z (20261122T080000Z + 5 min.)',
    ],
  ])('is refused at %s', async (time, message) => {
    site.set({ checksClock: true })
    expect(await refusalOf(signed(time))).toEqual([400, 'InvalidSignatureException', message])
    expect(site.emulator.requests).toHaveLength(1)
  })
})
