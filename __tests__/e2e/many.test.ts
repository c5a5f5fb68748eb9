// The built actions with several snapshots, with wait/, and when cancelled.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { describeWithSignals } from '../support/signals.js'

let emulator: Emulator
let offsetMs: number
beforeEach(async () => {
  offsetMs = 0
  emulator = await startFilledEmulator({}, () => Date.now() + offsetMs)
  emulator.region(region).addDisk('logs', 8, Date.now(), 'wordpress')
})
afterEach(() => emulator.close())

type Options = Parameters<typeof runBuiltAction>[2]
const take = (inputs: Record<string, string>, options: Options = {}) =>
  runBuiltAction(emulator, inputs, options)
const wait = (inputs: Record<string, string>, options: Options = {}) =>
  runBuiltAction(emulator, inputs, { ...options, action: 'wait' })
const parsed = (outputs: Readonly<Record<string, string>>, name: string) => JSON.parse(outputs[name] ?? '')
const operations = () => emulator.requests.map(({ operation }) => operation)

describe('several disks', () => {
  test('are taken side by side, and the outputs are in their order', async () => {
    const { exitCode, outputs, log } = await take({ 'disk-name': 'logs\nshop-data' })
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(parsed(outputs, 'snapshots')).toMatchObject([{ sourceName: 'logs' }, { sourceName: 'shop-data' }])
    expect(parsed(outputs, 'operation-ids')[0]).toBe(outputs['operation-id'])
    expect(log).toContain('All 2 snapshots are complete: 40 GB')
  })

  test('are all looked up before the first snapshot is taken', async () => {
    const { exitCode, errors } = await take({ 'disk-name': 'shop-data, nothing' })
    expect([exitCode, operations().filter((operation) => !/^GetDisks?$/.test(operation))]).toEqual([1, []])
    expect(errors[0]).toContain('There is no disk "nothing" in eu-central-1.')
  })

  test('are all reported if one fails, the failed one is named, and the step fails', async () => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'operation-failure', occurrences: [2] })
    const { exitCode, errors, outputs } = await take({ 'disk-name': 'shop-data, logs' })
    expect([exitCode, outputs['state']]).toEqual([1, 'error'])
    expect(errors).toEqual([expect.stringContaining('disk "logs"')])
    expect(parsed(outputs, 'snapshots')).toMatchObject([
      { sourceName: 'shop-data', state: 'completed' },
      { sourceName: 'logs', state: 'error', operationId: null },
    ])
  })

  test('that are attached to an instance are taken with it', async () => {
    const { outputs } = await take({ 'instance-name': 'wordpress', 'attached-disks': 'true' })
    expect(parsed(outputs, 'snapshots')).toMatchObject([
      { sourceType: 'instance', sourceName: 'wordpress', state: 'completed' },
      { sourceType: 'disk', sourceName: 'logs', state: 'completed' },
    ])
  })

  test('complete at a limit of two requests per second', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `disk-${index}`)
    for (const name of names) emulator.region(region).addDisk(name, 8, Date.now())
    emulator.behaviour.requestsPerSecond = 2
    const { exitCode, outputs } = await take({ 'disk-name': names.join(',') })
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(parsed(outputs, 'snapshot-names')).toHaveLength(10)
    expect(emulator.region(region).allSnapshots(Date.now())).toHaveLength(10)
  })
})

