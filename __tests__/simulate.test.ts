// The simulator itself: its schedules can be repeated, its worlds are the emulator's, and its invariants can fail.
import { execFileSync } from 'node:child_process'
import { env, execPath } from 'node:process'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { drawSchedule } from '../dev/simulate/draw.js'
import { violationsIn } from '../dev/simulate/invariants/all.js'
import { hashOf, prepare, simulate } from '../dev/simulate/simulate.js'

beforeAll(() => prepare(env))

const seeds = [3, 70, 317, 418]

describe('a schedule', () => {
  test.each(seeds)('of seed %i happens the same way again, byte for byte', async (seed) => {
    const hashes = [hashOf(await simulate(drawSchedule(seed))), hashOf(await simulate(drawSchedule(seed)))]
    expect(hashes[1]).toBe(hashes[0])
  })

  test('happens the same way in another process', async () => {
    const args = ['--no-warnings', '.build/dev/simulate/main.js', '--seed', '70', '--log']
    const lines = execFileSync(execPath, args, { encoding: 'utf8', maxBuffer: 1e8 }).trim().split('\n')
    expect(lines.at(-1)).toContain(hashOf(await simulate(drawSchedule(70))))
  })

  test('happens another way for another seed', async () => {
    const hashes = await Promise.all(seeds.map(async (seed) => hashOf(await simulate(drawSchedule(seed)))))
    expect(new Set(hashes).size).toBe(seeds.length)
  })
})

test('a hundred schedules break no invariant', async () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    expect(violationsIn(await simulate(drawSchedule(seed)))).toEqual([])
  }
  // A busy machine takes a minute.
}, 300_000)
