// The whole matrix of faults with the built actions, each step in its own process: `npm run reliability`.
import { expect, test } from '@jest/globals'
import { startForProcesses } from '../support/emulated-account.js'
import { checkMatrix, recorded } from '../support/reliability-checks.js'

const found = checkMatrix({
  start: startForProcesses,
  atOnce: { scenarios: 4, waiting: 40, others: 10 },
  slackMs: 5000,
})

test('every outcome is the one that was recorded in one process, on a virtual clock', async () => {
  for (const [before, now] of Object.values(await recorded(found))) expect(now).toBe(before)
})