describe('wait/', () => {
  test.each(['operation-ids', 'operation-id'])('takes the output %s as it is', async (output) => {
    emulator.behaviour.snapshotDurationMs = 1500
    const { outputs } = await take({ 'disk-name': 'shop-data', wait: 'false' })
    const waited = await wait({ 'operation-id': outputs[output] ?? '' })
    expect(waited.exitCode).toBe(0)
    expect(waited.outputs).toEqual({
      state: 'completed',
      'snapshot-name': outputs['snapshot-name'],
      'snapshot-names': outputs['snapshot-names'],
      'snapshot-arn': expect.stringMatching(/^arn:aws:lightsail:/),
      'snapshot-arns': JSON.stringify([waited.outputs['snapshot-arn']]),
      snapshots: expect.any(String),
    })
    expect(parsed(waited.outputs, 'snapshots')).toMatchObject([
      { sourceType: 'disk', sourceName: 'shop-data', operationId: outputs['operation-id'], sizeInGb: 32 },
    ])
    expect(waited.summary).toContain('| disk shop-data | [shop-data-')
  })

  test('takes names, and succeeds only when every snapshot is complete', async () => {
    const { outputs } = await take({ 'disk-name': 'shop-data, logs', wait: 'false' })
    emulator.behaviour.snapshotEnd = 'stuck'
    const stuck = await take({ 'disk-name': 'logs', wait: 'false', 'snapshot-name': 'stuck-one' })
    const names = [...parsed(outputs, 'snapshot-names'), stuck.outputs['snapshot-name']]
    expect((await wait({ 'snapshot-name': outputs['snapshot-names'] ?? '' })).exitCode).toBe(0)
    const {
      exitCode,
      errors,
      outputs: waited,
    } = await wait({ 'snapshot-name': names.join('\n'), 'wait-timeout': '1s' })
    expect([exitCode, waited['state']]).toEqual([1, 'pending'])
    expect(errors[0]).toContain('Timed out after 1s: snapshot "stuck-one" is not complete')
    expect(errors[0]).not.toContain('shop-data')
  })

  test.each([
    [
      { 'operation-id': 'nope-1, nope-2' },
      'There is no operation nope-1, no operation nope-2 in eu-central-1.',
    ],
    [{}, 'operation-id: is missing, and so is snapshot-name'],
    [{ 'operation-id': 'x', 'snapshot-name': 'snap' }, 'is given together with snapshot-name'],
    [{ 'operation-id': 'a b', 'snapshot-name': '' }, '"a b" is not an operation id'],
    [{ 'snapshot-name': 'x' }, '"x" is not a name that a snapshot can have'],
  ])('refuses %j', async (inputs, message) => {
    const { exitCode, errors } = await wait(inputs)
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining(message)]])
  })

  test("refuses the source's operation", async () => {
    await take({ 'disk-name': 'shop-data', wait: 'false' })
    const ofTheDisk = emulator.region(region).allOperations(Date.now())[0]
    const { errors } = await wait({ 'operation-id': ofTheDisk?.id ?? '' })
    expect(errors[0]).toContain('is on Disk "shop-data", not on a snapshot')
  })

  test('gives a name that nothing has a minute to appear', async () => {
    const { exitCode, errors } = await wait({ 'snapshot-name': 'nothing-here', 'wait-timeout': '2s' })
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain(
      'Timed out after 2s: snapshot "nothing-here" is not complete (not visible yet)',
    )
  })

  test('fails within seconds if somebody deletes the snapshot during the wait', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'stuck', progress: 'none' })
    // By the emulator's clock it started two minutes ago: longer than a new snapshot may be missing.
    offsetMs = -120_000
    const { outputs } = await take({ 'disk-name': 'shop-data', wait: 'false' })
    offsetMs = 0
    const name = outputs['snapshot-name'] ?? ''
    let deletedAt = 0
    const inputs = { 'operation-id': outputs['operation-id'] ?? '', 'poll-interval': '1s' }
    const { exitCode, errors } = await wait(inputs, {
      onLine: (line) => {
        if (deletedAt > 0 || !line.includes('pending')) return
        deletedAt = performance.now()
        emulator.region(region).removeSnapshot(name)
      },
    })
    expect(performance.now() - deletedAt).toBeLessThan(12_000)
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain(`Snapshot "${name}" can't be found in eu-central-1 any more`)
    expect(errors[0]).toContain('It was deleted during the wait')
  })

  test('fails at once when a snapshot has failed', async () => {
    Object.assign(emulator.behaviour, {
      snapshotEnd: 'error',
      operationEnd: 'Failed',
      snapshotDurationMs: 200,
    })
    const { outputs } = await take({ 'disk-name': 'shop-data', wait: 'false' })
    const { exitCode, errors } = await wait({ 'operation-id': outputs['operation-id'] ?? '' })
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining('SnapshotCreationFailed')]])
  })
})

describeWithSignals('a cancelled step', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends within 5 seconds of %s, names what is running, keeps its outputs and deletes nothing',
    async (signal) => {
      emulator.behaviour.snapshotEnd = 'stuck'
      let cancelledAt = 0
      const { exitCode, errors, log, outputs, summary } = await take(
        { 'disk-name': 'shop-data, logs' },
        {
          onLine: (line, send) => {
            if (!line.includes('pending') || cancelledAt > 0) return
            cancelledAt = performance.now()
            send(signal)
          },
        },
      )
      expect(performance.now() - cancelledAt).toBeLessThan(5000)
      expect(exitCode).toBe(1)
      expect(errors).toHaveLength(1)
      for (const name of parsed(outputs, 'snapshot-names')) {
        expect(errors[0]).toContain(`cancelled while snapshot "${name}" was still running in Lightsail`)
        expect(log).toContain(`--disk-snapshot-name ${name}`)
      }
      expect(outputs['state']).toBe('pending')
      expect(summary).toContain('**What to do:**')
      expect(emulator.region(region).allSnapshots(Date.now())).toHaveLength(2)
    },
  )

  test('ends at once while a poll hangs', async () => {
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'hang', occurrences: 'all' })
    let cancelledAt = 0
    const { exitCode, errors } = await take(
      { 'disk-name': 'shop-data' },
      {
        onLine: (line, send) => {
          if (!line.startsWith('In the Lightsail console')) return
          setTimeout(() => {
            cancelledAt = performance.now()
            send('SIGINT')
          }, 2000)
        },
      },
    )
    expect(performance.now() - cancelledAt).toBeLessThan(5000)
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining('This step was cancelled')]])
  })

  test('gives a snapshot that is just being started time for its response', async () => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'hang-after', occurrences: 'all' })
    let cancelledAt = 0
    const { exitCode, errors, outputs } = await take(
      { 'disk-name': 'shop-data' },
      {
        onLine: (line, send) => {
          if (line !== '::endgroup::') return
          setTimeout(() => {
            cancelledAt = performance.now()
            send('SIGINT')
          }, 500)
        },
      },
    )
    const took = performance.now() - cancelledAt
    expect([took > 2500, took < 5000]).toEqual([true, true])
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('may have been started anyway')
    expect(outputs['snapshot-name']).toBe('shop-data-6d2f1a0-1658821493-1')
  })
})

test('a poll that hangs is aborted when wait-timeout runs out', async () => {
  emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'hang', occurrences: 'all' })
  const { exitCode, errors } = await take({ 'disk-name': 'shop-data', 'wait-timeout': '3s' })
  expect(exitCode).toBe(1)
  expect(errors[0]).toMatch(/The state of snapshot "shop-data-\S+" is unknown after [345]s/)
})
