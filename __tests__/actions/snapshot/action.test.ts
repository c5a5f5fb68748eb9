import { describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../../emulator/service/server.js'
import { takeSnapshots } from '../../../src/actions/snapshot/action.js'
import { region, startFilledEmulator } from '../../support/emulated.js'
import { failureOf } from '../../support/failure.js'
import { FakeClock } from '../../support/fake-clock.js'
import { exampleStep, type KeptStep } from '../../support/step.js'
import { useEmulator } from '../../support/use-emulator.js'

let emulator: Emulator
/** The emulator's clock. */
let time: FakeClock

useEmulator(async () => {
  time = new FakeClock()
  emulator = await startFilledEmulator({}, () => time.now())
  return emulator
})

function records(step: KeptStep): unknown {
  return JSON.parse(step.outputs['snapshots'] ?? '')
}

describe('the root action', () => {
  test('takes the snapshot, waits for it and reports it', async () => {
    const step = exampleStep({ 'disk-name': 'shop-data' })
    await takeSnapshots(step)
    expect(step.outputs['state']).toBe('completed')
    expect(records(step)).toEqual([
      {
        sourceType: 'disk',
        snapshotType: 'disk',
        sourceName: 'shop-data',
        requestedName: 'shop-data',
        snapshotName: 'shop-data-0123456-1658821493-1',
        operationId: step.outputs['operation-id'],
        state: 'completed',
        consistency: 'crash',
        progress: '100%',
        sizeInGb: 32,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        region,
        adopted: false,
      },
    ])
    expect(step.outputs['snapshot-arn']).toMatch(/^arn:aws:lightsail:/)
    expect(JSON.parse(step.outputs['snapshot-arns'] ?? '')).toEqual([step.outputs['snapshot-arn']])
    expect(step.outputs['snapshots']).not.toContain('123456789012')
    expect(step.summary).toEqual([expect.stringContaining('| disk shop-data |')])
    expect(step.log.lines.at(-1)).toBe('Snapshot "shop-data-0123456-1658821493-1" is complete: 32 GB in 1s')
  })

  test('looks the disk up and sends only one more request with wait: false', async () => {
    const step = exampleStep({ 'disk-name': 'shop-data', wait: 'false' })
    await takeSnapshots(step)
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['GetDisk', 'CreateDiskSnapshot'])
    expect(step.outputs).toMatchObject({ state: 'pending', 'snapshot-arn': '', 'snapshot-arns': '[]' })
    expect(step.log.lines.at(-1)).toContain('not waiting for it to complete')
  })

  test('fails at once, even with wait: false, if the response has a failed operation', async () => {
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
    expect(step.outputs).toMatchObject({ state: 'error', 'operation-id': '', 'operation-ids': '[]' })
    expect(records(step)).toMatchObject([{ sourceName: 'nothing', state: 'error', operationId: null }])
    expect(step.clock.elapsed).toBe(0)
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

  test('takes a snapshot of each disk, after checking that all of them exist', async () => {
    emulator.region(region).addDisk('logs', 8, time.now(), 'shop')
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'throttle', occurrences: [1] })
    const step = { ...exampleStep({ 'disk-name': 'shop-data, logs' }), random: () => 0 }
    await takeSnapshots(step)
    const operations = emulator.requests.map(({ operation }) => operation)
    expect(operations.slice(0, 3)).toEqual(['GetDisks', 'CreateDiskSnapshot', 'CreateDiskSnapshot'])
    expect(operations.indexOf('GetDisk')).toBe(-1)
    expect(JSON.parse(step.outputs['snapshot-names'] ?? '')).toEqual([
      'shop-data-0123456-1658821493-1',
      'logs-0123456-1658821493-1',
    ])
    expect(records(step)).toMatchObject([{ sourceName: 'shop-data' }, { sourceName: 'logs' }])
    expect(step.log.lines.at(-1)).toBe('All 2 snapshots are complete: 40 GB in 2s')
  })

  test("takes no snapshot if one of several disks doesn't exist", async () => {
    const step = exampleStep({ 'disk-name': 'shop-data, nothing, nil' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toBe('There is no disk "nothing", no disk "nil" in eu-central-1.')
    expect(new Set(emulator.requests.map(({ operation }) => operation))).toEqual(
      new Set(['GetDisks', 'GetDisk']),
    )
    expect(step.outputs).toMatchObject({ state: 'error', 'snapshot-names': '[]', 'operation-ids': '[]' })
    expect(records(step)).toMatchObject([{ state: 'error' }, { state: 'error' }, { state: 'error' }])
    expect(step.summary[0]).toContain(':x: 3 of 3 Lightsail snapshots were not taken')
  })

  test('takes snapshots of the disks attached to an instance too', async () => {
    emulator.region(region).addDisk('logs', 8, time.now(), 'wordpress')
    const step = exampleStep({ 'instance-name': 'wordpress', 'attached-disks': 'true' })
    await takeSnapshots(step)
    expect(records(step)).toMatchObject([
      { sourceType: 'instance', sourceName: 'wordpress', sizeInGb: 60 },
      { sourceType: 'disk', sourceName: 'logs', sizeInGb: 8 },
    ])
  })

  test('takes nothing if two disks would get the same snapshot name', async () => {
    emulator.region(region).addDisk('logs', 8, time.now(), 'wordpress')
    const inputs = {
      'instance-name': 'wordpress',
      'attached-disks': 'true',
      'snapshot-name': 'before-{{sha7}}',
    }
    const failure = await failureOf(() => takeSnapshots(exampleStep(inputs)))
    expect(failure.message).toContain('makes the name "before-0123456" for more than one source')
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['GetInstance', 'GetDisk'])
  })

  test("reports the good snapshots if one can't be taken, and the error names only that one", async () => {
    emulator.region(region).addDisk('logs', 8, time.now(), 'shop')
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'operation-failure', occurrences: [2] })
    const step = exampleStep({ 'disk-name': 'shop-data, logs' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toContain('disk "logs"')
    expect(failure.message).not.toContain('disk "shop-data"')
    expect(step.outputs['state']).toBe('error')
    expect(records(step)).toMatchObject([
      { sourceName: 'shop-data', state: 'completed' },
      { sourceName: 'logs', state: 'error', operationId: null },
    ])
    expect(step.summary[0]).toMatch(/disk shop-data .* completed [\s\S]*disk logs .* not taken/)
  })

  test("leaves the first source's outputs empty if its snapshot can't be taken", async () => {
    emulator.region(region).addDisk('logs', 8, time.now(), 'shop')
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'operation-failure', occurrences: [1] })
    const step = exampleStep({ 'disk-name': 'shop-data, logs' })
    await failureOf(() => takeSnapshots(step))
    expect(step.outputs).toMatchObject({
      'operation-id': '',
      'snapshot-name': '',
      'snapshot-arn': '',
      'snapshot-names': '["logs-0123456-1658821493-1"]',
      'operation-ids': expect.stringMatching(/^\["[\w-]+"\]$/),
    })
  })

  test('sets the outputs of started snapshots before the others are started', async () => {
    emulator.region(region).addDisk('logs', 8, time.now(), 'shop')
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'throttle', occurrences: [1] })
    const step = exampleStep({ 'disk-name': 'shop-data, logs' })
    const given: string[] = []
    const setOutput = step.setOutput
    await takeSnapshots({
      ...step,
      setOutput: (name, value) => {
        if (name === 'snapshot-names') given.push(value)
        setOutput(name, value)
      },
    })
    expect(given[0]).toBe('["logs-0123456-1658821493-1"]')
    expect(given[1]).toBe('["shop-data-0123456-1658821493-1","logs-0123456-1658821493-1"]')
  })

  test('names every instance that does not exist, and takes nothing', async () => {
    const inputs = { 'instance-name': 'nope, wordpress, nil', 'attached-disks': 'true' }
    const failure = await failureOf(() => takeSnapshots(exampleStep(inputs)))
    expect(failure.message).toBe('There is no instance "nope", no instance "nil" in eu-central-1.')
    expect(failure.advice).toContain('No snapshot was taken.')
  })

  test('starts nothing if it is cancelled before a retry', async () => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'throttle', occurrences: [1] })
    const cancelled = new AbortController()
    const step = exampleStep({ 'disk-name': 'shop-data' }, { signal: cancelled.signal })
    step.clock.sleep = async (_, signal) => {
      cancelled.abort()
      signal?.throwIfAborted()
    }
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toContain(
      'cancelled before snapshot "shop-data-0123456-1658821493-1" was started',
    )
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['GetDisk', 'CreateDiskSnapshot'])
  })

  test('starts nothing if it is cancelled before the first request', async () => {
    const step = exampleStep({ 'disk-name': 'shop-data' }, { signal: AbortSignal.abort() })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toContain(
      'cancelled before snapshot "shop-data-0123456-1658821493-1" was started',
    )
    expect(emulator.requests).toEqual([])
  })

  test('warns if the credentials are known to expire before wait-timeout', async () => {
    process.env['AWS_CREDENTIAL_EXPIRATION'] = new Date(exampleStep().clock.now() + 600_000).toISOString()
    const expiring = exampleStep({ 'disk-name': 'shop-data' })
    await takeSnapshots(expiring)
    expect(expiring.log.lines[0]).toMatch(
      /^warning: The AWS credentials of this job expire in 10m, before wait-timeout \(1h\) runs out/,
    )
    const short = exampleStep({ 'disk-name': 'shop-data', 'snapshot-name': 'short', 'wait-timeout': '9m' })
    await takeSnapshots(short)
    expect(short.log.lines.join()).not.toContain('warning')
  })

  test('fails with one error if the credentials expire during the wait, and says how to continue', async () => {
    emulator.behaviour.snapshotEnd = 'stuck'
    emulator.region(region).addDisk('logs', 8, time.now(), 'shop')
    emulator.faults.add({ operation: 'GetDiskSnapshots', fault: 'expired-token', occurrences: 'all' })
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'expired-token', occurrences: 'all' })
    const step = exampleStep({ 'disk-name': 'shop-data, logs', 'snapshot-name': '{{source}}-x' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toMatch(
      /^The AWS credentials of this job expired after \d+s, before snapshots "shop-data-x", "logs-x" were complete\.$/,
    )
    expect(failure.advice).toMatch(
      /They may still be running in Lightsail.*aws-actions\/configure-aws-credentials.*wait\//,
    )
    expect(step.outputs).toMatchObject({ state: 'pending', 'operation-id': expect.stringMatching(/.+/) })
  })

  test('fails at wait-timeout and sets the outputs that it knows', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'stuck' })
    const step = exampleStep({ 'disk-name': 'shop-data', 'wait-timeout': '2m' })
    const failure = await failureOf(() => takeSnapshots(step))
    expect(failure.message).toMatch(/^Timed out after 2m: snapshot ".+" is not complete \(pending/)
    expect(step.clock.elapsed).toBe(120_000)
    expect(step.outputs).toMatchObject({ state: 'pending', 'snapshot-arn': expect.stringMatching(/^arn:/) })
  })
})
