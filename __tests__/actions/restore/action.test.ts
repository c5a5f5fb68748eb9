// restore/ against the emulator, on a fake clock.
import { beforeEach, describe, expect, test } from '@jest/globals'
import { restore } from '../../../src/actions/restore/action.js'
import { region } from '../../support/emulated.js'
import { machineOf, otherSha, takenBy } from '../../support/restore.js'
import { restoredName, useShop } from '../../support/shop-steps.js'
import { exampleSha, type KeptStep } from '../../support/step.js'

const shop = useShop()
const text = (step: KeptStep) => step.log.lines.join('\n')
const swap = { 'disk-name': 'shop-data', swap: 'true' }
const allChanges = ['CreateDiskFromSnapshot', 'StopInstance', 'DetachDisk', 'AttachDisk', 'StartInstance']

describe('the snapshot to restore', () => {
  test('is the named one', async () => {
    const { outputs } = await shop.restore({ 'snapshot-name': 'old' })
    expect(outputs).toEqual({
      'disk-name': restoredName,
      'instance-name': '',
      'ip-address': '',
      'previous-instance-name': '',
      'operation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      state: 'completed',
      'snapshot-name': 'old',
      'previous-disk-name': '',
    })
    expect(shop.account.disk(restoredName, shop.now())).toMatchObject({ state: 'available', sizeInGb: 32 })
  })

  test('is the newest complete one that this repository took of the source', async () => {
    const source = { type: 'disk', name: 'shop-data' } as const
    const createdAt = shop.now() - 1000
    shop.account.putSnapshot({ name: 'foreign', source, createdAt, tags: takenBy('octo-org/other') })
    shop.account.putSnapshot({ name: 'by-hand', source, createdAt })
    shop.account.putSnapshot({
      name: 'unfinished',
      source,
      createdAt,
      state: 'pending',
      tags: takenBy('octo-org/web-shop'),
    })
    shop.account.putSnapshot({
      name: 'other-disk',
      source: { type: 'disk', name: 'x' },
      createdAt,
      tags: takenBy('octo-org/web-shop'),
    })
    shop.emulator.behaviour.pageSize = 2
    expect((await shop.restore({ 'disk-name': 'shop-data' })).outputs['snapshot-name']).toBe('new')
  })

  test('is the newest one of the commit with commit-sha', async () => {
    const { outputs } = await shop.restore({ 'disk-name': 'shop-data', 'commit-sha': otherSha.toUpperCase() })
    expect(outputs['snapshot-name']).toBe('old')
  })

  test('may be of an instance, and is restored in its zone', async () => {
    shop.account.addInstance('blog', 20, shop.now(), { availabilityZone: `${region}b` })
    const source = { type: 'instance', name: 'blog' } as const
    shop.account.putSnapshot({
      name: 'of-blog',
      source,
      createdAt: shop.now(),
      tags: takenBy('octo-org/web-shop'),
    })
    const { outputs } = await shop.restore({ 'instance-name': 'blog' })
    expect(shop.account.disk(outputs['disk-name'] ?? '', shop.now())).toMatchObject({
      sizeInGb: 20,
      location: { availabilityZone: `${region}b` },
    })
  })

  test.each([
    [{ 'snapshot-name': 'nothing' }, 'There is no snapshot "nothing" in eu-central-1.'],
    [
      { 'disk-name': 'shop-data', 'commit-sha': 'a'.repeat(40) },
      `octo-org/web-shop has no complete snapshot of disk "shop-data" in eu-central-1 for commit ${'a'.repeat(40)}: 2 snapshots of it exist, 0 of them`,
    ],
    [{ 'disk-name': 'other' }, 'none of it exists'],
    [{ 'snapshot-name': 'new', 'disk-name': 'other' }, 'is of disk "shop-data", and not of disk "other"'],
  ])("can't be found with %j", async (inputs, message) => {
    const failed = await shop.failure(inputs)
    expect(failed.message).toContain(message)
    expect(failed.advice).toContain('Nothing was changed.')
    expect(shop.running.outputs).toEqual({ state: 'error' })
    expect(shop.changes()).toEqual([])
  })
})

