import { type Behaviour, everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import { region } from '../support/emulated.js'
import { type SeenStatus, startGitHub } from '../support/github.js'
import { disksOf, startShop } from '../support/restore.js'
import { runWorkflow, type WorkflowResult, type WorkflowRun } from './act.js'

/** What the stand-in for the credentials records in most of the examples. */
export const deployRole = 'role 123456789012:role/deploy'

/** Runs the work with an account of its own, so that tests can run in parallel. */
export async function withAccount(
  behaviour: Partial<Behaviour>,
  work: (emulator: Emulator) => Promise<void>,
): Promise<void> {
  const emulator = await startAccount(behaviour)
  try {
    await work(emulator)
  } finally {
    await emulator.close()
  }
}

/** The account that the examples are written for, in three Regions. */
async function startAccount(behaviour: Partial<Behaviour>): Promise<Emulator> {
  const emulator = await startShop({ ...everyChangeTakes(500), ...behaviour })
  const now = Date.now()
  const account = emulator.region(region)
  account.addDisk('shop-uploads', 64, now)
  account.addInstance('wordpress', 60, now)
  account.addDisk('wordpress-data', 16, now, 'wordpress')
  emulator.region('us-east-1').addDisk('shop-data', 32, now)
  emulator.region('eu-west-1').addDisk('blog-data', 8, now)
  return emulator
}

/** Runs an example against this account. */
export function runExample(
  name: string,
  emulator: Emulator,
  run: Partial<WorkflowRun> = {},
): Promise<WorkflowResult> {
  return runWorkflow(exampleRun(name, emulator, run))
}

/** Returns the settings to run an example against this account. */
export function exampleRun(name: string, emulator: Emulator, run: Partial<WorkflowRun> = {}): WorkflowRun {
  return {
    file: `examples/${name}.yml`,
    event: 'push',
    ...run,
    environment: { AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url, ...run.environment },
  }
}

/** Runs an example that sets commit statuses, and returns the state that each context has at the end. */
export async function runWithStatuses(
  name: string,
  emulator: Emulator,
): Promise<WorkflowResult & { statuses: Readonly<Record<string, SeenStatus['state']>> }> {
  const github = await startGitHub()
  try {
    const result = await runExample(name, emulator, {
      token: 'the-token',
      environment: { GITHUB_API_URL: github.url },
    })
    return {
      ...result,
      statuses: Object.fromEntries(github.seen.map(({ context, state }) => [context, state])),
    }
  } finally {
    await github.close()
  }
}

/** Returns the name and state of each snapshot in a Region, without the two that the account begins with. */
export function newSnapshots(emulator: Emulator, name: string = region): string[] {
  const account = emulator.region(name)
  const now = Date.now()
  return account.snapshots
    .names(now)
    .filter((one) => one !== 'old' && one !== 'new')
    .map((one) => `${one} ${account.snapshot(one, now).state}`)
}

export function diskNames(emulator: Emulator): string[] {
  return disksOf(emulator.region(region), Date.now()).map((disk) => disk.name)
}
