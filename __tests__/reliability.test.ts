// The whole matrix of faults in this process, on a virtual clock. reliability/faults.test.ts runs the same with the built actions.
import { writeFile } from 'node:fs/promises'
import { env } from 'node:process'
import { beforeAll, expect, test } from '@jest/globals'
import { prepare } from '../dev/simulate/simulate.js'
import { startInProcess } from './support/in-process.js'
import { checkMatrix, recorded } from './support/reliability-checks.js'

beforeAll(() => prepare(env))

// One after the other: nothing waits.
const found = checkMatrix({
  start: startInProcess,
  atOnce: { scenarios: 1, waiting: 1, others: 1 },
  slackMs: 0,
})

test('every outcome is the recorded one, and docs/reliability.md shows it: npm run record', async () => {
  for (const [file, [before, now]] of Object.entries(await recorded(found))) {
    // npm sets this to the name of the script.
    if (env['npm_lifecycle_event'] === 'record') await writeFile(file, now)
    else expect(now).toBe(before)
  }
})