describe('the restored disk', () => {
  test("carries the tags of its roll-back, with the snapshot's commit", async () => {
    await shop.restore({ ...swap, 'snapshot-name': 'old', tags: 'team=shop' })
    const { tags } = shop.account.disk(restoredName, shop.now())
    expect(Object.fromEntries(tags.map(({ key, value }) => [key, value]))).toEqual({
      'commit-sha': otherSha,
      repository: 'octo-org/web-shop',
      ref: 'refs/heads/main',
      workflow: 'Deploy',
      'run-id': '1658821493',
      'run-attempt': '1',
      actor: 'octocat',
      'managed-by': 'lightsail-disk-snapshot',
      'client-token': expect.any(String),
      'restored-from': 'old',
      'restored-for': 'shop-data',
      'swap-instance': 'shop',
      'swap-path': '/dev/xvdf',
      'swap-previous': 'shop-data',
      'swap-started': 'yes',
      'swap-state': 'finished',
      replaces: 'shop-data',
      'replaces-arn': expect.stringContaining(':Disk/'),
      team: 'shop',
    })
  })

  test('has the requested size, zone and name', async () => {
    const inputs = {
      'size-in-gb': '64',
      'availability-zone': `${region}c`,
      'restored-disk-name': 'back-{{sha7}}',
    }
    await shop.restore({ 'snapshot-name': 'new', ...inputs })
    expect(shop.account.disk(`back-${exampleSha.slice(0, 7)}`, shop.now())).toMatchObject({
      sizeInGb: 64,
      location: { availabilityZone: `${region}c` },
    })
  })

  test('is attached on request, and the log says how to mount it', async () => {
    const made = await shop.restore({ 'snapshot-name': 'new', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' })
    expect(shop.machine()).toEqual(['running', 'shop-data /dev/xvdf', `${restoredName} /dev/xvdg`])
    expect(shop.changes()).toEqual(['CreateDiskFromSnapshot', 'AttachDisk'])
    expect(text(made)).toContain('lsblk')
    expect(made.summary[0]).toContain('is restored from snapshot')
  })

  test("is created in the instance's zone if its source is gone", async () => {
    const source = { type: 'disk', name: 'gone' } as const
    shop.account.putSnapshot({ name: 'of-gone', source, createdAt: shop.now(), sizeInGb: 8 })
    await shop.restore({ 'snapshot-name': 'of-gone', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' })
    expect(shop.machine()).toContain('gone-restored-1658821493-1 /dev/xvdg')
    const { message } = await shop.failure({ 'snapshot-name': 'of-gone', 'restored-disk-name': 'other' })
    expect(message).toContain(
      'Can\'t tell which Availability Zone to create the disk in: disk "gone" no longer exists',
    )
  })
})

describe('a swap', () => {
  test('replaces the current disk with the restored one, and keeps it', async () => {
    const made = await shop.restore(swap)
    expect(shop.machine()).toEqual(['running', `${restoredName} /dev/xvdf`])
    expect(shop.account.disk('shop-data', shop.now())).toMatchObject({
      state: 'available',
      isAttached: false,
    })
    expect(shop.changes()).toEqual(allChanges)
    expect(made.outputs).toMatchObject({ state: 'completed', 'previous-disk-name': 'shop-data' })
    const log = text(made)
    expect(log).toContain('warning: Instance "shop" has no static IP address')
    expect(log).toContain('aws lightsail delete-disk --region eu-central-1 --disk-name shop-data')
    expect(log).toMatch(/Disk "shop-data" is detached from instance "shop" \(5s\)/)
    expect(made.summary[0]).toContain('| Detach disk "shop-data" from instance "shop" | done | 5s |')
  })

  test("doesn't stop the instance before the restored disk is available", async () => {
    shop.emulator.behaviour.diskEnd = 'stuck'
    const { message } = await shop.failure({ ...swap, 'wait-timeout': '5m' })
    expect(message).toContain(`disk "${restoredName}" is pending`)
    expect(shop.changes()).toEqual(['CreateDiskFromSnapshot'])
    expect(shop.running.outputs['state']).toBe('pending')
  })

  test.each([
    [15_000, 5000, 5000, 10_000],
    [17_300, 5900, 6100, 13_700],
    [31_100, 5300, 7700, 21_900],
    [70_900, 12_300, 9100, 44_700],
    [5100, 5100, 5100, 5100],
  ])(
    'keeps the instance down for no more than 1.1 times the sum of its stages: %j, %j, %j, %j ms',
    async (stopDurationMs, detachDurationMs, attachDurationMs, startDurationMs) => {
      const durations = { stopDurationMs, detachDurationMs, attachDurationMs, startDurationMs }
      Object.assign(shop.emulator.behaviour, durations)
      const made = shop.step(swap)
      const times = new Map<string, number>()
      const { info } = made.log
      made.log.info = (line) => {
        times.set(line.split(' (')[0] ?? '', made.clock.elapsed)
        return info(line)
      }
      await restore(made)
      const downMs =
        Number(times.get('Instance "shop" is running')) - Number(times.get('Stop instance "shop"'))
      const sumMs = Object.values(durations).reduce((sum, one) => sum + one)
      expect(downMs).toBeGreaterThanOrEqual(sumMs)
      expect(downMs).toBeLessThanOrEqual(1.1 * sumMs)
    },
  )

  test('leaves a stopped instance stopped, without a warning about its IP address', async () => {
    shop.account.addInstance('idle', 20, shop.now(), { state: 'stopped' })
    shop.account.addDisk('idle-data', 8, shop.now(), 'idle')
    const source = { type: 'disk', name: 'idle-data' } as const
    shop.account.putSnapshot({
      name: 'of-idle',
      source,
      createdAt: shop.now(),
      tags: takenBy('octo-org/web-shop'),
    })
    const made = await shop.restore({ ...swap, 'disk-name': 'idle-data' })
    expect(machineOf(shop.account.instance('idle', shop.now()))).toEqual([
      'stopped',
      'idle-data-restored-1658821493-1 /dev/xvdf',
    ])
    expect(shop.changes()).toEqual(['CreateDiskFromSnapshot', 'DetachDisk', 'AttachDisk'])
    expect(text(made)).not.toContain('static IP')
    expect(text(made)).toContain('was stopped before and stays stopped')
  })

  test('can restore a snapshot of the disk that an earlier roll-back replaced', async () => {
    await shop.restore(swap)
    const again = await shop.restore(
      { 'disk-name': restoredName, 'snapshot-name': 'old', swap: 'true' },
      { runId: '2' },
    )
    expect(again.outputs).toMatchObject({ state: 'completed', 'previous-disk-name': restoredName })
    expect(shop.machine()).toEqual(['running', `${restoredName}-restored-2-1 /dev/xvdf`])
    expect(shop.live()).toBe('old')
  })
})

describe('problems are reported before anything is changed', () => {
  const attach = { 'snapshot-name': 'new', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
  beforeEach(() => {
    shop.account.addInstance('far', 20, shop.now(), { availabilityZone: `${region}b` })
    shop.account.addDisk('loose', 8, shop.now())
    const source = { type: 'disk', name: 'loose' } as const
    shop.account.putSnapshot({
      name: 'of-loose',
      source,
      createdAt: shop.now(),
      tags: takenBy('octo-org/web-shop'),
    })
    shop.account.putSnapshot({ name: 'unfinished', source, createdAt: shop.now(), state: 'pending' })
  })

  test.each([
    [{ ...attach, 'size-in-gb': '31' }, '31 GB is less than the 32 GB of the snapshot "new"'],
    [
      { ...attach, 'disk-path': '/dev/xvdf' },
      'The path /dev/xvdf of instance "shop" is taken by disk "shop-data"',
    ],
    [
      { ...attach, 'attach-to': 'far' },
      'would be in eu-central-1a, and the instance "far" is in eu-central-1b',
    ],
    [{ ...attach, 'attach-to': 'nothing' }, 'There is no instance "nothing" in eu-central-1.'],
    [{ 'snapshot-name': 'unfinished' }, 'The snapshot "unfinished" isn\'t complete: it is pending'],
    [{ 'disk-name': 'loose', swap: 'true' }, 'Disk "loose" isn\'t attached to any instance'],
    [
      { ...swap, 'availability-zone': `${region}c` },
      'would be in eu-central-1c, and the instance "shop" is in eu-central-1a',
    ],
    [
      { 'snapshot-name': 'new', 'restored-disk-name': 'loose' },
      'Disk "loose" already exists, which this action did not create',
    ],
    [{ 'snapshot-name': 'new', 'restored-disk-name': '{{source}}{{sha}}'.repeat(6) }, 'makes the name'],
  ])('%j', async (inputs, message) => {
    const failed = await shop.failure(inputs)
    expect(failed.message).toContain(message)
    expect(failed.advice).toMatch(/Nothing (?:was changed|has been requested from AWS)\./)
    expect(shop.changes()).toEqual([])
  })

  test('several problems in one error', async () => {
    const { message } = await shop.failure({ ...attach, 'size-in-gb': '8', 'disk-path': '/dev/xvdf' })
    expect(message.split('\n')).toEqual([
      expect.stringContaining('8 GB is less'),
      expect.stringContaining('is taken by'),
    ])
  })

  test('an instance that is changing its state', async () => {
    shop.emulator.behaviour.startDurationMs = 1e9
    shop.account.addInstance('slow', 20, shop.now(), { state: 'stopped' })
    const { call } = await import('../../support/raw-client.js')
    await call(shop.emulator, 'StartInstance', { instanceName: 'slow' })
    shop.emulator.requests.length = 0
    expect((await shop.failure({ ...attach, 'attach-to': 'slow' })).message).toBe(
      'The instance "slow" is pending.',
    )
    expect(shop.changes()).toEqual([])
  })

  test('a disk of another run with the same name', async () => {
    const inputs = { 'snapshot-name': 'new', 'restored-disk-name': 'fixed' }
    await shop.restore(inputs)
    const { message } = await shop.failure(inputs, { runId: '7' })
    expect(message).toContain('which run 1658821493 of octo-org/web-shop created from snapshot "new"')
  })
})

test('a denied stop offers the policy statement, the rerun and the manual commands to copy', async () => {
  shop.emulator.faults.add({ operation: 'StopInstance', fault: 'access-denied', occurrences: 'all' })
  const { copyables } = await shop.failure(swap)
  expect(copyables.map(({ text }) => text)).toEqual([
    expect.stringContaining('"Action": ["lightsail:StopInstance"]'),
    'gh run rerun 1658821493 --failed --repo octo-org/web-shop',
    expect.stringMatching(
      /^export AWS_PAGER=\naws lightsail stop-instance .*\nuntil .* = stopped \].*\naws lightsail detach-disk .*\nuntil .* = available \].*\naws lightsail attach-disk .*\nuntil .*disk.isAttached .* = True \].*\naws lightsail start-instance .*\nuntil .* = running \].*\naws lightsail tag-resource .* key=replaces,.*\naws lightsail tag-resource [^\n]* --tags key=replaced-by,[^\n]*$/,
    ),
  ])
})

test('a dry run checks everything, lists the stages and changes nothing', async () => {
  const made = await shop.restore({ ...swap, 'dry-run': 'true' })
  expect(shop.changes()).toEqual([])
  expect(made.outputs).toEqual({
    'disk-name': restoredName,
    'instance-name': '',
    'ip-address': '',
    'previous-instance-name': '',
    'operation-id': '',
    state: '',
    'snapshot-name': 'new',
    'previous-disk-name': 'shop-data',
  })
  expect(made.log.lines).toEqual(
    expect.arrayContaining([
      '2. stop instance "shop"',
      '5. start instance "shop"',
      'Dry run: nothing was changed',
    ]),
  )
  expect(made.summary[0]).toMatch(
    /^### :mag: Dry run: the Lightsail disk can be restored\n[\s\S]*\n\| Stage \| State \|\n/,
  )
  expect((await shop.failure({ ...swap, 'dry-run': 'true', 'size-in-gb': '8' })).message).toContain(
    'is less than',
  )
  expect(shop.names()).toEqual(['shop-data'])
})

test('a restored disk that failed must be deleted before the job is rerun', async () => {
  shop.emulator.behaviour.diskEnd = 'error'
  const { advice, copyables } = await shop.failure(swap)
  expect(advice).toContain('Delete it and rerun the failed job')
  expect(advice).not.toContain('creates no second disk')
  expect(copyables.map(({ text }) => text)).toEqual([
    'aws lightsail delete-disk --region eu-central-1 --disk-name shop-data-restored-1658821493-1',
    'gh run rerun 1658821493 --failed --repo octo-org/web-shop',
  ])
})

test('the report says how to force an instance to stop that does not stop in time', async () => {
  shop.emulator.behaviour.stopEnd = 'stuck'
  const { message, copyables } = await shop.failure({ ...swap, 'wait-timeout': '1m' })
  expect(message).toMatch(
    /^The site is down: instance "shop" is stopping\.\nwait-timeout ran out before this step could stop/,
  )
  expect(message).toContain(`Done: disk "${restoredName}" is created from snapshot "new".`)
  expect(message).toContain(
    `Now: instance "shop" is stopping; the restored disk "${restoredName}" is available and attached to nothing; the previous disk "shop-data" is in-use, attached to instance "shop" at /dev/xvdf.`,
  )
  expect(copyables).toContainEqual({
    purpose: 'If the instance does not stop by itself',
    language: 'sh',
    text: 'aws lightsail stop-instance --region eu-central-1 --instance-name shop --force',
  })
  expect(shop.running.outputs).toMatchObject({ state: 'pending', 'disk-name': restoredName })
  expect(shop.running.summary[0]).toContain('| Stop instance "shop" | not reached |')
})

test('commands to copy first wait for the operation in progress', async () => {
  shop.emulator.behaviour.stopEnd = 'stuck'
  const { copyables } = await shop.failure({ ...swap, 'wait-timeout': '1m' })
  const wait =
    'until [ "$(aws lightsail get-instance-state --region eu-central-1 --instance-name shop --query state.name --output text)" = stopped ]; do sleep 5; done'
  expect(copyables.map(({ text }) => text.replace('export AWS_PAGER=\n', '').split('\n')[0])).toEqual([
    'gh run rerun 1658821493 --failed --repo octo-org/web-shop',
    'aws lightsail stop-instance --region eu-central-1 --instance-name shop --force',
    wait,
    wait,
  ])
})
