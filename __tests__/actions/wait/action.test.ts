import { describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../../emulator/service/server.js'
import { waitForSnapshots } from '../../../src/actions/wait/action.js'
import { actionMetadata } from '../../../src/github/action-metadata.js'
import { clientEnvironment, region, startFilledEmulator } from '../../support/emulated.js'
import { failureOf } from '../../support/failure.js'
import { call } from '../../support/raw-client.js'
import { exampleStep, type KeptStep } from '../../support/step.js'
import { useEmulator } from '../../support/use-emulator.js'

let emulator: Emulator
useEmulator(async () => {
  emulator = await startFilledEmulator()
  return emulator
})

/** A step of wait/ with these inputs, the others at their defaults. */
function waitStep(inputs: Record<string, string>): KeptStep {
  const given = new Map<string, string>(Object.entries({ ...actionMetadata.wait.inputs, ...inputs }))
  return { ...exampleStep(), input: (name) => given.get(name) ?? '' }
}

/** Starts a snapshot of the disk; returns the ids of the snapshot's operation and of the disk's. */
async function start(diskSnapshotName: string): Promise<string[]> {
  const { body } = await call(emulator, 'CreateDiskSnapshot', { diskName: 'shop-data', diskSnapshotName })
  return (body.operations ?? []).map(({ id }) => id)
}

async function messageOf(inputs: Record<string, string>): Promise<string> {
  return (await failureOf(() => waitForSnapshots(waitStep(inputs)))).message
}

describe('wait/', () => {
  test('waits by operation id and reports the snapshot', async () => {
    const [id = ''] = await start('snap-1')
    const step = waitStep({ 'operation-id': id })
    await waitForSnapshots(step)
    expect(step.outputs).toMatchObject({
      state: 'completed',
      'snapshot-name': 'snap-1',
      'snapshot-names': '["snap-1"]',
      'snapshot-arn': expect.stringMatching(/^arn:/),
      'snapshot-arns': JSON.stringify([step.outputs['snapshot-arn']]),
    })
    expect(step.outputs['snapshots']).not.toContain('arn:')
    expect(JSON.parse(step.outputs['snapshots'] ?? '')).toMatchObject([
      {
        sourceType: 'disk',
        sourceName: 'shop-data',
        requestedName: 'shop-data',
        operationId: id,
        state: 'completed',
        sizeInGb: 32,
        region,
      },
    ])
    expect(step.summary).toEqual([
      expect.stringMatching(
        /^### :white_check_mark: Lightsail snapshot complete: 32 GB\n[\s\S]*\| disk shop-data \| \[snap-1\]/,
      ),
    ])
    expect(step.log.lines.at(-1)).toBe('1 snapshot complete')
  })

  test('accepts a JSON output of the first step, and waits once for each operation', async () => {
    const [first = ''] = await start('snap-1')
    const [second = ''] = await start('snap-2')
    const step = waitStep({ 'operation-id': JSON.stringify([second, first, second]) })
    await waitForSnapshots(step)
    expect(step.outputs['snapshot-names']).toBe('["snap-2","snap-1"]')
  })

  test('waits by name without requesting an operation', async () => {
    await start('snap-1')
    emulator.requests.length = 0
    const step = waitStep({ 'snapshot-name': 'snap-1' })
    await waitForSnapshots(step)
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['GetDiskSnapshot'])
    expect(JSON.parse(step.outputs['snapshots'] ?? '')).toMatchObject([
      { operationId: null, state: 'completed' },
    ])
  })

  test('draws a bar for each snapshot that it saw in progress', async () => {
    const step = waitStep({ 'snapshot-name': 'snap-1, snap-2, long-over' })
    const timed = await startFilledEmulator({ snapshotDurationMs: 20_000 }, () => step.clock.now())
    Object.assign(process.env, clientEnvironment(timed))
    for (const diskSnapshotName of ['snap-1', 'snap-2']) {
      await call(timed, 'CreateDiskSnapshot', { diskName: 'shop-data', diskSnapshotName })
    }
    const source = { type: 'disk', name: 'shop-data' } as const
    timed.region(region).putSnapshot({ name: 'long-over', source, createdAt: step.clock.now() - 86_400_000 })
    await waitForSnapshots(step)
    await timed.close()
    const bars = (step.summary[0] ?? '').split('\n').filter((line) => line.includes(' :done, '))
    expect(bars).toEqual([
      expect.stringMatching(/^ {2}snapshot snap-1, 2\ds :done, /),
      expect.stringMatching(/^ {2}snapshot snap-2, 2\ds :done, /),
    ])
  })

  test('fails if one snapshot is bad, and reports all', async () => {
    await start('snap-1')
    Object.assign(emulator.behaviour, { snapshotEnd: 'error' })
    await start('snap-2')
    const step = waitStep({ 'snapshot-name': 'snap-1, snap-2' })
    const failure = await failureOf(() => waitForSnapshots(step))
    expect(failure.message).toContain('"snap-2" failed')
    expect(step.outputs['state']).toBe('error')
    expect(step.summary[0]).toMatch(/^### :x: 1 of 2 Lightsail snapshots is not complete\n/)
    expect(step.summary[0]).toMatch(/snap-1.*completed[\s\S]*snap-2.*error/)
    // Both had finished before the first poll, at an unknown time.
    expect(step.summary[0]).not.toContain('mermaid')
    expect(failure.copyables.map(({ purpose }) => purpose)).toEqual(['Delete the failed snapshot'])
  })

  test('fails for an unknown operation id, and for an operation on another resource', async () => {
    expect(await messageOf({ 'operation-id': 'nope' })).toBe('There is no operation nope in eu-central-1.')
    const [, ofTheDisk = ''] = await start('snap-1')
    expect(await messageOf({ 'operation-id': ofTheDisk })).toContain('is on Disk "shop-data"')
  })

  test.each([
    [{}, 'give exactly one of the two'],
    [{ 'operation-id': 'x', 'snapshot-name': 'snap' }, 'give exactly one of the two'],
    [{ 'operation-id': '["x"' }, 'not a JSON array of strings'],
    [
      { 'operation-id': '["0a3a284c",null]' },
      'operation-id: "[\\"0a3a284c\\",null]" has a null: the operation of that snapshot could not be found. Give the output snapshot-names as snapshot-name instead.',
    ],
    [{ 'operation-id': '[null]' }, 'Give the output snapshot-names as snapshot-name instead'],
    [{ 'operation-id': '[1]' }, 'not a JSON array of strings'],
    [{ 'operation-id': 'a b' }, '"a b" is not an operation id'],
    [{ 'snapshot-name': 'x' }, '"x" is not a name that a snapshot can have'],
    [{ 'snapshot-name': 'snap', 'wait-timeout': '9' }, 'wait-timeout: "9" is a number without a unit'],
    [{ 'snapshot-name': 'snap', 'aws-region': 'x' }, 'aws-region: "x" is not a Region'],
  ])('refuses %j before anything is requested', async (inputs, message) => {
    expect(await messageOf(inputs)).toContain(message)
    expect(emulator.requests).toEqual([])
  })
})
