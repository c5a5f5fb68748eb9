import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/server.js'
import { pruneSnapshots } from '../../src/prune/action.js'
import { pruneInputDefaults } from '../../src/prune/interface.js'
import { takeSnapshots } from '../../src/snapshot/action.js'
import { putPastSnapshot, snapshotNames } from '../support/account.js'
import { clientEnvironment, region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { exampleStep, type KeptStep } from '../support/step.js'

const environmentBefore = { ...process.env }
let emulator: Emulator

beforeEach(async () => {
  emulator = await startFilledEmulator()
  Object.assign(process.env, clientEnvironment(emulator))
})
afterEach(async () => {
  process.env = { ...environmentBefore }
  await emulator.close()
})

/** The action's own clock is that of the example; the account's past is counted from there. */
function put(name: string, days: number, changes: Omit<Parameters<typeof putPastSnapshot>[2], 'days'> = {}) {
  putPastSnapshot(emulator, name, { days, ...changes }, exampleStep().clock.now())
}

function pruneStep(inputs: Record<string, string>): KeptStep {
  return exampleStep({ ...pruneInputDefaults, 'disk-name': 'shop-data', ...inputs })
}

const list = (step: KeptStep, output: string): unknown => JSON.parse(step.outputs[output] ?? 'null')
const deletions = () => emulator.requests.filter(({ operation }) => operation === 'DeleteDiskSnapshot')

describe('the recipe of prune/', () => {
  test('deletes what no rule keeps, over all pages of the list', async () => {
    emulator.behaviour.pageSize = 2
    for (const days of [1, 2, 3, 4, 5]) put(`day-${days}`, days)
    put('pinned', 9, { tags: [{ key: 'keep' }] })
    put('foreign', 9, { repository: 'octo-org/other' })
    put('logs', 9, { disk: 'logs' })
    put('pending', 9, { state: 'pending' })
    put('failed', 9, { state: 'error' })
    const step = pruneStep({ 'keep-last': '2', 'keep-within': '60h' })
    await pruneSnapshots(step)
    expect(snapshotNames(emulator)).toEqual(['day-1', 'day-2', 'foreign', 'logs', 'pending', 'pinned'])
    expect(list(step, 'deleted-snapshots')).toEqual(['day-3', 'day-4', 'day-5', 'failed'])
    expect(list(step, 'kept-snapshots')).toEqual(['day-1', 'day-2', 'pinned', 'pending'])
    expect(step.log.lines).toContain('group: Retention: 4 of 8 snapshots to delete, up to 128 GB')
    expect(step.log.lines.join('\n')).toMatch(/stays {2}pinned \(2026-11-13T.*, 32 GB\): has the tag keep/)
    expect(step.log.lines.at(-1)).toBe(
      'Deleted 4 snapshots, up to 128 GB; of these sources this repository has 4 left, up to 128 GB, at most about $6.40 a month',
    )
    expect(step.summary[0]).toMatch(
      /^### :white_check_mark: 4 Lightsail snapshots deleted, 4 left\n\nDeleted 4 snapshots \(up to 128 GB\)\. Of these sources this repository has 4 left \(up to 128 GB\), at most about <span>\$<\/span>6\.40 a month\.\n\n\| Source \|/,
    )
    expect(step.summary[0]).toMatch(
      /\| disk shop-data \| day-3 \| .* \| 32 GB \| deleted \| no rule keeps it \|/,
    )
  })

  test('sends one request a page and one a deletion', async () => {
    emulator.behaviour.pageSize = 5
    for (let days = 1; days <= 12; days += 1) put(`day-${days}`, days)
    await pruneSnapshots(pruneStep({ 'keep-last': '8' }))
    expect(emulator.requests.map(({ operation }) => operation)).toEqual([
      ...Array<string>(3).fill('GetDiskSnapshots'),
      ...Array<string>(4).fill('DeleteDiskSnapshot'),
    ])
  })

  test('shows the same in a dry run, and deletes nothing', async () => {
    for (const days of [1, 2]) put(`day-${days}`, days)
    const step = pruneStep({ 'keep-last': '1', 'dry-run': 'true' })
    await pruneSnapshots(step)
    expect(deletions()).toEqual([])
    expect(list(step, 'deleted-snapshots')).toEqual([])
    expect(list(step, 'kept-snapshots')).toEqual(['day-1', 'day-2'])
    expect(step.log.lines).toContain('group: Retention: 1 of 2 snapshots would be deleted, up to 32 GB')
    expect(step.summary[0]).toContain('| would go | no rule keeps it |')
    expect(step.summary[0]).toMatch(
      /^### :mag: Dry run: 1 Lightsail snapshot would be deleted, 1 left\n\nWould delete 1 snapshot \(up to 32 GB\)\. Of those there are now, 1 would be left \(up to 32 GB\)/,
    )
  })

  test('judges each of several disks by itself', async () => {
    for (const days of [1, 2]) put(`shop-${days}`, days)
    for (const days of [8, 9]) put(`logs-${days}`, days, { disk: 'logs' })
    await pruneSnapshots(pruneStep({ 'disk-name': 'shop-data, logs', 'keep-last': '1' }))
    expect(snapshotNames(emulator)).toEqual(['logs-8', 'shop-1'])
  })

  test('warns of a disk that has no snapshot of this repository: its name may be misspelled', async () => {
    put('day-1', 1)
    const step = pruneStep({ 'disk-name': 'shop-data, shop-dota', 'keep-last': '1' })
    await pruneSnapshots(step)
    expect(step.log.lines.filter((line) => line.startsWith('warning: '))).toEqual([
      expect.stringContaining('There is no snapshot of disk "shop-dota" that this repository took'),
    ])
  })

  test('fails when one could not be deleted, after the others were tried', async () => {
    for (const days of [1, 2, 3, 4]) put(`day-${days}`, days)
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'operation-failure', occurrences: [1] })
    const step = pruneStep({ 'keep-last': '1' })
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toMatch(/^1 snapshot could not be deleted: "day-2"\. .*OperationFailureException/)
    expect(list(step, 'deleted-snapshots')).toEqual(['day-3', 'day-4'])
    expect(step.summary[0]).toContain('| not deleted |')
    expect(step.summary[0]).toMatch(/^### :x: 1 of 3 Lightsail snapshots not deleted\n/)
  })

  test('survives throttling and a lost answer', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'throttle', occurrences: [1] })
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'internal-error-after', occurrences: [2] })
    const step = pruneStep({ 'keep-last': '1' })
    await pruneSnapshots(step)
    expect(list(step, 'deleted-snapshots')).toEqual(['day-2', 'day-3'])
    expect(snapshotNames(emulator)).toEqual(['day-1'])
  })

  test('may not delete: one error with the permission that is missing', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'access-denied', occurrences: 'all' })
    const failure = await failureOf(() => pruneSnapshots(pruneStep({ 'keep-last': '1' })))
    expect(failure.message).toContain('2 snapshots could not be deleted: "day-2", "day-3".')
    expect(failure.advice).toContain('Add lightsail:DeleteDiskSnapshot to the policy')
  })

  test('deletes nothing more once it is cancelled', async () => {
    for (const days of [1, 2]) put(`day-${days}`, days)
    const cancelled = new AbortController()
    const step = { ...pruneStep({ 'keep-last': '1' }), signal: cancelled.signal }
    const group = step.log.group
    step.log.group = (title, lines) => {
      cancelled.abort()
      group(title, lines)
    }
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toContain('cancelled before everything')
    expect(snapshotNames(emulator)).toEqual(['day-1', 'day-2'])
  })

  test.each<[Record<string, string>, string]>([
    [{}, 'keep-last: is missing, and so is keep-within: give at least one of the two'],
    [{ 'keep-last': '0' }, 'keep-last: "0" is not a number of snapshots to keep: a whole number, 1 or more'],
    [{ 'keep-last': '-1' }, 'keep-last: "-1" is not a number'],
    [{ 'keep-last': '1.5' }, 'keep-last: "1.5" is not a number'],
    [{ 'keep-last': '5', 'keep-within': '14' }, 'keep-within: "14" is a number without a unit'],
    [{ 'keep-last': '5', 'dry-run': 'yes' }, 'dry-run: "yes" is not a boolean'],
    [{ 'keep-last': '5', 'disk-name': '' }, 'disk-name: is missing, and so is instance-name'],
  ])('asks for nothing where the inputs are %j', async (inputs, problem) => {
    const failure = await failureOf(() => pruneSnapshots(pruneStep(inputs)))
    expect(failure.message).toContain(problem)
    expect(emulator.requests).toEqual([])
  })
})

