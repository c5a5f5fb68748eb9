// A bad week of a shop on act: examples/roll-back-on-failure.yml, roll-back.yml and prune.yml, and of a WordPress site:
// examples/wordpress.yml, with no line edited after the first roll-back. The content in use is checked after each run.
import { expect, test } from '@jest/globals'
import { region } from '../support/emulated.js'
import { machineOf } from '../support/restore.js'
import { type WorkflowResult, withRepository } from './act.js'
import { exampleRun, withAccount } from './shop.js'

test('deploys fail, are rolled back, rerun and pruned, and the data is back each time', () =>
  withAccount({}, (emulator) =>
    withRepository(async (runIn) => {
      const account = emulator.region(region)
      account.setContent('shop-data', 'the good data')
      const live = () => account.contentOfInstance('shop', '/dev/xvdf')
      const disk = () => machineOf(account.instance('shop', Date.now()))
      const newest = () => account.allSnapshots(Date.now()).at(-1)
      const example = (name: string, run: { id: number; attempt?: number }, more = {}) =>
        exampleRun(name, emulator, {
          environment: { GITHUB_RUN_ID: String(run.id), GITHUB_RUN_ATTEMPT: String(run.attempt ?? 1) },
          ...more,
        })
      const deploy = (run: { id: number; attempt?: number }, content: string, failing: string[] = []) =>
        example('roll-back-on-failure', run, {
          failing,
          writes: { url: `${emulator.url}/content?instance=shop&path=/dev/xvdf`, content },
        })
      const rollBack = (run: { id: number }, commit: string) =>
        example('roll-back', run, { event: 'workflow_dispatch', inputs: { commit, 'dry-run': 'false' } })
      const ended = ({ isGreen, jobs }: WorkflowResult) => [isGreen, jobs]

      const first = await runIn(deploy({ id: 1 }, 'broken', ['check']))
      expect([...ended(first), live()]).toEqual([false, ['deploy failure'], 'the good data'])
      expect(disk()).toEqual(['running', 'shop-data-restored-1-1 /dev/xvdf'])

      const rerun = await runIn(deploy({ id: 1, attempt: 2 }, 'broken again', ['check']))
      expect([...ended(rerun), rerun.sha, live()]).toEqual([
        false,
        ['deploy failure'],
        first.sha,
        'the good data',
      ])
      expect(disk()).toEqual(['running', 'shop-data-restored-1-2 /dev/xvdf'])

      const second = await runIn(deploy({ id: 2 }, 'the better data'), true)
      expect([...ended(second), live()]).toEqual([true, ['deploy success'], 'the better data'])
      expect(newest()?.fromDiskName).toBe('shop-data-restored-1-2')
      expect(account.contentOfSnapshot(newest()?.name ?? '')).toBe('the good data')

      const third = await runIn(deploy({ id: 3 }, 'subtly wrong data'), true)
      expect([...ended(third), live()]).toEqual([true, ['deploy success'], 'subtly wrong data'])
      expect(account.contentOfSnapshot(newest()?.name ?? '')).toBe('the better data')

      expect((await runIn(rollBack({ id: 4 }, second.sha))).isGreen).toBe(true)
      expect(live()).toBe('the good data')
      expect((await runIn(rollBack({ id: 5 }, third.sha))).isGreen).toBe(true)
      expect(live()).toBe('the better data')
      expect(disk()).toEqual(['running', 'shop-data-restored-5-1 /dev/xvdf'])

      // The lineage is one source: of the six snapshots, five stay, and the oldest is one of the first disk.
      const { log } = await runIn(example('prune', { id: 6 }, { event: 'schedule' }))
      expect(log).toContain('keep-last: 1 of 5')
      expect(log).toContain('keep-last: 5 of 5')
    }),
  ))

test('a WordPress site is rolled back as a whole, deployed again and rolled back again', () =>
  withAccount({}, (emulator) =>
    withRepository(async (runIn) => {
      const account = emulator.region(region)
      account.writeTo('wordpress', '/dev/xvda', 'the good site', Date.now())
      const inUse = () => account.staticIp('wordpress-ip', Date.now()).attachedTo ?? ''
      const live = () => account.contentOfInstance(inUse(), '/dev/xvda')
      const deploy = (id: number, content: string, failing: string[] = []) =>
        exampleRun('wordpress', emulator, {
          environment: { GITHUB_RUN_ID: String(id), GITHUB_RUN_ATTEMPT: '1' },
          failing,
          writes: { url: `${emulator.url}/content?instance=${inUse()}&path=/dev/xvda`, content },
        })
      expect((await runIn(deploy(1, 'broken', ['check']))).isGreen).toBe(false)
      expect([inUse(), live()]).toEqual(['wordpress-restored-1-1', 'the good site'])
      expect(account.instance('wordpress', Date.now()).state.name).toBe('stopped')
      expect((await runIn(deploy(2, 'the better site'), true)).isGreen).toBe(true)
      expect([inUse(), live()]).toEqual(['wordpress-restored-1-1', 'the better site'])
      expect((await runIn(deploy(3, 'broken again', ['check']), true)).isGreen).toBe(false)
      expect([inUse(), live()]).toEqual(['wordpress-restored-3-1', 'the better site'])
    }),
  ))
