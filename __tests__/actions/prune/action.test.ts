import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../../emulator/service/server.js'
import { pruneSnapshots } from '../../../src/actions/prune/action.js'
import { takeSnapshots } from '../../../src/actions/snapshot/action.js'
import { actionMetadata } from '../../../src/github/action-metadata.js'
import { type Past, putPastSnapshot, snapshotNames } from '../../support/account.js'
import { region, startFilledEmulator } from '../../support/emulated.js'
import { failureOf } from '../../support/failure.js'
import { FakeClock } from '../../support/fake-clock.js'
import { exampleStep, type KeptStep } from '../../support/step.js'
import { useEmulator } from '../../support/use-emulator.js'

const day = 86_400_000
let emulator: Emulator
/** The clock of the step, and of the service unless a test sets another. */
let clock: FakeClock
let serviceNow: () => number

useEmulator(async () => {
  clock = new FakeClock()
  serviceNow = () => clock.now()
  emulator = await startFilledEmulator({}, () => serviceNow())
  return emulator
})

function put(name: string, days: number, changes: Omit<Past, 'days'> = {}) {
  putPastSnapshot(emulator, name, { days, ...changes }, serviceNow())
}

function pruneStep(inputs: Record<string, string>): KeptStep {
  return rootStep({ ...actionMetadata.prune.inputs, 'disk-name': 'shop-data', ...inputs })
}

function rootStep(inputs: Record<string, string>): KeptStep {
  return { ...exampleStep(inputs), clock }
}

const list = (step: KeptStep, output: string): unknown => JSON.parse(step.outputs[output] ?? 'null')
const requests = (wanted: string) => emulator.requests.filter(({ operation }) => operation === wanted)
const deletions = () => requests('DeleteDiskSnapshot')
const warnings = (step: KeptStep) => step.log.lines.filter((line) => line.startsWith('warning: '))

