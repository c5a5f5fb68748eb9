// Scenarios that are more than settings: how the account begins, and deletions that fail.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { scenarios } from '../../emulator/service/scenarios.js'
import { fill } from '../../emulator/service/spec.js'
import { machineOf } from '../support/restore.js'
import { type Clocked, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked(everyChangeTakes(1000))
})
afterEach(() => site.emulator.close())

const disk = (name: string) => site.account.disk(name, site.now())
const machine = (name: string) => machineOf(site.account.instance(name, site.now()))

describe('deploy-after-swap', () => {
  const prepare = () =>
    scenarios['deploy-after-swap'].prepare(site.account, {
      repository: 'octo-org/web-shop',
      now: site.now(),
    })

  test('begins with a restored disk in place of each attached one', () => {
    site.account.addInstance('shop', 60, site.now())
    site.account.addDisk('data', 32, site.now(), 'shop')
    site.account.addDisk('logs', 8, site.now(), 'shop')
    prepare()
    expect(machine('shop')).toEqual(['running', 'data-restored-1-1 /dev/xvdf', 'logs-restored-1-1 /dev/xvdg'])
    expect(disk('data')).toMatchObject({
      state: 'available',
      isAttached: false,
      tags: [{ key: 'replaced-by', value: 'data-restored-1-1' }],
    })
    expect(disk('data-restored-1-1')).toMatchObject({
      sizeInGb: 32,
      tags: [
        { key: 'managed-by', value: 'lightsail-disk-snapshot' },
        { key: 'repository', value: 'octo-org/web-shop' },
        { key: 'run-id', value: '1' },
        { key: 'run-attempt', value: '1' },
        { key: 'replaces', value: 'data' },
        { key: 'replaces-arn', value: disk('data').arn },
      ],
    })
  })

  test('gives each disk without an instance one of its own', () => {
    const disks = ['data', 'logs'].map((name) => ({ name, sizeInGb: 8, instanceName: undefined }))
    fill(site.account, { disks, instances: [] }, site.now())
    prepare()
    expect(machine('server')).toEqual([
      'running',
      'data-restored-1-1 /dev/xvdf',
      'logs-restored-1-1 /dev/xvdg',
    ])
    expect(disk('logs').isAttached).toBe(false)
  })

  test('swaps nothing if there are only instances', () => {
    site.account.addInstance('shop', 60, site.now())
    prepare()
    expect(machine('shop')).toEqual(['running'])
    expect(site.account.disks.names(site.now())).toEqual([])
  })
})

test('deletion-fails-later accepts a deletion that fails a moment later', async () => {
  site.set(scenarios['deletion-fails-later'].behaviour)
  site.account.putSnapshot({ name: 'old', source: { type: 'disk', name: 'data' }, createdAt: site.now() })
  const { body } = await site.send('DeleteDiskSnapshot', { diskSnapshotName: 'old' })
  expect(body.operations).toMatchObject([{ status: 'Started', isTerminal: false }])
  site.pass(10)
  expect(await site.operationAfter(0, 'old')).toEqual([
    'DeleteDiskSnapshot',
    'Failed',
    true,
    'SnapshotDeletionFailed',
  ])
  expect(site.account.snapshot('old', site.now()).state).toBe('completed')
})

test('a scenario without its own beginning leaves the account as it was filled', () => {
  site.account.addDisk('data', 32, site.now())
  scenarios.good.prepare(site.account, { repository: 'octo-org/web-shop', now: site.now() })
  expect(site.account.disks.names(site.now())).toEqual(['data'])
  expect(disk('data').tags).toEqual([])
})
