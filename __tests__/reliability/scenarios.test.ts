// Every scenario of emulator/ with the built actions, in a job of its own. __tests__/rehearsals.test.ts has the same in one process.
import { expect, test } from '@jest/globals'
import { scenarios } from '../../emulator/service/scenarios.js'
import { job, longestMs, takePruneRestore } from '../support/rehearsal.js'

test(
  'every scenario ends as its table says, in a job that takes, prunes and restores',
  async () => {
    // All at once: one of them waits for two minutes, the others for seconds.
    const ends = Object.keys(scenarios).map(async (scenario) => {
      const { results, ended } = await job({ scenario }, takePruneRestore)
      expect(ended.exitCode).toBe(0)
      const codes = results.map(({ exitCode }) => exitCode)
      if (codes.every((code) => code === 0)) return [scenario, 'green']
      return [scenario, codes.at(-1) === 1 ? 'red' : 'ended from outside']
    })
    expect(Object.fromEntries(await Promise.all(ends))).toEqual(
      Object.fromEntries(Object.entries(scenarios).map(([name, { ends: end }]) => [name, end])),
    )
  },
  longestMs + 60_000,
)