describe('keep-last and keep-within of the root action', () => {
  const inputs = { 'disk-name': 'shop-data', 'keep-last': '2' }

  test('let old snapshots go once the new one is complete, which stays', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    const step = exampleStep(inputs)
    await takeSnapshots(step)
    expect(snapshotNames(emulator)).toEqual(['day-1', 'shop-data-0123456-1658821493-1'])
    expect(list(step, 'deleted-snapshots')).toEqual(['day-2', 'day-3'])
    expect(step.summary[0]).toContain('#### Retention')
    expect(step.log.lines.join('\n')).toContain('just taken')
  })

  test('delete nothing where the new snapshot is not good', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.behaviour.snapshotEnd = 'error'
    const step = exampleStep(inputs)
    await failureOf(() => takeSnapshots(step))
    expect([deletions(), list(step, 'deleted-snapshots')]).toEqual([[], []])
  })

  test('are a warning and no failure where a snapshot can not be deleted, or not be listed', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'access-denied', occurrences: 'all' })
    const step = exampleStep(inputs)
    await takeSnapshots(step)
    expect(step.outputs['state']).toBe('completed')
    expect(step.log.lines.join('\n')).toMatch(/warning: 2 snapshots could not be deleted: "day-2", "day-3"/)
    emulator.faults.add({ operation: 'GetDiskSnapshots', fault: 'access-denied', occurrences: 'all' })
    const again = exampleStep({ ...inputs, 'snapshot-name': 'another' })
    await takeSnapshots(again)
    expect(again.log.lines.join('\n')).toMatch(/warning: Not allowed: lightsail:GetDiskSnapshots/)
  })

  test('show in a dry run what would go, the new one counted, and delete nothing', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    const step = exampleStep({ ...inputs, 'dry-run': 'true' })
    await takeSnapshots(step)
    expect(step.log.lines).toContain('group: Retention: 2 of 3 snapshots would be deleted, up to 64 GB')
    expect(deletions()).toEqual([])
  })

  test('need wait: true', async () => {
    const failure = await failureOf(() => takeSnapshots(exampleStep({ ...inputs, wait: 'false' })))
    expect(failure.message).toContain('wait: must be true with keep-last or keep-within')
    expect(emulator.requests).toEqual([])
  })

  test('keep what another disk has', async () => {
    emulator.region(region).addDisk('logs', 8, Date.now())
    for (const days of [1, 2, 3]) put(`logs-${days}`, days, { disk: 'logs' })
    await takeSnapshots(exampleStep(inputs))
    expect(deletions()).toEqual([])
  })
})
