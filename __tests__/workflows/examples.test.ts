// Runs every workflow of examples/ on act, and checks what happens, in order, when nothing goes wrong.
import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { region } from '../support/emulated.js'
import { needsRecovery, whyNotHere } from '../support/machine.js'
import { machineOf } from '../support/restore.js'
import { withOwnActions } from './act.js'
import {
  deployRole,
  diskNames,
  newSnapshots,
  onThisMachine,
  runExample,
  runWithStatuses,
  withAccount,
  withInstance,
} from './shop.js'

const tested: string[] = []
const example = (name: string) => {
  tested.push(name)
  return name
}
const machine = (emulator: Emulator) => machineOf(emulator.region(region).instance('shop', Date.now()))

describe('when nothing goes wrong, this example succeeds:', () => {
  test.concurrent(example('snapshot-then-deploy'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal, sha } = await runExample('snapshot-then-deploy', emulator)
      expect([isGreen, journal]).toEqual([true, [deployRole, 'deploy']])
      expect(newSnapshots(emulator)).toEqual([`shop-data-${sha.slice(0, 7)}-1-1 completed`])
    }),
  )

  test.concurrent(example('build-meanwhile'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal, log } = await runExample('build-meanwhile', emulator)
      expect([isGreen, journal]).toEqual([true, [deployRole, 'build', 'deploy']])
      expect(log).toContain('Waiting up to 1h for 1 snapshot')
      expect(newSnapshots(emulator)).toEqual([expect.stringContaining('completed')])
    }),
  )

  test.concurrent(example('gate-a-later-job'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, jobs, journal } = await runExample('gate-a-later-job', emulator)
      expect([isGreen, [...jobs].sort(), jobs.at(-1)]).toEqual([
        true,
        ['deploy success', 'snapshot success', 'test success'],
        'deploy success',
      ])
      expect(journal.at(-1)).toBe('deploy')
    }),
  )

  test.concurrent(example('several-disks'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal, sha } = await runExample('several-disks', emulator)
      const own = (source: string) => `${source}-${sha.slice(0, 7)}-1-1`
      const ofInstance = JSON.stringify(['wordpress', 'wordpress-data'].map(own))
      expect([isGreen, journal]).toEqual([true, [deployRole, `deploy ${ofInstance}`]])
      const sources = ['shop-data', 'shop-uploads', 'wordpress', 'wordpress-data']
      const expected = sources.map((source) => `${own(source)} completed`)
      expect(newSnapshots(emulator).sort()).toEqual(expected.sort())
    }),
  )

  test.concurrent(example('fleet'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, jobs, journal, statuses } = await runWithStatuses('fleet', emulator)
      expect([isGreen, jobs]).toEqual([true, [...Array(3).fill('snapshot success'), 'deploy success']])
      expect(journal.slice(0, 3).sort()).toEqual([
        'role 111111111111:role/deploy',
        'role 111111111111:role/deploy',
        'role 222222222222:role/deploy',
      ])
      const counts = [region, 'us-east-1', 'eu-west-1'].map((name) => newSnapshots(emulator, name).length)
      expect(counts).toEqual([1, 1, 1])
      expect(statuses).toEqual({
        'snapshot (shop-data, eu-central-1)': 'success',
        'snapshot (shop-data, us-east-1)': 'success',
        'snapshot (blog-data, eu-west-1)': 'success',
      })
    }),
  )

  test.concurrent(example('prune'), () =>
    withAccount({}, async (emulator) => {
      const source = { type: 'disk', name: 'shop-data' } as const
      const account = emulator.region(region)
      const day = 86_400_000
      const tags = account.snapshot('new', Date.now()).tags
      for (const age of [20, 21, 22, 23, 24]) {
        account.putSnapshot({ name: `age-${age}`, source, createdAt: Date.now() - age * day, tags })
      }
      const names = () => account.snapshots.names(Date.now())
      const dry = await runExample('prune', emulator, {
        event: 'workflow_dispatch',
        inputs: { 'dry-run': 'true' },
      })
      expect([dry.isGreen, names().length]).toEqual([true, 7])
      const { isGreen, journal } = await runExample('prune', emulator, { event: 'schedule' })
      expect([isGreen, journal]).toEqual([true, ['role 123456789012:role/prune']])
      expect(names().sort()).toEqual(['age-20', 'age-21', 'age-22', 'new', 'old'])
    }),
  )

  test.concurrent(example('roll-back'), () =>
    withAccount({}, async (emulator) => {
      const run = { event: 'workflow_dispatch', inputs: { commit: 'f'.repeat(40) } } as const
      const dry = await runExample('roll-back', emulator, {
        ...run,
        inputs: { ...run.inputs, 'dry-run': 'true' },
      })
      expect([dry.isGreen, machine(emulator)]).toEqual([true, ['running', 'shop-data /dev/xvdf']])
      expect(dry.log).not.toContain('is kept; delete it')
      const { isGreen, journal, log } = await runExample('roll-back', emulator, {
        ...run,
        inputs: { ...run.inputs, 'dry-run': 'false' },
      })
      expect([isGreen, journal]).toEqual([true, ['role 123456789012:role/restore']])
      expect(machine(emulator)).toEqual(['running', 'shop-data-restored-1-1 /dev/xvdf'])
      expect(log).toContain('The instance has shop-data-restored-1-1 now. shop-data is kept')
      expect(log).toContain('restored from snapshot "old"')
    }),
  )

  test.concurrent(example('roll-back-on-failure'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal } = await runExample('roll-back-on-failure', emulator)
      expect([isGreen, journal]).toEqual([true, [deployRole, 'deploy', 'check']])
      expect(machine(emulator)).toEqual(['running', 'shop-data /dev/xvdf'])
    }),
  )

  test.concurrent(example('wordpress'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal } = await runExample('wordpress', emulator)
      expect([isGreen, journal]).toEqual([true, [deployRole, 'deploy', 'check']])
      const account = emulator.region(region)
      expect(account.staticIp('wordpress-ip', Date.now()).attachedTo).toBe('wordpress')
      const [snapshot] = account.instanceSnapshots.names(Date.now())
      expect(account.instanceSnapshot(snapshot ?? '', Date.now()).state).toBe('available')
    }),
  )

  const hasCli = spawnSync(resolve('.tools/bin/aws'), ['--version']).status === 0
  const why = hasCli ? '' : ' (skipped: its steps call the AWS CLI, which is not in .tools)'
  const withCli = hasCli ? test.concurrent : test.concurrent.skip
  withCli(`${example('restore-drill')}${why}`, () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal, log } = await runExample('restore-drill', emulator, { event: 'schedule' })
      expect([isGreen, journal]).toEqual([true, ['role 123456789012:role/restore-drill']])
      expect(log).toContain('shop-data-drill-1-1 is available')
      expect(diskNames(emulator)).not.toContain('shop-data-drill-1-1')
    }),
  )

  test.concurrent(example('deploy-to-environment'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal } = await runExample('deploy-to-environment', emulator)
      expect([isGreen, journal]).toEqual([true, [deployRole, 'deploy']])
      expect(newSnapshots(emulator)).toEqual([expect.stringMatching(/^shop-data-.* completed$/)])
    }),
  )

  test.concurrent(`${example('reusable-snapshot-caller')} and ${example('reusable-snapshot')}`, () =>
    withAccount({}, async (emulator) => {
      const path = '.github/workflows/reusable-snapshot.yml'
      const file = 'examples/reusable-snapshot.yml'
      const { isGreen, journal, sha } = await runExample('reusable-snapshot-caller', emulator, {
        repositories: [{ name: 'octo-org/workflows@v1', path, file }],
      })
      const name = `shop-data-${sha.slice(0, 7)}-1-1`
      expect([isGreen, journal]).toEqual([true, [deployRole, `deploy ${name}`]])
      expect(newSnapshots(emulator)).toEqual([`${name} completed`])
    }))

  test.concurrent(`${example('composite-action')} and ${example('snapshot-disk')}`, () =>
    withAccount({}, async (emulator) => {
      const file = 'examples/snapshot-disk/action.yml'
      const { isGreen, journal, sha } = await runExample('composite-action', emulator, {
        repositories: [{ name: 'octo-org/snapshot-disk@v1', path: 'action.yml', file }],
      })
      const name = `shop-data-${sha.slice(0, 7)}-1-1`
      expect([isGreen, journal]).toEqual([true, [deployRole, `deploy ${name}`]])
      const { tags } = emulator.region(region).snapshot(name, Date.now())
      expect(tags).toContainEqual({ key: 'team', value: 'shop' })
    }))

  const noFreeze = whyNotHere(['/usr/sbin/sshd', 'ssh', 'ssh-keygen', 'dumpe2fs'])
  const withFreeze = noFreeze === undefined ? test.concurrent : test.concurrent.skip
  withFreeze(`${example('freeze')}${noFreeze === undefined ? '' : ` (skipped, because ${noFreeze})`}`, () =>
    withAccount({}, async (emulator) => {
      await withInstance(emulator, async (instance) => {
        const { machine, disk } = instance
        machine.startWriter(disk.mount)
        let needed: Promise<boolean> | undefined
        emulator.beforeRequest = ({ operation }) => {
          if (operation === 'CreateDiskSnapshot') needed = needsRecovery(machine.copy(disk))
        }
        const replaced = onThisMachine(instance, 'true')
        const { isGreen, journal, sha } = await runExample('freeze', emulator, { replaced })
        const snapshot = `shop-data-${sha.slice(0, 7)}-1-1 (file-system)`
        expect([isGreen, journal]).toEqual([true, [deployRole, `deploy ${snapshot}`]])
        expect(await needed).toBe(false)
      })
    }),
  )

  test.concurrent(example('rehearsal'), () =>
    withAccount({}, async (emulator) => {
      const { isGreen, journal } = await runExample('rehearsal', emulator)
      expect([isGreen, journal]).toEqual([true, [deployRole, 'deploy']])
      expect(newSnapshots(emulator)).toHaveLength(1)
    }),
  )
})

test('every example is tested here', async () => {
  expect([...tested].sort()).toEqual(
    (await readdir('examples')).map((name) => name.replace('.yml', '')).sort(),
  )
})

test('an example runs unchanged except for the names of the actions and the checkout they need', () => {
  const workflow = [
    'jobs:\n  a:\n    steps:\n      - uses: OWNER/lightsail-disk-snapshot@v1\n',
    '  b:\n    steps:\n      - uses: actions/checkout@v6\n      - uses: OWNER/lightsail-disk-snapshot/wait@v1\n',
  ]
  expect(withOwnActions(workflow.join(''))).toBe(
    [
      'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6\n      - uses: ./\n',
      '  b:\n    steps:\n      - uses: actions/checkout@v6\n      - uses: ./wait\n',
    ].join(''),
  )
})
