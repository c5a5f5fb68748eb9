import { describe, expect, test } from '@jest/globals'
import type { InstanceSnapshot } from '../../../emulator/service/wire.js'
import { pruneSnapshots } from '../../../src/actions/prune/action.js'
import { restore } from '../../../src/actions/restore/action.js'
import { takeSnapshots } from '../../../src/actions/snapshot/action.js'
import { waitForSnapshots } from '../../../src/actions/wait/action.js'
import { actionMetadata } from '../../../src/github/action-metadata.js'
import { failureOf } from '../../support/failure.js'
import { exampleStep } from '../../support/step.js'
import { recordOf, saidBy, useTakingScene } from '../../support/taking.js'

const scene = useTakingScene()
const whole = { 'disk-name': '', 'instance-name': 'shop', 'snapshot-type': 'instance' }

function instanceSnapshots(): InstanceSnapshot[] {
  const now = scene.running.clock.now()
  return scene.account.instanceSnapshots.names(now).map((name) => scene.account.instanceSnapshot(name, now))
}

/** Takes a snapshot so many minutes after the start. */
async function takeAfter(minutes: number, inputs: Record<string, string>): Promise<void> {
  const step = scene.step(inputs)
  await step.clock.sleep(minutes * 60_000)
  await takeSnapshots(step)
}

/** A step of another action, at the time of the running one. */
function stepOf(action: 'wait' | 'prune' | 'restore', inputs: Record<string, string>) {
  return { ...exampleStep({ ...actionMetadata[action].inputs, ...inputs }), clock: scene.running.clock }
}

describe('a snapshot of a whole instance', () => {
  test('has its attached disks, the tags of every snapshot, and the outputs of a disk snapshot', async () => {
    scene.emulator.behaviour.snapshotDurationMs = 60_000
    await takeSnapshots(scene.step(whole))
    const [snapshot] = instanceSnapshots()
    expect(snapshot).toMatchObject({ name: 'the-one', state: 'available', fromInstanceName: 'shop' })
    expect(snapshot?.fromAttachedDisks.map(({ name }) => name)).toEqual(['shop-data'])
    expect(snapshot?.tags).toContainEqual({ key: 'managed-by', value: 'lightsail-disk-snapshot' })
    expect(scene.running.outputs).toMatchObject({
      state: 'completed',
      'snapshot-name': 'the-one',
      'snapshot-arn': snapshot?.arn,
      consistency: 'crash',
    })
    expect(recordOf(scene.running)).toMatchObject({
      sourceType: 'instance',
      snapshotType: 'instance',
      sourceName: 'shop',
      sizeInGb: 52,
      progress: null,
      adopted: false,
    })
    expect(scene.snapshots()).toEqual([])
  })

  test('whose response is lost is found by its name, and taken once', async () => {
    scene.faultAt('CreateInstanceSnapshot', 'internal-error-after')
    await takeSnapshots(scene.step(whole))
    expect(instanceSnapshots()).toHaveLength(1)
    expect(scene.running.outputs['operation-id']).not.toBe('')
  })

  test('is adopted by the next attempt of the run', async () => {
    await takeSnapshots(scene.step(whole))
    await takeSnapshots(scene.step(whole, { runAttempt: '2' }))
    expect(recordOf(scene.running)).toMatchObject({ adopted: true, snapshotType: 'instance' })
    expect(instanceSnapshots()).toHaveLength(1)
  })

  test('that fails in Lightsail fails the step, with the command that deletes it', async () => {
    scene.emulator.behaviour.snapshotEnd = 'error'
    const failure = await failureOf(() => takeSnapshots(scene.step(whole)))
    expect(failure.message).toContain('Snapshot "the-one" failed in Lightsail')
    expect(failure.copyables.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('aws lightsail delete-instance-snapshot --region eu-central-1'),
    )
  })

  test('whose name a disk snapshot has is refused', async () => {
    await takeSnapshots(scene.step())
    const { message } = await failureOf(() => takeSnapshots(scene.step(whole)))
    expect(message).toContain('by something that is not an instance snapshot')
  })

  test.each([
    [
      'disk-name',
      { 'disk-name': 'shop-data', 'instance-name': '' },
      'goes with instance-name, not with disk-name',
    ],
    ['attached-disks', { 'attached-disks': 'true' }, 'which includes these disks'],
  ])('with %s is one of the problems of the inputs', async (_, inputs, problem) => {
    const { message } = await failureOf(() => takeSnapshots(scene.step({ ...whole, ...inputs })))
    expect(message).toContain(problem)
    expect(scene.requests()).toEqual([])
  })

  test('is of the instance that replaced the one that was asked for', async () => {
    const { account, running } = scene
    account.addInstance('shop-restored', 20, running.clock.now())
    account.addStaticIp('address', running.clock.now(), 'shop-restored')
    const restored = account.instances.find('shop-restored', running.clock.now())
    restored.tags.addAtOnce([
      { key: 'replaces', value: 'shop' },
      { key: 'repository', value: 'octo-org/web-shop' },
      { key: 'managed-by', value: 'lightsail-disk-snapshot' },
    ])
    account.instances
      .find('shop', running.clock.now())
      .tags.addAtOnce([{ key: 'replaced-by', value: 'shop-restored' }])
    await takeSnapshots(scene.step(whole))
    expect(saidBy(scene.running, 'notice')).toContainEqual(
      expect.stringContaining('"shop" now means instance "shop-restored", which replaced it in a roll-back.'),
    )
    expect(instanceSnapshots()).toMatchObject([{ fromInstanceName: 'shop-restored' }])
    expect(instanceSnapshots()[0]?.tags).toContainEqual({ key: 'lineage', value: 'shop' })
    expect(recordOf(scene.running)).toMatchObject({ requestedName: 'shop', sourceName: 'shop-restored' })
  })
})

