// Every scenario of emulator/ in this process, on a virtual clock. __tests__/reliability/scenarios.test.ts has the same with the built
// actions.
import { env } from 'node:process'
import { beforeAll, expect, test } from '@jest/globals'
import { prepare } from '../dev/simulate/simulate.js'
import { everyChangeTakes } from '../emulator/service/behaviour.js'
import { type Scenario, scenarios } from '../emulator/service/scenarios.js'
import { region } from './support/emulated.js'
import type { EmulatedAccount } from './support/emulated-account.js'
import { startInProcess } from './support/in-process.js'
import { takePruneRestore, wholeInstances } from './support/rehearsal.js'

beforeAll(() => prepare(env))

/** Runs the steps of the job until one fails. Returns whether all succeed. */
async function endOf(account: EmulatedAccount, steps: typeof takePruneRestore): Promise<Scenario['ends']> {
  for (const [action, inputs] of steps) {
    const { exitCode } = await account.run(action === '.' ? { inputs } : { folder: action, inputs })
    if (exitCode !== 0) return 'red'
  }
  return 'green'
}

const each = Object.entries<Scenario>(scenarios)

test.each([
  ...each.map(([name, scenario]) => ['disks', name, scenario, takePruneRestore] as const),
  ...each.map(([name, scenario]) => ['whole instances', name, scenario, wholeInstances] as const),
])(
  'with %s the scenario %s ends as its table says, in a job that takes, prunes and restores',
  async (_, __, scenario, steps) => {
    const account = await startInProcess({ ...everyChangeTakes(1000), ...scenario.behaviour })
    account.region(region).addStaticIp('address', account.now(), 'wordpress')
    scenario.prepare(account.region(region), { repository: 'octo-org/web-shop', now: account.now() })
    for (const rule of scenario.faults) account.faults.add(rule)
    expect(await endOf(account, steps)).toBe(scenario.ends)
    await account.close()
  },
)
