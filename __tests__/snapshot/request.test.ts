// What becomes of a lost answer and of a name that is taken: never a second snapshot, never somebody else's.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FaultName } from '../../emulator/faults.js'
import type { Emulator } from '../../emulator/server.js'
import type { DiskSnapshot } from '../../emulator/wire.js'
import { takeSnapshots } from '../../src/snapshot/action.js'
import type { Run } from '../../src/workflow/run.js'
import { clientEnvironment, region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { call } from '../support/raw-client.js'
import { exampleRun, exampleStep, type KeptStep } from '../support/step.js'

const environmentBefore = { ...process.env }
let emulator: Emulator
/** The step whose clock the emulator goes by. */
let running: KeptStep

beforeEach(async () => {
  running = exampleStep()
  emulator = await startFilledEmulator({}, () => running.clock.now())
  Object.assign(process.env, clientEnvironment(emulator))
})
afterEach(async () => {
  process.env = { ...environmentBefore }
  await emulator.close()
})

/** A step that takes the snapshot "the-one", in a run with these changes. */
function step(inputs: Record<string, string> = {}, run: Partial<Run> = {}): KeptStep {
  const all = { 'disk-name': 'shop-data', 'snapshot-name': 'the-one', ...inputs }
  running = exampleStep(all, { run: exampleRun(run) })
  return running
}

function faultAt(operation: string, fault: FaultName, occurrences: readonly number[] | 'all' = [1]): void {
  emulator.faults.add({ operation, fault, occurrences })
}

function snapshots(): DiskSnapshot[] {
  return emulator.region(region).allSnapshots(running.clock.now() + 3_600_000)
}

function ownOperation(): string | undefined {
  const operations = emulator.region(region).allOperations(running.clock.now())
  return operations.find(({ resourceType }) => resourceType === 'DiskSnapshot')?.id
}

function record(of: KeptStep): unknown {
  return JSON.parse(of.outputs['snapshots'] ?? '')[0]
}

describe('a lost answer', () => {
  test.each([{ 'if-exists': 'adopt' }, { 'if-exists': 'fail' }, { wait: 'false' }])(
    'is made good with %j: the snapshot is found, and its operation',
    async (inputs) => {
      faultAt('CreateDiskSnapshot', 'internal-error-after')
      const lost = step(inputs)
      await takeSnapshots(lost)
      expect(snapshots()).toHaveLength(1)
      expect(lost.outputs['operation-id']).toBe(ownOperation())
      expect(record(lost)).toMatchObject({ state: 'completed', adopted: false, sizeInGb: 32 })
      expect(lost.log.lines.join('\n')).toContain(
        'The snapshot "the-one" of disk "shop-data" was started, although the answer to the request was lost',
      )
    },
  )

  test('is made good where the snapshot is not visible at first: the name is taken all the same', async () => {
    faultAt('CreateDiskSnapshot', 'internal-error-after')
    emulator.behaviour.invisibleMs = 20_000
    const lost = step()
    await takeSnapshots(lost)
    expect(snapshots()).toHaveLength(1)
    expect(lost.outputs['operation-id']).toBe(ownOperation())
  })

  test('is made good where the service does not list the operations of a snapshot', async () => {
    faultAt('CreateDiskSnapshot', 'internal-error-after')
    Object.assign(emulator.behaviour, { operationsForSnapshots: false, pageSize: 1 })
    const lost = step()
    await takeSnapshots(lost)
    expect(lost.outputs['operation-id']).toBe(ownOperation())
  })

  test('of a request that was not carried out is followed by another request', async () => {
    faultAt('CreateDiskSnapshot', 'internal-error', [1, 2])
    const lost = step()
    await takeSnapshots(lost)
    const sent = emulator.requests.filter(({ operation }) => operation === 'CreateDiskSnapshot')
    expect([sent.length, snapshots().length]).toEqual([3, 1])
    const warnings = lost.log.lines.filter((line) => line.startsWith('warning: '))
    expect(warnings).toEqual([
      expect.stringContaining('failed at CreateDiskSnapshot: ServiceException, An internal error occurred.'),
    ])
  })

  test('that stays lost is an error that says where to look, and the name is an output', async () => {
    faultAt('CreateDiskSnapshot', 'internal-error', 'all')
    const lost = step({ 'wait-timeout': '30s' })
    const failure = await failureOf(() => takeSnapshots(lost))
    expect(failure.message).toContain('failed at CreateDiskSnapshot')
    expect(failure.advice).toContain('The snapshot "the-one" may have been started all the same')
    expect(lost.outputs).toMatchObject({ state: 'error', 'snapshot-name': 'the-one', 'operation-id': '' })
    expect(lost.summary[0]).toContain('| not known |')
  })

  test('is not known either where the role may not look, and nothing is taken twice', async () => {
    faultAt('CreateDiskSnapshot', 'internal-error-after', 'all')
    faultAt('GetDiskSnapshot', 'access-denied', 'all')
    const lost = step({ 'wait-timeout': '30s' })
    const failure = await failureOf(() => takeSnapshots(lost))
    expect(failure.advice).toContain('may have been started all the same')
    expect(snapshots()).toHaveLength(1)
  })

  test('does not make another run’s snapshot this step’s own', async () => {
    await takeSnapshots(step({}, { runId: '1' }))
    faultAt('CreateDiskSnapshot', 'internal-error')
    const failure = await failureOf(() => takeSnapshots(step({ 'if-exists': 'fail' }, { runId: '2' })))
    expect(failure.message).toContain('taken by run 1 (attempt 1) of octo-org/web-shop for commit 0123456')
    expect(running.outputs['snapshot-name']).toBe('')
  })

  test('finds the operation of this snapshot, and not that of an earlier one with its name, nor its deletion', async () => {
    emulator.behaviour.operationsForSnapshots = false
    await takeSnapshots(step({ 'commit-sha': 'a'.repeat(40) }))
    const earlier = running.outputs['operation-id']
    const again = step()
    again.clock.elapsed = 3_600_000
    await call(emulator, 'DeleteDiskSnapshot', { diskSnapshotName: 'the-one' })
    faultAt('CreateDiskSnapshot', 'internal-error-after')
    await takeSnapshots(again)
    const made = emulator
      .region(region)
      .allOperations(again.clock.now())
      .filter(
        ({ operationType, resourceType }) =>
          operationType === 'CreateDiskSnapshot' && resourceType === 'DiskSnapshot',
      )
    expect(made.map(({ id }) => id)).toEqual([again.outputs['operation-id'], earlier])
  })

  test('goes on without the operation where that can not be found again, and says so', async () => {
    faultAt('CreateDiskSnapshot', 'internal-error-after')
    faultAt('GetOperationsForResource', 'access-denied', 'all')
    faultAt('GetOperations', 'access-denied', 'all')
    const lost = step()
    await takeSnapshots(lost)
    expect(lost.outputs).toMatchObject({ state: 'completed', 'operation-id': '', 'operation-ids': '[null]' })
    expect(lost.log.lines.join('\n')).toMatch(
      /warning: The operation that made the snapshot "the-one" can't be found again.*Add lightsail:GetOperations to the policy/,
    )
  })
})

describe('a name that is taken', () => {
  test('by a snapshot of the same source, commit and repository is adopted and waited for', async () => {
    await takeSnapshots(step({ wait: 'false' }, { runId: '1' }))
    const operation = running.outputs['operation-id']
    const again = step({}, { runId: '1', runAttempt: '2' })
    await takeSnapshots(again)
    expect(snapshots()).toHaveLength(1)
    expect(again.outputs).toMatchObject({ state: 'completed', 'operation-id': operation })
    expect(record(again)).toMatchObject({ adopted: true, snapshotName: 'the-one' })
    expect(again.log.lines).toContain(
      'notice: The snapshot "the-one" of disk "shop-data" is there already (completed): run 1 (attempt 1) took it for the same commit. It is adopted, and no other is taken.',
    )
    expect(again.log.lines.join('\n')).toContain('Adopted snapshot "the-one"')
  })

  test('is adopted without a wait as it is', async () => {
    await takeSnapshots(step())
    const again = step({ wait: 'false' }, { runId: '2' })
    await takeSnapshots(again)
    expect(record(again)).toMatchObject({ adopted: true, state: 'completed', arn: expect.any(String) })
  })

  test('by an earlier step of this very run is adopted as well, and an error with if-exists fail', async () => {
    await takeSnapshots(step())
    await takeSnapshots(step())
    expect(record(running)).toMatchObject({ adopted: true })
    const failure = await failureOf(() => takeSnapshots(step({ 'if-exists': 'fail' })))
    expect(failure.message).toContain('and if-exists is fail')
  })

  test('is an error with if-exists fail', async () => {
    await takeSnapshots(step())
    const failure = await failureOf(() => takeSnapshots(step({ 'if-exists': 'fail' }, { runId: '2' })))
    expect(failure.message).toBe(
      'The name of snapshot "the-one" is already in use in eu-central-1 by a snapshot of disk "shop-data", taken by run 1658821493 (attempt 1) of octo-org/web-shop for commit 0123456, and if-exists is fail.',
    )
    expect(failure.advice).toContain('{{run_id}} and {{run_attempt}}')
  })

  test('by a snapshot that failed is not adopted', async () => {
    emulator.behaviour.snapshotEnd = 'error'
    await failureOf(() => takeSnapshots(step()))
    const failure = await failureOf(() => takeSnapshots(step({}, { runId: '2' })))
    expect(failure.message).toContain('for commit 0123456, which failed in Lightsail')
    expect(failure.advice).toContain('Delete it at https://lightsail.aws.amazon.com')
    expect(running.outputs).toMatchObject({ state: 'error', 'operation-ids': '[]', 'snapshot-name': '' })
  })

  test.each<[string, Record<string, string>, Partial<Run>, string]>([
    ['another commit', { 'commit-sha': 'f'.repeat(40) }, {}, 'of octo-org/web-shop for commit fffffff.'],
    ['another repository', {}, { repository: 'octo-org/other' }, 'of octo-org/other for commit 0123456.'],
    ['another disk', { 'disk-name': 'logs' }, {}, 'by a snapshot of disk "logs", taken by run 1'],
    [
      'an instance of another kind',
      { 'disk-name': '', 'instance-name': 'wordpress' },
      {},
      'instance "wordpress"',
    ],
  ])('by a snapshot of %s always fails, and says whose it is', async (_, inputs, run, words) => {
    emulator.region(region).addDisk('logs', 8, Date.now())
    await takeSnapshots(step(inputs, run))
    const failure = await failureOf(() => takeSnapshots(step({}, { runId: '2' })))
    expect(failure.message).toContain('The name of snapshot "the-one" is already in use in eu-central-1 by')
    expect(failure.message).toContain(words)
    expect(failure.advice).toContain('what has the name is untouched')
    expect(running.outputs).toMatchObject({ state: 'error', 'snapshot-name': '', 'operation-id': '' })
    expect(snapshots()).toHaveLength(1)
  })

  test('by a snapshot that somebody made by hand always fails', async () => {
    const source = { type: 'disk', name: 'shop-data' } as const
    emulator.region(region).putSnapshot({ name: 'the-one', source, createdAt: running.clock.now() })
    const failure = await failureOf(() => takeSnapshots(step()))
    expect(failure.message).toContain('by a snapshot of disk "shop-data", which this action did not take')
  })

  test('by a snapshot that the role may not read is an error at once, with the permission that is missing', async () => {
    await takeSnapshots(step({ wait: 'false' }))
    faultAt('GetDiskSnapshot', 'access-denied', 'all')
    const again = step({}, { runId: '2' })
    const failure = await failureOf(() => takeSnapshots(again))
    expect(failure.message).toMatch(
      /by something that could not be read\. Not allowed: lightsail:GetDiskSnapshot/,
    )
    expect(failure.advice).toContain('Add lightsail:GetDiskSnapshot to the policy')
    expect(again.clock.elapsed).toBe(0)
  })

  test('and a step that is cancelled while it looks says that it was cancelled', async () => {
    const cancelled = new AbortController()
    running = exampleStep(
      { 'disk-name': 'shop-data', 'snapshot-name': 'wordpress' },
      { signal: cancelled.signal },
    )
    running.clock.sleep = async () => cancelled.abort()
    const failure = await failureOf(() => takeSnapshots(running))
    expect(failure.message).toContain('cancelled before the snapshot "wordpress" was started')
  })

  test('by something else fails after a minute in which a new snapshot could have shown itself', async () => {
    const taken = step({ 'snapshot-name': 'wordpress' })
    const failure = await failureOf(() => takeSnapshots(taken))
    expect(failure.message).toContain('in use in eu-central-1 by something that is not a disk snapshot')
    expect(taken.clock.elapsed).toBeGreaterThan(50_000)
    expect(taken.clock.elapsed).toBeLessThan(70_000)
  })
})

describe('an automatic snapshot that is being made', () => {
  test('is waited out, and said once', async () => {
    faultAt('CreateDiskSnapshot', 'auto-snapshot', [1, 2, 3, 4])
    const late = step()
    await takeSnapshots(late)
    expect(late.outputs['state']).toBe('completed')
    const said = late.log.lines.filter((line) => line.includes('An automatic snapshot of disk "shop-data"'))
    expect(said).toEqual([expect.stringContaining('It is tried again for as long as the step may wait')])
  })

  test('takes of the time that the step may wait, and no more', async () => {
    faultAt('CreateDiskSnapshot', 'auto-snapshot', [1, 2])
    emulator.behaviour.snapshotEnd = 'stuck'
    const late = step({ 'wait-timeout': '2m' })
    await failureOf(() => takeSnapshots(late))
    expect(late.clock.elapsed).toBe(120_000)
  })
})
