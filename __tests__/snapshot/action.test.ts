import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/server.js'
import { takeSnapshots } from '../../src/snapshot/action.js'
import { clientEnvironment, region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { exampleStep, type KeptStep } from '../support/step.js'

let emulator: Emulator
const environmentBefore = { ...process.env }

beforeEach(async () => {
  emulator = await startFilledEmulator()
  Object.assign(process.env, clientEnvironment(emulator))
})
afterEach(async () => {
  process.env = { ...environmentBefore }
  await emulator.close()
})

function records(step: KeptStep): unknown {
  return JSON.parse(step.outputs['snapshots'] ?? '')
}

describe('the recipe of the root action', () => {
  test('takes the snapshot, waits for it and reports it', async () => {
    const step = exampleStep({ 'disk-name': 'shop-data' })
    await takeSnapshots(step)
    expect(step.outputs['state']).toBe('completed')
    expect(records(step)).toEqual([
      {
        sourceType: 'disk',
        sourceName: 'shop-data',
        snapshotName: 'shop-data-0123456-1658821493-1',
        operationId: step.outputs['operation-id'],
        arn: step.outputs['snapshot-arn'],
        state: 'completed',
        progress: '100%',
        sizeInGb: 32,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        region,
        adopted: false,
      },
    ])
    expect(step.summary).toEqual([expect.stringContaining('| disk shop-data |')])
    expect(step.log.lines.at(-1)).toBe('Snapshot "shop-data-0123456-1658821493-1" is complete: 32 GB in 0s')
  })

  test('makes exactly one request with wait false', async () => {
    const step = exampleStep({ 'disk-name': 'shop-data', wait: 'false' })
    await takeSnapshots(step)
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['CreateDiskSnapshot'])
    expect(step.outputs).toMatchObject({ state: 'pending', 'snapshot-arn': '' })
    expect(step.log.lines.at(-1)).toContain("this step doesn't wait for it")
  })

  test('fails at once, with wait false too, where the operation has failed in the answer', async () => {
    Object.assign(emulator.behaviour, { operationEnd: 'Failed' })
    const step = exampleStep({ 'disk-name': 'shop-data', wait: 'false' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toContain('SnapshotCreationFailed')
    expect(step.outputs).toMatchObject({ state: 'error', 'operation-id': expect.stringMatching(/.+/) })
  })

  test('reports a snapshot that could not be taken', async () => {
    const step = exampleStep({ 'disk-name': 'nothing' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toContain('There is no disk "nothing" in eu-central-1')
    expect(step.outputs).toMatchObject({ state: 'error', 'operation-id': '', snapshots: '[]' })
    expect(step.summary[0]).toContain('not taken')
  })

  test('changes nothing in a dry run', async () => {
    const step = exampleStep({ 'instance-name': 'wordpress', 'dry-run': 'true' })
    await takeSnapshots(step)
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['GetInstance'])
    expect(step.outputs).toMatchObject({
      'snapshot-name': 'wordpress-0123456-1658821493-1',
      'operation-id': '',
      state: '',
    })
  })

  test('ends in error after the time that it may wait, with what it knows in the outputs', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'stuck' })
    const step = exampleStep({ 'disk-name': 'shop-data', 'wait-timeout': '2m' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toContain("isn't complete after 2m 0s (pending")
    expect(step.clock.elapsed).toBe(120_000)
    expect(step.outputs).toMatchObject({ state: 'pending', 'snapshot-arn': expect.stringMatching(/^arn:/) })
  })
})
