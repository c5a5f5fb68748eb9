import { type Behaviour, everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import { region } from '../support/emulated.js'
import { type SeenStatus, startGitHub } from '../support/github.js'
import { type LoopDisk, type Machine, newMachine } from '../support/machine.js'
import { disksOf, startShop } from '../support/restore.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'
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

/** What stands for an instance on this machine. */
interface InstanceHere {
  readonly machine: Machine
  readonly disk: LoopDisk
  readonly server: SshServer
}

/** What the example of a freeze needs instead of its mount point and its command. */
export function onThisMachine({ disk, server }: InstanceHere, command: string): Record<string, string> {
  return {
    '/srv/data': `${disk.mount}\n          ssh-port: ${server.port}`,
    'runuser -u postgres -- psql --command CHECKPOINT': command,
  }
}

/** Runs the work with a disk and an SSH server on this machine, which are those of the instance "shop". */
export async function withInstance(
  emulator: Emulator,
  work: (instance: InstanceHere) => Promise<void>,
): Promise<void> {
  const machine = await newMachine()
  try {
    const disk = await machine.addDisk('ext4')
    const server = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock`])
    try {
      emulator.region(region).access.set('shop', server.details)
      await work({ machine, disk, server })
    } finally {
      await server.close()
    }
  } finally {
    await machine.close()
  }
}

/** The account that the examples are written for, in three Regions. */
async function startAccount(behaviour: Partial<Behaviour>): Promise<Emulator> {
  const emulator = await startShop({ ...everyChangeTakes(500), ...behaviour })
  const now = Date.now()
  const account = emulator.region(region)
  account.addDisk('shop-uploads', 64, now)
  account.addInstance('wordpress', 60, now)
  account.addStaticIp('wordpress-ip', now, 'wordpress')
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
