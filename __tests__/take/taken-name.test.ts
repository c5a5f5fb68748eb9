// What a step does if its snapshot name is already in use, depending on what has it.
import { describe, expect, test } from '@jest/globals'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import type { Run } from '../../src/github/run-context.js'
import { failureOf } from '../support/failure.js'
import { call } from '../support/raw-client.js'
import { exampleStep } from '../support/step.js'
import { recordOf, saidBy, useTakingScene } from '../support/taking.js'

const scene = useTakingScene()

const isTaken = 'The name of snapshot "the-one" is already in use in eu-central-1'

describe("an earlier attempt's snapshot with the same name, disk and commit", () => {
  test('is adopted and waited for', async () => {
    await takeSnapshots(scene.step({ wait: 'false' }))
    const operation = scene.running.outputs['operation-id']
    const again = scene.step({}, { runAttempt: '2' })
    await takeSnapshots(again)
    expect(scene.snapshots()).toHaveLength(1)
    expect(again.outputs).toMatchObject({ state: 'completed', 'operation-id': operation })
    expect(recordOf(again)).toMatchObject({ adopted: true, snapshotName: 'the-one' })
    expect(saidBy(again, 'notice')).toEqual([
      'notice: Snapshot "the-one" of disk "shop-data" already exists (completed); run 1658821493 (attempt 1) took it for the same commit. Using it instead of taking another.',
    ])
    expect(again.log.lines.join('\n')).toContain('Adopted snapshot "the-one"')
  })

  test('is adopted in its present state with wait: false', async () => {
    await takeSnapshots(scene.step())
    const again = scene.step({ wait: 'false' }, { runAttempt: '2' })
    await takeSnapshots(again)
    expect(recordOf(again)).toMatchObject({ adopted: true, state: 'completed' })
    expect(again.outputs['snapshot-arn']).toMatch(/^arn:/)
  })

  test('is adopted by attempt 10 from attempt 9, because attempts are compared as numbers', async () => {
    await takeSnapshots(scene.step({}, { runAttempt: '9' }))
    await takeSnapshots(scene.step({}, { runAttempt: '10' }))
    expect(recordOf(scene.running)).toMatchObject({ adopted: true })
  })

  test('is adopted for an instance too', async () => {
    const inputs = { 'disk-name': '', 'instance-name': 'wordpress' }
    await takeSnapshots(scene.step(inputs))
    await takeSnapshots(scene.step(inputs, { runAttempt: '2' }))
    expect(recordOf(scene.running)).toMatchObject({ adopted: true })
  })

  test('is adopted when its tags become visible some seconds late', async () => {
    scene.emulator.behaviour.tagsLateMs = 8000
    await takeSnapshots(scene.step({ wait: 'false' }))
    const again = scene.step({}, { runAttempt: '2' })
    await takeSnapshots(again)
    expect(recordOf(again)).toMatchObject({ adopted: true })
    expect(again.clock.sleeps.length).toBeGreaterThan(3)
  })

  test('is an error with if-exists: fail', async () => {
    await takeSnapshots(scene.step())
    const again = scene.step({ 'if-exists': 'fail' }, { runAttempt: '2' })
    const failure = await failureOf(() => takeSnapshots(again))
    expect(failure.message).toBe(
      `${isTaken} by a snapshot of disk "shop-data", taken by run 1658821493 (attempt 1) of octo-org/web-shop for commit 0123456, and if-exists is fail.`,
    )
    expect(failure.advice).toContain('{{run_id}} and {{run_attempt}}')
  })

  test('is an error if it failed', async () => {
    scene.emulator.behaviour.snapshotEnd = 'error'
    await failureOf(() => takeSnapshots(scene.step()))
    const failure = await failureOf(() => takeSnapshots(scene.step({}, { runAttempt: '2' })))
    expect(failure.message).toContain('for commit 0123456, which failed in Lightsail')
    expect(failure.advice).toContain('Delete it at https://lightsail.aws.amazon.com')
    expect(scene.running.outputs).toMatchObject({
      state: 'error',
      'operation-ids': '[]',
      'snapshot-name': '',
    })
  })

  test('is an error if the disk was recreated since', async () => {
    await takeSnapshots(scene.step())
    const { clock } = scene.step({}, { runAttempt: '2' })
    scene.account.removeDisk('shop-data')
    scene.account.addDisk('shop-data', 32, clock.now(), 'shop')
    const failure = await failureOf(() => takeSnapshots(scene.running))
    expect(failure.message).toBe(
      `${isTaken} by a snapshot of disk "shop-data", taken by run 1658821493 (attempt 1) of octo-org/web-shop for commit 0123456, and that may have been another disk or instance of the same name.`,
    )
    expect(scene.snapshots()).toHaveLength(1)
  })

  test.each([
    ['GetDisk', {}],
    ['GetInstance', { 'disk-name': '', 'instance-name': 'wordpress' }],
  ])('is an error if %s is denied, because the source may be a different one', async (operation, inputs) => {
    await takeSnapshots(scene.step(inputs))
    scene.faultAt(operation, 'access-denied', 'all')
    const failure = await failureOf(() => takeSnapshots(scene.step(inputs, { runAttempt: '2' })))
    expect(failure.message).toContain('that may have been another disk or instance of the same name')
  })
})

