// Runs the gates on act: when something fails, the deploy is held back or rolled back.
import { describe, expect, test } from '@jest/globals'
import { region } from '../support/emulated.js'
import { whyNotHere } from '../support/machine.js'
import { machineOf } from '../support/restore.js'
import { runWorkflow } from './act.js'
import {
  deployRole,
  newSnapshots,
  onThisMachine,
  runExample,
  runWithStatuses,
  withAccount,
  withInstance,
} from './shop.js'

const failing = { snapshotEnd: 'error', operationEnd: 'Failed' } as const
const denied = { operation: 'CreateDiskSnapshot', fault: 'access-denied', occurrences: 'all' } as const

const failedWords = expect.stringMatching(/^(?:\d of \d .*|)Snapshot "[\w-]+" failed in Lightsail: /)
// Looked for in the summary: unlike the runner, act drops an annotation with two colons in its text, as in an ARN.
const deniedWords = '**What happened:** Not allowed'

describe('a snapshot that fails holds the deploy back', () => {
  test.concurrent.each([
    ['snapshot-then-deploy', [deployRole]],
    ['build-meanwhile', [deployRole, 'build']],
    ['several-disks', [deployRole]],
    ['roll-back-on-failure', [deployRole]],
    ['rehearsal', [deployRole]],
  ])('in %s', (name, journal) =>
    withAccount(failing, async (emulator) => {
      const expected = { isGreen: false, jobs: ['deploy failure'], journal, errors: [failedWords] }
      expect(await runExample(name, emulator)).toMatchObject(expected)
    }),
  )

  test.concurrent('in gate-a-later-job, whose deploy job starts and waits, but fails before the deploy', () =>
    withAccount(failing, async (emulator) => {
      const { isGreen, jobs, journal, errors } = await runExample('gate-a-later-job', emulator)
      expect([isGreen, jobs.at(-1), journal.includes('deploy')]).toEqual([false, 'deploy failure', false])
      expect(errors).toEqual([failedWords])
    }))
})

describe("a snapshot that can't be taken holds back the deploy job", () => {
  test.concurrent('in gate-a-later-job', () =>
    withAccount({}, async (emulator) => {
      emulator.faults.add(denied)
      const { isGreen, jobs, journal, summary } = await runExample('gate-a-later-job', emulator)
      expect([isGreen, [...jobs].sort()]).toEqual([false, ['snapshot failure', 'test success']])
      expect(summary).toContain(deniedWords)
      expect(journal).not.toContain('deploy')
    }))

  test.concurrent('in fleet, as one of three', () =>
    withAccount({}, async (emulator) => {
      emulator.faults.add({ ...denied, occurrences: [2] })
      const { isGreen, jobs, journal, summary, statuses } = await runWithStatuses('fleet', emulator)
      expect([isGreen, journal.includes('deploy')]).toEqual([false, false])
      expect(Object.values(statuses).sort()).toEqual(['failure', 'success', 'success'])
      expect(summary).toContain(deniedWords)
      // act gives every job of a matrix the worst result of all.
      expect(jobs).toEqual(Array(3).fill('snapshot failure'))
      const taken = [region, 'us-east-1', 'eu-west-1'].flatMap((name) => newSnapshots(emulator, name))
      expect(taken).toHaveLength(2)
    }))
})

const noFreeze = whyNotHere(['/usr/sbin/sshd', 'ssh', 'ssh-keygen'])
const withFreeze = noFreeze === undefined ? test.concurrent : test.concurrent.skip
const skipped = noFreeze === undefined ? '' : ` (skipped, because ${noFreeze})`
withFreeze(`a pause that can't begin holds the deploy back in freeze${skipped}`, () =>
  withAccount({}, async (emulator) => {
    await withInstance(emulator, async (instance) => {
      const replaced = onThisMachine(instance, 'exit 3')
      const { isGreen, journal, errors } = await runExample('freeze', emulator, { replaced })
      expect([isGreen, journal, newSnapshots(emulator)]).toEqual([false, [deployRole], []])
      expect(errors).toEqual(['Can\'t pause instance "shop": before-snapshot failed with exit code 3.'])
    })
  }),
)

test.concurrent('roll-back-on-failure rolls back a deploy that fails', () =>
  withAccount({}, async (emulator) => {
    const { isGreen, journal } = await runExample('roll-back-on-failure', emulator, { failing: ['check'] })
    const restoreRole = 'role 123456789012:role/restore'
    expect([isGreen, journal]).toEqual([false, [deployRole, 'deploy', 'check', restoreRole]])
    const machine = machineOf(emulator.region(region).instance('shop', Date.now()))
    expect(machine).toEqual(['running', 'shop-data-restored-1-1 /dev/xvdf'])
  }))

test.concurrent("this repository's own rehearsal job runs every action", async () => {
  const run = { file: '.github/workflows/test.yml', event: 'push', job: 'rehearsal' } as const
  const { isGreen, jobs, log } = await runWorkflow(run)
  expect([isGreen, jobs]).toEqual([true, ['rehearsal success']])
  expect(log).toContain('completed failure completed []')
})

describe('a rehearsal without an account', () => {
  const deploys = 'Here the deploy would run.'
  const rehearse = (scenario: string) =>
    runWorkflow({ file: '.github/workflows/rehearsal.yml', event: 'workflow_dispatch', inputs: { scenario } })

  test.concurrent('succeeds in the scenario good', async () => {
    const { isGreen, log, summary } = await rehearse('good')
    expect([isGreen, log.includes(deploys)]).toEqual([true, true])
    expect(summary).toContain('### :performing_arts: Rehearsal: good')
    expect(summary).toContain('| CreateDiskSnapshot | 1 |')
  })

  test.concurrent('fails if the snapshot fails, and holds the deploy back', async () => {
    const { isGreen, log, errors } = await rehearse('snapshot-fails')
    expect([isGreen, log.includes(deploys), errors]).toEqual([false, false, [failedWords]])
  })

  test.concurrent.each([
    ['good', true],
    ['snapshot-fails', false],
  ])('skips credentials and deploy in the deploy workflow itself: %s', (scenario, isGood) =>
    withAccount({}, async (emulator) => {
      const inputs = { rehearse: scenario }
      const result = await runExample('rehearsal', emulator, { event: 'workflow_dispatch', inputs })
      expect([result.isGreen, result.log.includes(deploys)]).toEqual([isGood, isGood])
      expect([result.journal, newSnapshots(emulator)]).toEqual([[], []])
      expect(result.errors).toEqual(isGood ? [] : [failedWords])
    }),
  )
})
