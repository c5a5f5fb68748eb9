// The job summary: the result, the timeline, the retention and, after a failure, what to copy.
import { describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../../emulator/service/server.js'
import { takeSnapshots } from '../../../src/actions/snapshot/action.js'
import { region, startFilledEmulator } from '../../support/emulated.js'
import { failureOf } from '../../support/failure.js'
import { exampleRun, exampleStep, type KeptStep } from '../../support/step.js'
import { useEmulator } from '../../support/use-emulator.js'

let emulator: Emulator
let step: KeptStep

useEmulator(async () => {
  step = exampleStep()
  emulator = await startFilledEmulator({}, () => step.clock.now())
  emulator.region(region).addDisk('logs', 8, step.clock.now())
  return emulator
})

async function summaryOf(inputs: Record<string, string>, runAttempt = '1'): Promise<string> {
  step = exampleStep(inputs, { run: exampleRun({ runAttempt }) })
  await takeSnapshots(step)
  return step.summary.join('')
}

async function copiedAfter(
  inputs: Record<string, string>,
  runAttempt = '1',
): Promise<Record<string, string>> {
  step = exampleStep(inputs, { run: exampleRun({ runAttempt }) })
  const { copyables } = await failureOf(() => takeSnapshots(step))
  return Object.fromEntries(copyables.map(({ purpose, text }) => [purpose, text]))
}

const title = (summary: string) => summary.split('\n')[0]
const two = { 'disk-name': 'shop-data, logs' }
const [name, logsName] = ['shop-data-0123456-1658821493-1', 'logs-0123456-1658821493-1']

describe('the heading of the summary', () => {
  test.each<[Record<string, string>, string]>([
    [{ 'disk-name': 'shop-data' }, ':white_check_mark: Lightsail snapshot complete: 32 GB in 1s'],
    [two, ':white_check_mark: 2 Lightsail snapshots complete: 40 GB in 1s'],
    [{ ...two, wait: 'false' }, ':hourglass_flowing_sand: 2 Lightsail snapshots started, not waited for'],
    [{ ...two, 'dry-run': 'true' }, ':mag: Dry run: 2 Lightsail snapshots would be taken'],
  ])('is the result with %j', async (inputs, result) => {
    expect(title(await summaryOf(inputs))).toBe(`### ${result}`)
  })

  test.each<[Record<string, string>, string]>([
    [{ 'disk-name': 'nothing' }, ':x: The Lightsail snapshot was not taken'],
    [two, ':x: 2 of 2 Lightsail snapshots are not complete'],
    [{ ...two, wait: 'false' }, ':x: 2 of 2 Lightsail snapshots failed'],
  ])('is the result of a failure with %j', async (inputs, result) => {
    Object.assign(emulator.behaviour, { operationEnd: 'Failed', snapshotEnd: 'error' })
    step = exampleStep(inputs)
    await failureOf(() => takeSnapshots(step))
    expect(title(step.summary.join(''))).toBe(`### ${result}`)
  })
})

test('the heading says that the result is unknown if the snapshot may have been started anyway', async () => {
  step = exampleStep({ 'disk-name': 'shop-data', wait: 'false' })
  for (const operation of ['CreateDiskSnapshot', 'GetDiskSnapshot']) {
    emulator.faults.add({ operation, fault: 'internal-error', occurrences: 'all' })
  }
  await failureOf(() => takeSnapshots(step))
  expect(title(step.summary.join(''))).toBe('### :x: The Lightsail snapshot is not known to be good')
})

test('the heading of an adopted snapshot leaves out its unknown duration', async () => {
  const fixed = { 'disk-name': 'shop-data', 'snapshot-name': 'fixed' }
  await summaryOf(fixed)
  expect(title(await summaryOf(fixed, '2'))).toBe('### :white_check_mark: Lightsail snapshot complete: 32 GB')
})

describe('the timeline of the summary', () => {
  test('has a bar for each snapshot, from its request to its end', async () => {
    Object.assign(emulator.behaviour, { snapshotMsPerGb: 1000 })
    const summary = await summaryOf(two)
    expect(summary).toContain('```mermaid\n')
    const bars = summary.split('\n').filter((line) => line.includes(' :done, '))
    const lengths = bars.map((line) => {
      const [, start = '', end = ''] = line.split(', ').slice(1)
      return [line.trim().split(',')[0], (Date.parse(`${end}Z`) - Date.parse(`${start}Z`)) / 1000]
    })
    expect(lengths).toEqual([
      ['disk shop-data', expect.any(Number)],
      ['disk logs', expect.any(Number)],
    ])
    expect(Number(lengths[0]?.[1])).toBeGreaterThanOrEqual(32)
    expect(Number(lengths[1]?.[1])).toBeLessThan(20)
  })

  test('leaves out adopted snapshots, and is missing with wait: false', async () => {
    const fixed = { ...two, 'snapshot-name': '{{source}}-fixed' }
    expect(await summaryOf({ ...fixed, wait: 'false' })).not.toContain('mermaid')
    step.clock.elapsed += 3_600_000
    expect(await summaryOf(fixed, '2')).not.toContain('mermaid')
  })
})

test("retention counts only this repository's snapshots of these disks, and shows at most 300 of them", async () => {
  const source = { type: 'disk', name: 'shop-data' } as const
  const ours = { 'managed-by': 'lightsail-disk-snapshot', repository: 'octo-org/web-shop' }
  const tags = Object.entries(ours).map(([key, value]) => ({ key, value }))
  const account = emulator.region(region)
  account.putSnapshot({ name: 'of-logs', source: { type: 'disk', name: 'logs' }, createdAt: 0, tags })
  for (let number = 1; number <= 310; number += 1) {
    const createdAt = step.clock.now() - number * 60_000
    account.putSnapshot({ name: `old-${number}`, source, createdAt, tags })
  }
  const summary = await summaryOf({ 'disk-name': 'shop-data', 'keep-last': '305' })
  expect(summary).toContain("Deleted 6 snapshots (up to 192 GB); 305 of this repository's snapshots remain")
  expect(summary).toContain('11 more snapshots in the log.')
  expect(summary.split('\n').filter((line) => line.includes('| deleted |'))).toHaveLength(6)
})

test('retention says how much was deleted and remains, and what that costs a month', async () => {
  const source = { type: 'disk', name: 'shop-data' } as const
  const ours = { 'managed-by': 'lightsail-disk-snapshot', repository: 'octo-org/web-shop' }
  const tags = Object.entries(ours).map(([key, value]) => ({ key, value }))
  for (const old of ['a1', 'a2', 'a3']) {
    emulator.region(region).putSnapshot({ name: old, source, createdAt: step.clock.now() - 86_400_000, tags })
  }
  const summary = await summaryOf({ 'disk-name': 'shop-data', 'keep-last': '2' })
  expect(summary).toContain(
    "#### Retention\n\nDeleted 2 snapshots (up to 64 GB); 2 of this repository's snapshots remain (up to 64 GB, about <span>$</span>3.20 a month at most).",
  )
})

describe('a failure offers to copy', () => {
  test('the wait step and the command that shows each snapshot, after a timeout', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'stuck' })
    const copied = await copiedAfter({ ...two, 'wait-timeout': '1m' })
    const look = `aws lightsail get-disk-snapshot --region ${region} --disk-snapshot-name`
    expect(copied['Show the snapshot']).toBe(`${look} ${name}\n${look} ${logsName}`)
    const ids: string[] = JSON.parse(step.outputs['operation-ids'] ?? '')
    expect(ids).toHaveLength(2)
    expect(copied['Keep waiting in a separate step, in this workflow or another']).toContain(
      `    operation-id: |\n      ${ids.join('\n      ')}\n    aws-region: ${region}`,
    )
  })

  test('the commands that delete the failed snapshot and rerun the job', async () => {
    const behaviour = { snapshotDurationMs: 5000, operationEnd: 'Failed', snapshotEnd: 'error' }
    Object.assign(emulator.behaviour, behaviour)
    expect(await copiedAfter({ 'disk-name': 'shop-data' })).toEqual({
      'Delete the failed snapshot': `aws lightsail delete-disk-snapshot --region ${region} --disk-snapshot-name ${name}`,
      'Rerun the failed jobs': 'gh run rerun 1658821493 --failed --repo octo-org/web-shop',
    })
  })

  test('no delete command if only the operation failed, because the snapshot may be a different, good one', async () => {
    Object.assign(emulator.behaviour, { operationEnd: 'Failed', snapshotDurationMs: 5000 })
    const copied = await copiedAfter({ 'disk-name': 'shop-data' })
    expect(Object.keys(copied)).toEqual(['Show the snapshot', 'Rerun the failed jobs'])
    expect(step.log.lines.join('\n')).not.toContain('delete-disk-snapshot')
  })

  test('the missing policy statement', async () => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'access-denied', occurrences: 'all' })
    const copied = await copiedAfter({ 'disk-name': 'shop-data' })
    expect(JSON.parse(copied["Add this statement to the role's policy"] ?? '')).toEqual({
      Effect: 'Allow',
      Action: ['lightsail:CreateDiskSnapshot', 'lightsail:TagResource'],
      Resource: '*',
    })
  })

  test('a unique snapshot-name if the name is already in use', async () => {
    await summaryOf({ 'disk-name': 'shop-data', 'snapshot-name': 'fixed' })
    const copied = Object.values(await copiedAfter({ 'disk-name': 'logs', 'snapshot-name': 'fixed' }))
    expect(copied).toEqual(['snapshot-name: "{{source}}-{{sha7}}-{{job}}-{{run_id}}-{{run_attempt}}"'])
  })

  test('the steps that renew expired credentials and keep waiting', async () => {
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'expired-token', occurrences: 'all' })
    const copied = Object.values(await copiedAfter({ 'disk-name': 'shop-data' }))
    expect(copied).toEqual([
      expect.stringMatching(
        /id-token: write[\s\S]*configure-aws-credentials@v6[\s\S]*aws-region: eu-central-1/,
      ),
      expect.stringContaining('/wait@v1'),
    ])
  })

  test('the command that deletes a failed snapshot with the same name', async () => {
    Object.assign(emulator.behaviour, { operationEnd: 'Failed', snapshotEnd: 'error' })
    const fixed = { 'disk-name': 'shop-data', 'snapshot-name': 'fixed' }
    await copiedAfter(fixed)
    expect(await copiedAfter(fixed, '2')).toEqual({
      'Delete the failed snapshot': `aws lightsail delete-disk-snapshot --region ${region} --disk-snapshot-name fixed`,
    })
  })

  test('the missing policy statement and the wait step, if polling is denied', async () => {
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'access-denied', occurrences: 'all' })
    const copied = Object.values(await copiedAfter({ 'disk-name': 'shop-data' }))
    expect(copied).toEqual([
      expect.stringContaining('"Action": ["lightsail:GetDiskSnapshot"]'),
      expect.stringContaining('/wait@v1'),
    ])
  })
})