describe('prune/', () => {
  test('deletes what no rule keeps, from all pages of the list', async () => {
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
    expect(step.log.lines.join('\n')).toMatch(/keep {4}pinned \(2026-11-13T.*, 32 GB\): has the tag keep/)
    expect(step.log.lines.at(-1)).toBe(
      "Deleted 4 snapshots (up to 128 GB); 4 of this repository's snapshots remain (up to 128 GB, about $6.40 a month at most)",
    )
    expect(step.summary[0]).toMatch(
      /^### :white_check_mark: 4 Lightsail snapshots deleted, 4 kept\n\nDeleted 4 snapshots \(up to 128 GB\); 4 of this repository's snapshots remain \(up to 128 GB, about <span>\$<\/span>6\.40 a month at most\)\. 2 more snapshots that this action took are not covered by this step's rules \(named in the log\)\.\n\n\| Source \|/,
    )
    expect(step.summary[0]).toMatch(
      /\| disk shop-data \| day-3 \| .* \| 32 GB \| deleted \| no rule keeps it \|/,
    )
  })

  test('looks the disk up, reads the list twice, and rereads each snapshot before its deletion', async () => {
    emulator.behaviour.pageSize = 5
    emulator.region(region).removeDisk('shop-data')
    emulator.region(region).addDisk('shop-data', 32, clock.now(), 'wordpress')
    for (let days = 1; days <= 12; days += 1) put(`day-${days}`, days)
    await pruneSnapshots(pruneStep({ 'keep-last': '8' }))
    const sent = emulator.requests.map(({ operation }) => operation)
    expect(sent.slice(0, 8)).toEqual([
      'GetDisk',
      ...Array<string>(6).fill('GetDiskSnapshots'),
      // Alone, before any deletion: the role may lack the permission.
      'GetDiskSnapshot',
    ])
    expect(sent.slice(8).sort()).toEqual([
      ...Array<string>(4).fill('DeleteDiskSnapshot'),
      ...Array<string>(4).fill('GetDiskSnapshot'),
    ])
  })

  test('shows in a dry run what it would delete, and deletes nothing', async () => {
    for (const days of [1, 2]) put(`day-${days}`, days)
    const step = pruneStep({ 'keep-last': '1', 'dry-run': 'true' })
    await pruneSnapshots(step)
    expect(deletions()).toEqual([])
    expect(list(step, 'deleted-snapshots')).toEqual([])
    expect(list(step, 'kept-snapshots')).toEqual(['day-1', 'day-2'])
    expect(step.log.lines).toContain('group: Retention: 1 of 2 snapshots would be deleted, up to 32 GB')
    expect(step.summary[0]).toContain('| would be deleted | no rule keeps it |')
    expect(step.summary[0]).toMatch(
      /^### :mag: Dry run: 1 Lightsail snapshot would be deleted, 1 kept\n\nWould delete 1 snapshot \(up to 32 GB\); 1 of the current snapshots would remain \(up to 32 GB, /,
    )
  })

  test('applies its rules to each disk separately', async () => {
    emulator.region(region).addDisk('logs', 32, clock.now())
    for (const days of [1, 2]) put(`shop-${days}`, days)
    for (const days of [8, 9]) put(`logs-${days}`, days, { disk: 'logs' })
    await pruneSnapshots(pruneStep({ 'disk-name': 'shop-data, logs', 'keep-last': '1' }))
    expect(snapshotNames(emulator)).toEqual(['logs-8', 'shop-1'])
  })

  test('warns of a disk without a snapshot of this repository, because its name may be misspelled', async () => {
    put('day-1', 1)
    const step = pruneStep({ 'disk-name': 'shop-data, shop-dota', 'keep-last': '1' })
    await pruneSnapshots(step)
    expect(step.log.lines.filter((line) => line.startsWith('warning: '))).toEqual([
      expect.stringContaining('There is no snapshot of disk "shop-dota" that this repository took'),
    ])
  })

  test('keeps the newest complete snapshot when keep-within alone would keep none', async () => {
    for (const days of [15, 16, 17]) put(`day-${days}`, days)
    put('failed', 14.5, { state: 'error' })
    const step = pruneStep({ 'keep-within': '14d' })
    await pruneSnapshots(step)
    expect(snapshotNames(emulator)).toEqual(['day-15'])
    expect(list(step, 'kept-snapshots')).toEqual(['day-15'])
    expect(step.log.lines.join('\n')).toMatch(/keep {4}day-15 .*: the newest complete snapshot$/m)
  })

  test("measures age by the service's time, however wrong the runner's clock is", async () => {
    // The service is 30 days behind the runner.
    serviceNow = () => clock.now() - 30 * day
    for (const days of [1, 2, 15]) put(`day-${days}`, days)
    const step = pruneStep({ 'keep-within': '14d' })
    await pruneSnapshots(step)
    expect(list(step, 'deleted-snapshots')).toEqual(['day-15'])
  })

  test.each(['oldest-first', 'newest-first'] as const)(
    'counts a snapshot once when the list shifts between two pages, %s',
    async (listOrder) => {
      Object.assign(emulator.behaviour, {
        pageSize: 2,
        listOrder,
        listShift: { operation: 'GetDiskSnapshots', change: 'insert', times: 1 },
      })
      for (const days of [6, 5, 4, 3, 2, 1]) put(`day-${days}`, days)
      const step = pruneStep({ 'keep-last': '4' })
      await pruneSnapshots(step)
      expect(list(step, 'deleted-snapshots')).toEqual(['day-5', 'day-6'])
      expect(list(step, 'kept-snapshots')).toEqual(['day-1', 'day-2', 'day-3', 'day-4'])
    },
  )

  test('deletes nothing when the list changes during each of five reads', async () => {
    put('day-1', 1)
    put('day-2', 2)
    let number = 0
    emulator.beforeRequest = ({ operation }) => {
      if (operation === 'GetDiskSnapshots') put(`new-${++number}`, 0, { disk: 'logs' })
    }
    const failure = await failureOf(() => pruneSnapshots(pruneStep({ 'keep-last': '1' })))
    expect(failure.message).toContain('changed during each of 5 reads')
    expect(deletions()).toEqual([])
  })

  test('keeps the last complete snapshot of a deleted disk that had the same name', async () => {
    for (const days of [30, 31]) put(`old-${days}`, days)
    emulator.region(region).removeDisk('shop-data')
    emulator.region(region).addDisk('shop-data', 32, clock.now())
    for (const days of [1, 2]) put(`new-${days}`, days)
    await pruneSnapshots(pruneStep({ 'keep-last': '1' }))
    expect(snapshotNames(emulator)).toEqual(['new-1', 'old-30'])
  })

  describe('after a roll-back', () => {
    const shop = () => emulator.region(region)
    beforeEach(() => {
      const { arn } = shop().disk('shop-data', clock.now())
      shop().tag('shop-data', [{ key: 'replaced-by', value: 'restored' }])
      const tags = [
        { key: 'managed-by', value: 'lightsail-disk-snapshot' },
        { key: 'repository', value: 'octo-org/web-shop' },
        { key: 'replaces', value: 'shop-data' },
        { key: 'replaces-arn', value: arn },
      ]
      shop().addDisk('restored', 32, clock.now(), 'wordpress', { tags })
      const lineage = [{ key: 'lineage', value: 'shop-data' }]
      for (const days of [1, 2]) put(`new-${days}`, days, { disk: 'restored', tags: lineage })
      for (const days of [3, 4]) put(`old-${days}`, days)
    })

    test('the old name and the new one mean the same snapshots, ranked together and judged once', async () => {
      const step = pruneStep({ 'disk-name': 'shop-data, restored', 'keep-last': '3', 'dry-run': 'true' })
      await pruneSnapshots(step)
      expect(list(step, 'kept-snapshots')).toEqual(['new-1', 'new-2', 'old-3', 'old-4'])
      for (const name of ['shop-data', 'restored']) {
        await pruneSnapshots(pruneStep({ 'disk-name': name, 'keep-last': '3' }))
        expect(snapshotNames(emulator)).toEqual(['new-1', 'new-2', 'old-3'])
      }
      expect(step.log.lines.join('\n')).toContain('notice: "shop-data" now means disk "restored"')
    })

    test('the old name still means these snapshots after its disk was deleted', async () => {
      shop().removeDisk('shop-data')
      await pruneSnapshots(pruneStep({ 'keep-last': '3' }))
      expect(snapshotNames(emulator)).toEqual(['new-1', 'new-2', 'old-3'])
    })

    test("the root action ranks both disks' snapshots together", async () => {
      const step = rootStep({ 'disk-name': 'shop-data', 'keep-last': '3' })
      await takeSnapshots(step)
      expect(list(step, 'deleted-snapshots')).toEqual(['old-3', 'old-4'])
    })
  })

  test('counts and names the snapshots that its rules do not cover', async () => {
    put('ours', 1)
    for (const name of ['logs-1', 'logs-2']) put(name, 1, { disk: 'logs' })
    put('renamed', 1, { repository: 'octo-org/old-name' })
    put('unrelated', 1, { repository: 'octo-org/old-name', disk: 'logs' })
    put('automatic', 1, { disk: 'logs', isFromAutoSnapshot: true })
    const step = pruneStep({ 'keep-last': '1' })
    await pruneSnapshots(step)
    const words = "3 more snapshots that this action took are not covered by this step's rules"
    const place = step.log.lines.indexOf(`group: ${words}`)
    expect(step.log.lines.slice(place + 1, place + 3)).toEqual([
      'disk "logs": logs-1, logs-2',
      'repository octo-org/old-name: renamed',
    ])
    expect(step.summary[0]).toContain(`${words} (named in the log).`)
  })

  test("doesn't warn of an attached disk that has no snapshot yet", async () => {
    const step = pruneStep({ 'keep-last': '1' })
    await pruneSnapshots(step)
    expect(warnings(step)).toEqual([])
  })

  test.each<[Record<string, string>, string]>([
    [{}, 'keep-last: is missing, and so is keep-within: give at least one of the two'],
    [{ 'keep-last': '0' }, 'keep-last: "0" is not a number of snapshots to keep: a whole number, 1 or more'],
    [{ 'keep-last': '-1' }, 'keep-last: "-1" is not a number'],
    [{ 'keep-last': '1.5' }, 'keep-last: "1.5" is not a number'],
    [{ 'keep-last': '5', 'keep-within': '14' }, 'keep-within: "14" is a number without a unit'],
    [{ 'keep-last': '5', 'dry-run': 'yes' }, 'dry-run: "yes" is not a boolean'],
    [{ 'keep-last': '5', 'wait-timeout': '10' }, 'wait-timeout: "10" is a number without a unit'],
    [{ 'keep-last': '5', 'disk-name': '' }, 'disk-name: is missing, and so is instance-name'],
  ])('requests nothing if the inputs are %j', async (inputs, problem) => {
    const failure = await failureOf(() => pruneSnapshots(pruneStep(inputs)))
    expect(failure.message).toContain(problem)
    expect(emulator.requests).toEqual([])
  })
})