describe('wait/', () => {
  test.each(['operation-id', 'snapshot-name'] as const)(
    'takes snapshots of both types by %s',
    async (input) => {
      await takeSnapshots(scene.step({ ...whole, wait: 'false' }))
      const first = scene.running.outputs
      await takeSnapshots(scene.step({ 'snapshot-name': 'of-the-disk', wait: 'false' }))
      const values = [first[input], scene.running.outputs[input]]
      const step = stepOf('wait', { [input]: values.join(',') })
      await waitForSnapshots(step)
      expect(JSON.parse(step.outputs['snapshots'] ?? '')).toMatchObject([
        { snapshotName: 'the-one', snapshotType: 'instance', state: 'completed' },
        { snapshotName: 'of-the-disk', snapshotType: 'disk', state: 'completed' },
      ])
    },
  )

  test('needs no permission for instance snapshots to wait for one of a disk', async () => {
    await takeSnapshots(scene.step({ wait: 'false' }))
    scene.faultAt('GetInstanceSnapshot', 'access-denied', 'all')
    scene.emulator.behaviour.invisibleMs = 3000
    const step = stepOf('wait', { 'snapshot-name': 'the-one' })
    await waitForSnapshots(step)
    expect(step.outputs['state']).toBe('completed')
  })
})

describe('wait/ and restore/', () => {
  test('need no permission for disk snapshots to find one of an instance by its name', async () => {
    await takeSnapshots(scene.step({ ...whole, wait: 'false' }))
    scene.faultAt('GetDiskSnapshot', 'access-denied', 'all')
    const step = stepOf('wait', { 'snapshot-name': 'the-one' })
    await waitForSnapshots(step)
    expect(step.outputs['state']).toBe('completed')
    const dry = stepOf('restore', { 'snapshot-name': 'the-one', 'dry-run': 'true' })
    await restore(dry)
    expect(dry.outputs['instance-name']).toMatch(/^shop-restored-/)
  })

  test('fail if they may read snapshots of neither type', async () => {
    for (const type of ['Disk', 'Instance']) scene.faultAt(`Get${type}Snapshot`, 'access-denied', 'all')
    const step = stepOf('wait', { 'snapshot-name': 'the-one' })
    expect((await failureOf(() => waitForSnapshots(step))).message).toContain('lightsail:GetInstanceSnapshot')
  })
})

describe('retention', () => {
  test('counts the two types separately, and deletes only what it is asked for', async () => {
    for (const [index, type] of ['instance', 'instance', 'disk', 'disk'].entries()) {
      await takeAfter(index, { ...whole, 'snapshot-type': type, 'snapshot-name': `${type}-${index}` })
    }
    const step = stepOf('prune', { 'instance-name': 'shop', 'snapshot-type': 'instance', 'keep-last': '1' })
    await pruneSnapshots(step)
    expect(instanceSnapshots().map(({ name }) => name)).toEqual(['instance-1'])
    expect(scene.snapshots().map(({ name }) => name)).toEqual(['disk-2', 'disk-3'])
    expect(step.outputs['deleted-snapshots']).toBe('["instance-0"]')
  })

  test('deletes older snapshots of whole instances once the new one is complete', async () => {
    for (const [index, name] of ['old', 'new'].entries()) {
      await takeAfter(index, { ...whole, 'snapshot-name': name, 'keep-last': '1' })
    }
    expect(instanceSnapshots().map(({ name }) => name)).toEqual(['new'])
  })
})
