// The built actions in a deploy after restore/ has swapped a disk: the name in the workflow means the live disk.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { prepareAfterSwap } from '../../emulator/service/after-swap.js'
import type { Region } from '../../emulator/service/region.js'
import type { Emulator } from '../../emulator/service/server.js'
import { putPastSnapshot, snapshotNames } from '../support/account.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'

const restored = 'shop-data-restored-1-1'
const newName = 'shop-data-6d2f1a0-1658821493-1'

let emulator: Emulator
let account: Region
beforeEach(async () => {
  emulator = await startFilledEmulator()
  account = emulator.region(region)
})
afterEach(() => emulator.close())

const take = (inputs: Record<string, string>): Promise<BuiltStepResult> => runBuiltAction(emulator, inputs)
const record = ({ outputs }: BuiltStepResult, place = 0): unknown =>
  JSON.parse(outputs['snapshots'] ?? '')[place]
const tagOf = (snapshotName: string, key: string) =>
  account.snapshot(snapshotName, Date.now()).tags.find((tag) => tag.key === key)?.value

/** Leaves the account as a roll-back does: the restored disk is live, and the old one has the broken data. */
function rollBack(repository = 'octo-org/web-shop'): void {
  prepareAfterSwap(account, { repository, now: Date.now() })
  account.setContent('shop-data', 'broken')
  account.setContent(restored, 'live')
}

describe('after a roll-back', () => {
  beforeEach(() => rollBack())

  test('the old name captures the live disk, with a notice, under the name that the workflow asks for', async () => {
    const result = await take({ 'disk-name': 'shop-data' })
    expect([result.exitCode, result.errors]).toEqual([0, []])
    expect(account.contentOfSnapshot(newName)).toBe('live')
    expect(record(result)).toMatchObject({
      sourceName: restored,
      requestedName: 'shop-data',
      snapshotName: newName,
    })
    expect(result.log).toMatch(new RegExp(`Notice: "shop-data" now means disk "${restored}"`))
    expect(tagOf(newName, 'lineage')).toBe('shop-data')
  })

  test("the live disk's own name captures it as well, and its snapshot is of the same lineage", async () => {
    const result = await take({ 'disk-name': restored, 'snapshot-name': 'by-its-own-name' })
    expect(result.exitCode).toBe(0)
    expect(account.contentOfSnapshot('by-its-own-name')).toBe('live')
    expect(record(result)).toMatchObject({ sourceName: restored, requestedName: restored })
    expect(tagOf('by-its-own-name', 'lineage')).toBe('shop-data')
  })

  test('its instance with attached-disks captures it, and its snapshot is of the same lineage', async () => {
    const result = await take({ 'instance-name': 'shop', 'attached-disks': 'true' })
    expect(result.exitCode).toBe(0)
    const name = `${restored}-6d2f1a0-1658821493-1`
    expect(account.contentOfSnapshot(name)).toBe('live')
    expect(tagOf(name, 'lineage')).toBe('shop-data')
  })

  test('the old name means the live disk even after the old disk is deleted', async () => {
    account.removeDisk('shop-data')
    expect((await take({ 'disk-name': 'shop-data' })).exitCode).toBe(0)
    expect(account.contentOfSnapshot(newName)).toBe('live')
    expect(tagOf(newName, 'lineage')).toBe('shop-data')
  })

  test("retention counts the original's snapshots and the replacement's together", async () => {
    for (const days of [1, 2, 3]) putPastSnapshot(emulator, `day-${days}`, { days })
    const first = await take({ 'disk-name': 'shop-data', 'keep-last': '3' })
    expect(JSON.parse(first.outputs['deleted-snapshots'] ?? '')).toEqual(['day-3'])
    const second = await take({ 'disk-name': restored, 'snapshot-name': 'second', 'keep-last': '2' })
    expect(JSON.parse(second.outputs['deleted-snapshots'] ?? '').sort()).toEqual(['day-1', 'day-2'])
    const pruned = await runBuiltAction(
      emulator,
      { 'disk-name': 'shop-data', 'keep-last': '1' },
      { action: 'prune' },
    )
    expect([pruned.exitCode, pruned.errors]).toEqual([0, []])
    expect(snapshotNames(emulator)).toEqual(['second'])
    expect(account.contentOfSnapshot('second')).toBe('live')
  })

  test('two disks that both claim to replace it are an error that names both, and neither is captured', async () => {
    const tags = [{ key: 'replaces', value: 'shop-data' }]
    account.removeDisk('shop-data')
    account.addDisk('impostor', 8, Date.now(), 'wordpress', { tags })
    const { exitCode, errors } = await take({ 'disk-name': 'shop-data' })
    expect(exitCode).toBe(1)
    expect(errors).toEqual([expect.stringMatching(new RegExp(`(?=.*"impostor")(?=.*"${restored}")`))])
    expect(snapshotNames(emulator)).toEqual([])
  })
})

test("a replacement that another repository restored isn't captured", async () => {
  rollBack('octo-org/blog')
  account.removeDisk('shop-data')
  const { exitCode, errors } = await take({ 'disk-name': 'shop-data' })
  expect([exitCode, errors]).toEqual([1, [expect.stringContaining('was restored by octo-org/blog')]])
  expect(snapshotNames(emulator)).toEqual([])
})

describe('the lookup of the disk', () => {
  test('warns of one that is attached to nothing, and takes its snapshot', async () => {
    account.detach('shop-data')
    const { exitCode, log } = await take({ 'disk-name': 'shop-data' })
    expect(exitCode).toBe(0)
    expect(log).toMatch(/Warning: Disk "shop-data" is attached to nothing, so nothing writes to it\./)
    expect(snapshotNames(emulator)).toEqual([newName])
  })

  test("says nothing of one that is attached and wasn't replaced", async () => {
    const { exitCode, log } = await take({ 'disk-name': 'shop-data' })
    expect(exitCode).toBe(0)
    expect(log.match(/(?:Warning|Notice):.*/g)).toEqual([expect.stringContaining('This step talks to')])
  })

  test('is skipped without permission: a warning names it, and the snapshot is taken', async () => {
    emulator.faults.add({ operation: 'GetDisk', fault: 'access-denied', occurrences: 'all' })
    account.setContent('shop-data', 'live')
    const { exitCode, log, outputs } = await take({ 'disk-name': 'shop-data' })
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(log).toMatch(/Warning: .*[\s\S]*Add lightsail:GetDisk to the policy/)
    expect(account.contentOfSnapshot(newName)).toBe('live')
  })
})