describe('any other snapshot with the same name', () => {
  test('is an error if another step of this attempt took it, whatever if-exists says', async () => {
    await takeSnapshots(scene.step())
    for (const choice of ['adopt', 'fail']) {
      const sibling = scene.step({ 'if-exists': choice })
      const failure = await failureOf(() => takeSnapshots(sibling))
      expect(failure.message).toBe(
        `${isTaken} by a snapshot of disk "shop-data", taken by run 1658821493 (attempt 1) of octo-org/web-shop for commit 0123456: another step of this attempt.`,
      )
    }
  })

  test('is an error if a later attempt took it', async () => {
    await takeSnapshots(scene.step({}, { runAttempt: '2' }))
    const failure = await failureOf(() => takeSnapshots(scene.step()))
    expect(failure.message).toContain('run 1658821493 (attempt 2)')
  })

  test.each<[string, Record<string, string>, Partial<Run>, string]>([
    [
      'another run',
      {},
      { runId: '1' },
      'taken by run 1 (attempt 1) of octo-org/web-shop for commit 0123456.',
    ],
    ['another commit', { 'commit-sha': 'f'.repeat(40) }, {}, 'of octo-org/web-shop for commit fffffff.'],
    ['another repository', {}, { repository: 'octo-org/other' }, 'of octo-org/other for commit 0123456.'],
    ['another disk', { 'disk-name': 'logs' }, {}, 'by a snapshot of disk "logs", taken by run 1658821493'],
    ['an instance', { 'disk-name': '', 'instance-name': 'wordpress' }, {}, 'instance "wordpress"'],
  ])('is an error that names its origin if it is of %s', async (_, inputs, run, words) => {
    scene.account.addDisk('logs', 8, Date.now())
    await takeSnapshots(scene.step(inputs, run))
    const failure = await failureOf(() => takeSnapshots(scene.step({}, { runAttempt: '2' })))
    expect(failure.message).toContain(`${isTaken} by`)
    expect(failure.message).toContain(words)
    expect(failure.advice).toContain('the existing resource is untouched')
    expect(scene.running.outputs).toMatchObject({ state: 'error', 'snapshot-name': '', 'operation-id': '' })
    expect(scene.snapshots()).toHaveLength(1)
  })

  test('is an error if it was created by hand', async () => {
    const source = { type: 'disk', name: 'shop-data' } as const
    scene.account.putSnapshot({ name: 'the-one', source, createdAt: scene.running.clock.now() })
    const failure = await failureOf(() => takeSnapshots(scene.step()))
    expect(failure.message).toContain('by a snapshot of disk "shop-data", which this action did not take')
  })

  test('is an error at once that names the missing permission if the role may not read it', async () => {
    await takeSnapshots(scene.step({ wait: 'false' }))
    scene.faultAt('GetDiskSnapshot', 'access-denied', 'all')
    const again = scene.step({}, { runAttempt: '2' })
    const failure = await failureOf(() => takeSnapshots(again))
    expect(failure.message).toMatch(
      /by something that could not be read\. Not allowed: lightsail:GetDiskSnapshot/,
    )
    expect(failure.advice).toContain('Add lightsail:GetDiskSnapshot to the policy')
    expect(again.clock.elapsed).toBe(0)
  })
})

describe('a name in use by nothing that can be found', () => {
  test('is used once Lightsail releases it from a deleted snapshot', async () => {
    await takeSnapshots(scene.step())
    scene.emulator.behaviour.nameHeldMs = 20_000
    const later = scene.step({}, { runId: '2' })
    later.clock.elapsed = 3_600_000
    await call(scene.emulator, 'DeleteDiskSnapshot', { diskSnapshotName: 'the-one' })
    await takeSnapshots(later)
    expect(later.outputs['state']).toBe('completed')
    expect(recordOf(later)).toMatchObject({ adopted: false })
    const waitedMs = later.clock.elapsed - 3_600_000
    expect(waitedMs).toBeGreaterThanOrEqual(20_000)
    expect(waitedMs).toBeLessThan(25_000)
    expect(scene.snapshots()).toHaveLength(1)
  })

  test('is an error after two minutes, in which a new snapshot would have appeared', async () => {
    const taken = scene.step({ 'snapshot-name': 'wordpress' })
    const failure = await failureOf(() => takeSnapshots(taken))
    expect(failure.message).toContain('in use in eu-central-1 by something that is not a disk snapshot')
    expect(taken.clock.elapsed).toBeGreaterThan(110_000)
    expect(taken.clock.elapsed).toBeLessThanOrEqual(120_000)
  })

  test('is retried only until wait-timeout', async () => {
    const taken = scene.step({ 'snapshot-name': 'wordpress', 'wait-timeout': '30s' })
    await failureOf(() => takeSnapshots(taken))
    expect(taken.clock.elapsed).toBeGreaterThan(25_000)
    expect(taken.clock.elapsed).toBeLessThanOrEqual(30_000)
  })

  test('is not requested again once the step is cancelled', async () => {
    const cancelled = new AbortController()
    scene.running = exampleStep(
      { 'disk-name': 'shop-data', 'snapshot-name': 'wordpress' },
      { signal: cancelled.signal },
    )
    scene.running.clock.sleep = async () => cancelled.abort()
    const failure = await failureOf(() => takeSnapshots(scene.running))
    expect(failure.message).toContain('cancelled before snapshot "wordpress" was started')
    expect(scene.requests().filter((name) => name === 'CreateDiskSnapshot')).toHaveLength(1)
  })
})
