// The built action if the name of its snapshot is taken: it adopts only a snapshot of what it would have captured.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Region } from '../../emulator/service/region.js'
import type { Emulator } from '../../emulator/service/server.js'
import { snapshotNames } from '../support/account.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { call } from '../support/raw-client.js'

const sha = '6d2f1a0c9b8e7d6c5b4a39281706f5e4d3c2b1a0'
const week = 7 * 86_400_000

let emulator: Emulator
let account: Region
let offsetMs: number
beforeEach(async () => {
  offsetMs = 0
  emulator = await startFilledEmulator({}, () => Date.now() + offsetMs)
  account = emulator.region(region)
  account.setContent('shop-data', 'before')
})
afterEach(() => emulator.close())

interface Where {
  readonly run?: string
  readonly attempt?: number
}

/** A step for the disk "shop-data", in this run and attempt. */
const take = (
  inputs: Record<string, string> = {},
  { run = '1658821493', attempt = 1 }: Where = {},
): Promise<BuiltStepResult> =>
  runBuiltAction(
    emulator,
    { ...('instance-name' in inputs ? {} : { 'disk-name': 'shop-data' }), ...inputs },
    { environment: { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: String(attempt) } },
  )

const adopted = ({ outputs }: BuiltStepResult): unknown => JSON.parse(outputs['snapshots'] ?? '')[0]?.adopted
const deploy = () => account.writeTo('shop', '/dev/xvdf', 'after', Date.now())

/** A snapshot of the disk, taken by this attempt for the same commit. */
function putOfAttempt(name: string, attempt: string): void {
  account.putSnapshot({
    name,
    source: { type: 'disk', name: 'shop-data' },
    createdAt: Date.now(),
    content: 'of another step',
    tags: [
      { key: 'managed-by', value: 'lightsail-disk-snapshot' },
      { key: 'repository', value: 'octo-org/web-shop' },
      { key: 'commit-sha', value: sha },
      { key: 'run-id', value: '1658821493' },
      { key: 'run-attempt', value: attempt },
      { key: 'client-token', value: 'another-step' },
    ],
  })
}

describe('a name without the run', () => {
  const shared = { 'snapshot-name': '{{source}}-{{sha7}}' }

  test("doesn't make last week's snapshot this run's", async () => {
    offsetMs = -week
    await take(shared, { run: '1' })
    offsetMs = 0
    deploy()
    const { exitCode, errors, outputs } = await take(shared, { run: '2' })
    expect([exitCode, outputs['state']]).toEqual([1, 'error'])
    expect(errors).toEqual([
      expect.stringContaining(
        'by a snapshot of disk "shop-data", taken by run 1 (attempt 1) of octo-org/web-shop for commit 6d2f1a0',
      ),
    ])
    expect([snapshotNames(emulator), account.contentOfSnapshot('shop-data-6d2f1a0')]).toEqual([
      ['shop-data-6d2f1a0'],
      'before',
    ])
  })
})

test('a second step of one attempt, with the default name, gets an error that says whose snapshot that is', async () => {
  expect((await take()).exitCode).toBe(0)
  deploy()
  const { exitCode, errors } = await take()
  expect(exitCode).toBe(1)
  expect(errors).toEqual([
    expect.stringContaining('taken by run 1658821493 (attempt 1) of octo-org/web-shop for commit 6d2f1a0'),
  ])
  expect(errors[0]).toContain('another step of this attempt')
  expect(account.contentOfSnapshot('shop-data-6d2f1a0-1658821493-1')).toBe('before')
})

describe('a name without the attempt', () => {
  const shared = { 'snapshot-name': '{{source}}-{{run_id}}' }
  const name = 'shop-data-1658821493'

  test("adopts the earlier attempt's snapshot of the same disk", async () => {
    await take(shared)
    const second = await take(shared, { attempt: 2 })
    expect([second.exitCode, adopted(second), account.contentOfSnapshot(name)]).toEqual([0, true, 'before'])
  })

  test('does not adopt one of a disk that has since been deleted and created anew', async () => {
    await take(shared)
    account.removeDisk('shop-data')
    account.addDisk('shop-data', 32, Date.now(), 'shop')
    account.setContent('shop-data', 'new disk')
    const { exitCode, errors } = await take(shared, { attempt: 2 })
    expect(exitCode).toBe(1)
    expect(errors).toEqual([
      expect.stringContaining('may have been another disk or instance of the same name'),
    ])
    expect([snapshotNames(emulator), account.contentOfSnapshot(name)]).toEqual([[name], 'before'])
  })

  test('is free some time after the failed snapshot was deleted: the rerun waits for it, and passes', async () => {
    emulator.behaviour.snapshotEnd = 'error'
    const failed = await take(shared)
    expect(failed.exitCode).toBe(1)
    expect(failed.summary).toMatch(new RegExp(`delete-disk-snapshot .*--disk-snapshot-name ${name}\\n`))
    Object.assign(emulator.behaviour, { snapshotEnd: 'completed', nameHeldMs: 5000 })
    await call(emulator, 'DeleteDiskSnapshot', { diskSnapshotName: name })
    account.setContent('shop-data', 'now')
    const { exitCode, errors, milliseconds } = await take(shared, { attempt: 2 })
    expect([exitCode, errors]).toEqual([0, []])
    expect(milliseconds).toBeGreaterThan(4000)
    expect(account.contentOfSnapshot(name)).toBe('now')
  })
})

describe('with if-exists: fail', () => {
  test.each([
    ['an earlier attempt', '1', 'and if-exists is fail'],
    ['another step of this attempt', '2', 'another step of this attempt'],
  ])(
    "a request that failed doesn't make what %s took in between this step's own",
    async (_, attempt, words) => {
      emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'internal-error', occurrences: [1] })
      let creates = 0
      emulator.beforeRequest = ({ operation }) => {
        if (operation !== 'CreateDiskSnapshot') return
        creates += 1
        if (creates === 2) putOfAttempt('the-one', attempt)
      }
      const inputs = { 'snapshot-name': 'the-one', 'if-exists': 'fail' }
      const { exitCode, errors, outputs } = await take(inputs, { attempt: 2 })
      expect([exitCode, outputs['state'], creates]).toEqual([1, 'error', 2])
      expect(errors).toEqual([expect.stringContaining(words)])
      expect([snapshotNames(emulator), account.contentOfSnapshot('the-one')]).toEqual([
        ['the-one'],
        'of another step',
      ])
    },
  )
})

test('a snapshot whose response was lost is recognized by its token, even if its tags become visible late', async () => {
  emulator.behaviour.tagsLateMs = 4000
  emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] })
  const result = await take({ 'if-exists': 'fail' })
  expect([result.exitCode, result.errors, adopted(result)]).toEqual([0, [], false])
  expect(result.outputs['operation-id']).toMatch(/.+/)
  expect(snapshotNames(emulator)).toEqual(['shop-data-6d2f1a0-1658821493-1'])
})

test('every disk of an instance that lists them without names has a snapshot', async () => {
  emulator.behaviour.namelessDisks = true
  account.addDisk('logs', 8, Date.now(), 'shop')
  account.setContent('logs', 'lines')
  const { exitCode, errors, outputs } = await take({ 'instance-name': 'shop', 'attached-disks': 'true' })
  expect([exitCode, errors]).toEqual([0, []])
  const names: string[] = JSON.parse(outputs['snapshot-names'] ?? '')
  expect(names.slice(1).map((name) => account.contentOfSnapshot(name))).toEqual(['before', 'lines'])
  expect(snapshotNames(emulator)).toEqual([...names].sort())
})
