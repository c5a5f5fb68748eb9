// The built actions on a runner whose clock is wrong: the service refuses signatures with that time, and ages are measured by the
// service's.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import { putPastSnapshot, snapshotNames } from '../support/account.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { startShop } from '../support/restore.js'
import { clockAhead } from '../support/wrong-clock.js'

const hour = 3_600_000
const day = 24 * hour

let emulator: Emulator
beforeEach(async () => {
  emulator = await startFilledEmulator({ checksClock: true })
  for (const days of [0.1, 10, 20]) putPastSnapshot(emulator, `day-${days * 10}`, { days })
})
afterEach(() => emulator.close())

describe.each([
  [25, 'ahead'],
  [-25, 'behind'],
])('on a runner whose clock is %i days from the right time (%s)', (days) => {
  const environment = clockAhead(days * day)
  const inputs = { 'disk-name': 'shop-data', 'keep-within': '14d' }
  const expiringIn = (ms: number) => ({
    environment: { ...environment, AWS_CREDENTIAL_EXPIRATION: new Date(Date.now() + ms).toISOString() },
  })

  test('the snapshot is taken, and only what is older than keep-within is deleted', async () => {
    const { exitCode, errors, outputs } = await runBuiltAction(emulator, inputs, { environment })
    expect([exitCode, errors, outputs['state']]).toEqual([0, [], 'completed'])
    expect(outputs['deleted-snapshots']).toBe('["day-200"]')
    expect(snapshotNames(emulator)).toEqual(['day-1', 'day-100', outputs['snapshot-name']])
  })

  test('prune/ deletes only what is older than keep-within', async () => {
    const { exitCode, errors, outputs } = await runBuiltAction(emulator, inputs, {
      environment,
      action: 'prune',
    })
    expect([exitCode, errors, outputs['deleted-snapshots']]).toEqual([0, [], '["day-200"]'])
    expect(snapshotNames(emulator)).toEqual(['day-1', 'day-100'])
  })

  test('credentials that outlast wait-timeout need no warning', async () => {
    const { exitCode, log } = await runBuiltAction(
      emulator,
      { 'disk-name': 'shop-data' },
      expiringIn(2 * hour),
    )
    expect(exitCode).toBe(0)
    expect(log).not.toContain('credentials of this job')
  })

  describe('a roll-back', () => {
    let shop: Emulator
    beforeEach(async () => {
      shop = await startShop({ ...everyChangeTakes(100), checksClock: true })
    })
    afterEach(() => shop.close())
    const rollBack = (ms: number) =>
      runBuiltAction(
        shop,
        { 'disk-name': 'shop-data', swap: 'true' },
        { ...expiringIn(ms), action: 'restore' },
      )
    const live = () => shop.region(region).contentOfInstance('shop', '/dev/xvdf')

    test('takes place if the credentials last long enough', async () => {
      const { exitCode, errors } = await rollBack(2 * hour)
      expect([exitCode, errors, live()]).toEqual([0, [], 'new'])
    })

    test('stops nothing if they expire too soon', async () => {
      const { errors } = await rollBack(2 * 60_000)
      expect(errors).toEqual([expect.stringContaining('until the AWS credentials of this job expire')])
      expect(live()).toBe('broken')
      expect(shop.requests.filter(({ operation }) => operation === 'StopInstance')).toEqual([])
    })
  })
})
