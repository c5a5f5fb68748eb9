// Lost responses and automatic snapshots: a step never takes a second snapshot, and never claims another step's.
import { describe, expect, test } from '@jest/globals'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import { failureOf } from '../support/failure.js'
import { call } from '../support/raw-client.js'
import { recordOf, saidBy, type TakingScene, useTakingScene } from '../support/taking.js'

type Changes = Parameters<TakingScene['step']>[1]

const scene = useTakingScene()

describe('a lost response', () => {
  test.each([{ 'if-exists': 'adopt' }, { 'if-exists': 'fail' }, { wait: 'false' }])(
    'is recovered with %j by finding the snapshot and its operation',
    async (inputs) => {
      scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
      const lost = scene.step(inputs)
      await takeSnapshots(lost)
      expect(scene.snapshots()).toHaveLength(1)
      expect(lost.outputs['operation-id']).toBe(scene.ownOperation())
      expect(recordOf(lost)).toMatchObject({ state: 'completed', adopted: false, sizeInGb: 32 })
      expect(lost.log.lines.join('\n')).toContain(
        'Snapshot "the-one" of disk "shop-data" was started, although the response to the request was lost',
      )
    },
  )

  test('is recovered if the snapshot is invisible at first', async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
    scene.emulator.behaviour.invisibleMs = 20_000
    const lost = scene.step()
    await takeSnapshots(lost)
    expect(scene.snapshots()).toHaveLength(1)
    expect(lost.outputs['operation-id']).toBe(scene.ownOperation())
  })

  test("is recovered if the service doesn't list the operations of a snapshot", async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
    Object.assign(scene.emulator.behaviour, { operationsForSnapshots: false, pageSize: 1 })
    const lost = scene.step()
    await takeSnapshots(lost)
    expect(lost.outputs['operation-id']).toBe(scene.ownOperation())
  })

  test('is followed by a retry if the request was not carried out', async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error', [1, 2])
    const lost = scene.step()
    await takeSnapshots(lost)
    const sent = scene.emulator.requests.filter(({ operation }) => operation === 'CreateDiskSnapshot')
    expect([sent.length, scene.snapshots().length]).toEqual([3, 1])
    expect(saidBy(lost, 'warning')).toEqual([
      expect.stringContaining(
        'returned a server error for CreateDiskSnapshot: ServiceException, An internal error occurred.',
      ),
    ])
  })

  test('is an error that says where to check if it stays lost, and the name is an output', async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error', 'all')
    const lost = scene.step({ 'wait-timeout': '30s' })
    const failure = await failureOf(() => takeSnapshots(lost))
    expect(failure.message).toContain('returned a server error for CreateDiskSnapshot')
    expect(failure.advice).toContain(
      'Snapshot "the-one" may have been started anyway. Check https://lightsail.aws',
    )
    expect(lost.outputs).toMatchObject({ state: 'error', 'snapshot-name': 'the-one', 'operation-id': '' })
    expect(lost.summary[0]).toContain('| not known |')
  })

  test('is an error without a second snapshot if the role may not read snapshots', async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after', 'all')
    scene.faultAt('GetDiskSnapshot', 'access-denied', 'all')
    const lost = scene.step({ 'wait-timeout': '30s' })
    const failure = await failureOf(() => takeSnapshots(lost))
    expect(failure.advice).toContain('may have been started anyway')
    expect(scene.snapshots()).toHaveLength(1)
  })

  test.each<[string, Record<string, string>, Changes, string]>([
    ['an earlier attempt', { 'if-exists': 'fail' }, { runAttempt: '2' }, 'and if-exists is fail'],
    ['another step of this attempt', {}, {}, 'another step of this attempt'],
    ['another run', {}, { runId: '2', runAttempt: '2' }, 'taken by run 1658821493 (attempt 1) of octo-org'],
  ])(
    "never makes a step claim the snapshot of %s, even if the step's request was not carried out",
    async (...all) => {
      const [, inputs, run, words] = all
      await takeSnapshots(scene.step())
      scene.faultAt('CreateDiskSnapshot', 'internal-error')
      const failure = await failureOf(() => takeSnapshots(scene.step(inputs, run)))
      expect(failure.message).toContain(words)
      expect(failure.advice).not.toContain('may have been started')
      expect(scene.running.outputs['snapshot-name']).toBe('')
    },
  )

  test("still allows adopting an earlier attempt's snapshot if the request was not carried out", async () => {
    await takeSnapshots(scene.step())
    scene.faultAt('CreateDiskSnapshot', 'internal-error')
    await takeSnapshots(scene.step({}, { runAttempt: '2' }))
    expect(recordOf(scene.running)).toMatchObject({ adopted: true })
  })

  test('makes a step identify its snapshot by the tag client-token alone', async () => {
    const newId = () => 'the-token'
    await takeSnapshots(scene.step({}, { newId, runId: '1' }))
    scene.faultAt('CreateDiskSnapshot', 'internal-error')
    await takeSnapshots(scene.step({ 'if-exists': 'fail' }, { newId, runId: '2' }))
    expect(recordOf(scene.running)).toMatchObject({ adopted: false, state: 'completed' })
  })

  test('is retried with the same client-token, and each step has a different one', async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error')
    await takeSnapshots(scene.step())
    await takeSnapshots(scene.step({ 'snapshot-name': 'the-other' }))
    const tokens = scene.emulator.requests
      .filter(({ operation }) => operation === 'CreateDiskSnapshot')
      .map(({ input }) => /"client-token","value":"([^"]+)"/.exec(JSON.stringify(input))?.[1])
    expect(tokens).toEqual([expect.any(String), tokens[0], expect.any(String)])
    expect(tokens[2]).not.toBe(tokens[0])
  })

  test("is recovered if the snapshot's tags become visible late", async () => {
    scene.emulator.behaviour.tagsLateMs = 30_000
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
    const lost = scene.step({ 'if-exists': 'fail' })
    await takeSnapshots(lost)
    expect(scene.snapshots()).toHaveLength(1)
    expect(recordOf(lost)).toMatchObject({ adopted: false, state: 'completed' })
    expect(lost.outputs['operation-id']).toBe(scene.ownOperation())
  })

  test("is an error that doesn't claim that nothing was created if the tags never become visible", async () => {
    scene.emulator.behaviour.tagsLateMs = 3_600_000
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
    const lost = scene.step({ 'wait-timeout': '5m' })
    const failure = await failureOf(() => takeSnapshots(lost))
    expect(failure.advice).toMatch(
      /^Snapshot "the-one" may have been started anyway\. Check https:\S+ first\.$/,
    )
    expect(lost.outputs).toMatchObject({ state: 'error', 'snapshot-name': 'the-one' })
    expect(scene.snapshots()).toHaveLength(1)
  })

  test("is recovered with the snapshot's operation, not that of an earlier one of the same name", async () => {
    scene.emulator.behaviour.operationsForSnapshots = false
    await takeSnapshots(scene.step({ 'commit-sha': 'a'.repeat(40) }))
    const earlier = scene.running.outputs['operation-id']
    const again = scene.step()
    again.clock.elapsed = 3_600_000
    await call(scene.emulator, 'DeleteDiskSnapshot', { diskSnapshotName: 'the-one' })
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
    await takeSnapshots(again)
    const made = scene.account
      .allOperations(again.clock.now())
      .filter(
        ({ operationType, resourceType }) =>
          operationType === 'CreateDiskSnapshot' && resourceType === 'DiskSnapshot',
      )
    expect(made.map(({ id }) => id)).toEqual([again.outputs['operation-id'], earlier])
  })

  test("is recovered with a warning if the operation can't be found", async () => {
    scene.faultAt('CreateDiskSnapshot', 'internal-error-after')
    scene.faultAt('GetOperationsForResource', 'access-denied', 'all')
    scene.faultAt('GetOperations', 'access-denied', 'all')
    const lost = scene.step()
    await takeSnapshots(lost)
    expect(lost.outputs).toMatchObject({ state: 'completed', 'operation-id': '', 'operation-ids': '[null]' })
    expect(lost.log.lines.join('\n')).toMatch(
      /warning: operation-id is empty: the operation that created snapshot "the-one" could not be found.*Add lightsail:GetOperations to the policy/,
    )
  })
})

describe('an automatic snapshot in progress', () => {
  test('is waited for and logged once', async () => {
    scene.faultAt('CreateDiskSnapshot', 'auto-snapshot', [1, 2, 3, 4])
    const late = scene.step()
    await takeSnapshots(late)
    expect(late.outputs['state']).toBe('completed')
    const said = late.log.lines.filter((line) => line.includes('An automatic snapshot of disk "shop-data"'))
    expect(said).toEqual([expect.stringContaining('Retrying until wait-timeout.')])
  })

  test('counts towards wait-timeout', async () => {
    scene.faultAt('CreateDiskSnapshot', 'auto-snapshot', [1, 2])
    scene.emulator.behaviour.snapshotEnd = 'stuck'
    const late = scene.step({ 'wait-timeout': '2m' })
    await failureOf(() => takeSnapshots(late))
    expect(late.clock.elapsed).toBe(120_000)
  })
})