describe('keep-last and keep-within of the root action', () => {
  const inputs = { 'disk-name': 'shop-data', 'keep-last': '2' }

  test('delete old snapshots once the new one is complete', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    const step = rootStep(inputs)
    await takeSnapshots(step)
    expect(snapshotNames(emulator)).toEqual(['day-1', 'shop-data-0123456-1658821493-1'])
    expect(list(step, 'deleted-snapshots')).toEqual(['day-2', 'day-3'])
    expect(step.summary[0]).toContain('#### Retention')
    expect(step.log.lines.join('\n')).toContain('just taken')
  })

  test("delete nothing if the new snapshot isn't good", async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.behaviour.snapshotEnd = 'error'
    const step = rootStep(inputs)
    await failureOf(() => takeSnapshots(step))
    expect([deletions(), list(step, 'deleted-snapshots')]).toEqual([[], []])
  })

  test("only warn if snapshots can't be deleted or listed", async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'access-denied', occurrences: 'all' })
    const step = rootStep(inputs)
    await takeSnapshots(step)
    expect(step.outputs['state']).toBe('completed')
    expect(step.log.lines.join('\n')).toMatch(/warning: 2 snapshots could not be deleted: "day-2", "day-3"/)
    emulator.faults.add({ operation: 'GetDiskSnapshots', fault: 'access-denied', occurrences: 'all' })
    const again = rootStep({ ...inputs, 'snapshot-name': 'another' })
    await takeSnapshots(again)
    expect(again.log.lines.join('\n')).toMatch(/warning: Not allowed: lightsail:GetDiskSnapshots/)
  })

  test('show in a dry run what would be deleted after the new snapshot, and delete nothing', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    const step = rootStep({ ...inputs, 'dry-run': 'true' })
    await takeSnapshots(step)
    expect(step.log.lines).toContain('group: Retention: 2 of 3 snapshots would be deleted, up to 64 GB')
    expect(deletions()).toEqual([])
  })

  test('count the new snapshot in a dry run, so that no existing one has to stay', async () => {
    for (const days of [1, 2]) put(`day-${days}`, days)
    const step = rootStep({ ...inputs, 'keep-last': '1', 'dry-run': 'true' })
    await takeSnapshots(step)
    expect(step.log.lines).toContain('group: Retention: 2 of 2 snapshots would be deleted, up to 64 GB')
  })

  test("measure age by the service's time", async () => {
    serviceNow = () => clock.now() - 20 * day
    for (const days of [1, 15]) put(`day-${days}`, days)
    const step = rootStep({ 'disk-name': 'shop-data', 'keep-within': '14d' })
    await takeSnapshots(step)
    expect(list(step, 'deleted-snapshots')).toEqual(['day-15'])
  })

  test("delete nothing if the disk can't be looked up", async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    emulator.faults.add({ operation: 'GetDisk', fault: 'access-denied', occurrences: 'all' })
    const step = rootStep(inputs)
    await takeSnapshots(step)
    expect([deletions(), requests('GetDiskSnapshots')]).toEqual([[], []])
    expect(warnings(step).join('\n')).toContain('deletes no old snapshots')
  })

  test('get the rest of wait-timeout, but at least 30 seconds', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    Object.assign(emulator.behaviour, { snapshotDurationMs: 55_000 })
    emulator.faults.add({ operation: 'DeleteDiskSnapshot', fault: 'throttle', occurrences: 'all' })
    // By chance, the last pause would otherwise be too long to begin.
    const step = { ...rootStep({ ...inputs, 'wait-timeout': '1m' }), random: () => 0.5 }
    await takeSnapshots(step)
    expect(clock.elapsed).toBeGreaterThan(75_000)
    expect(clock.elapsed).toBeLessThan(120_000)
    expect(warnings(step).join('\n')).toMatch(/2 snapshots could not be deleted: "day-2", "day-3"/)
    expect(list(step, 'deleted-snapshots')).toEqual([])
  })

  test('need wait: true', async () => {
    const failure = await failureOf(() => takeSnapshots(rootStep({ ...inputs, wait: 'false' })))
    expect(failure.message).toContain('wait: must be true with keep-last or keep-within')
    expect(emulator.requests).toEqual([])
  })

  test("keep another disk's snapshots", async () => {
    emulator.region(region).addDisk('logs', 8, Date.now())
    for (const days of [1, 2, 3]) put(`logs-${days}`, days, { disk: 'logs' })
    await takeSnapshots(rootStep(inputs))
    expect(deletions()).toEqual([])
  })
})
