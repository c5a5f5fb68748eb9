// The built actions on a runner whose clock is wrong: the service refuses what is signed by it, and ages go by the service's time.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { putPastSnapshot, snapshotNames } from '../support/account.js'
import { runBuiltAction } from '../support/built-action.js'
import { startFilledEmulator } from '../support/emulated.js'
import { clockAhead } from '../support/wrong-clock.js'

const day = 86_400_000

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
})
