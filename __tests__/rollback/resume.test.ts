// The next attempt finishes a roll-back that failed anywhere, without a second disk or a wrong disk path.
import { describe, expect, test } from '@jest/globals'
import { restore } from '../../src/actions/restore/action.js'
import { region } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { restoredName, useShop } from '../support/shop-steps.js'

const shop = useShop()
const swap = { 'disk-name': 'shop-data', swap: 'true' }
const attach = { 'snapshot-name': 'new', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
const swapped = ['running', `${restoredName} /dev/xvdf`]
const changing = [
  'CreateDiskFromSnapshot',
  'StopInstance',
  'DetachDisk',
  'AttachDisk',
  'StartInstance',
] as const
const reading = ['GetDisk', 'GetInstance', 'GetDiskSnapshots', 'GetOperation'] as const

// Broken connections are left to the end-to-end tests: in Jest, their errors come from another realm.
const passing = [
  'throttle',
  'too-many-requests',
  'internal-error',
  'internal-error-after',
  'unavailable',
  'unreadable-body',
  'wrong-content-type',
] as const

describe('a roll-back succeeds despite', () => {
  test.each(
    [...changing, ...reading].flatMap((operation) => passing.map((fault) => [fault, operation] as const)),
  )('%s at %s', async (fault, operation) => {
    shop.faultAt(operation, fault, [1, 3])
    await shop.restore(swap)
    expect([shop.machine(), shop.names()]).toEqual([swapped, ['shop-data', restoredName]])
    expect(shop.running.outputs).toMatchObject({
      state: 'completed',
      'operation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  test('a disk that is invisible at first, and late or vague states', async () => {
    Object.assign(shop.emulator.behaviour, {
      invisibleMs: 30_000,
      attachingState: 'in-use',
      operationLagMs: 5000,
    })
    await shop.restore(swap)
    expect([shop.machine(), shop.names()]).toEqual([swapped, ['shop-data', restoredName]])
  })

  test('a disk that is invisible at first, after a lost response', async () => {
    shop.emulator.behaviour.invisibleMs = 30_000
    shop.faultAt('CreateDiskFromSnapshot', 'internal-error-after')
    await shop.restore(swap)
    expect([shop.machine(), shop.names()]).toEqual([swapped, ['shop-data', restoredName]])
  })

  test('refusals right after the previous change', async () => {
    shop.faultAt('DetachDisk', 'operation-failure', [1, 2])
    shop.faultAt('AttachDisk', 'operation-failure', [1])
    await shop.restore(swap)
    expect(shop.machine()).toEqual(swapped)
    expect(shop.text()).toContain('Retrying.')
  })

  test('a limit of one request a second', async () => {
    shop.emulator.behaviour.requestsPerSecond = 1
    await shop.restore(swap)
    expect(shop.machine()).toEqual(swapped)
  })
})

describe('a permanent fault leaves a report, and the next attempt continues', () => {
  const faults = ['access-denied', 'expired-token', 'operation-failure', 'internal-error'] as const
  test.each(changing.flatMap((operation) => faults.map((fault) => [fault, operation] as const)))(
    '%s at every %s',
    async (fault, operation) => {
      shop.faultAt(operation, fault, 'all')
      const first = shop.step({ ...swap, 'wait-timeout': '5m' })
      const { message } = await failureOf(() => restore(first))
      expect(message).toMatch(
        /^(?:The .*\n)?(?:Could not|wait-timeout ran out before) .*\nDone: .*\nLeft: .*\nNow: /s,
      )
      expect(message).toMatch(/Not allowed|expired|failed to execute|internal error/)
      shop.emulator.faults.clear()
      await shop.restore(swap, { runAttempt: '2' })
      const [name = ''] = shop.names().slice(1)
      expect(shop.machine()).toEqual(['running', `${name} /dev/xvdf`])
      expect(shop.names()).toHaveLength(2)
    },
  )

  test.each<['StopInstance' | 'DetachDisk' | 'AttachDisk', string, string]>([
    ['StopInstance', 'InstanceStopFailed', 'instance "shop" is running'],
    ['DetachDisk', 'DiskDetachmentFailed', 'instance "shop" is stopped'],
    [
      'AttachDisk',
      'DiskAttachmentFailed',
      'the previous disk "shop-data" is available and attached to nothing',
    ],
  ])('when Lightsail accepts %s and then fails it', async (operation, code, state) => {
    shop.emulator.behaviour.failingOperations = [operation]
    const { message } = await shop.failure(swap)
    expect(message).toContain(`: ${code}: `)
    expect(message).toContain(state)
    expect(shop.running.outputs['state']).toBe('error')
    // At once, not at wait-timeout.
    expect(shop.running.clock.elapsed).toBeLessThan(240_000)
    shop.emulator.behaviour.failingOperations = []
    await shop.restore(swap, { runAttempt: '2' })
    expect(shop.machine()).toEqual(swapped)
  })

  test.each([1, 3, 11, 14, 20, 26, 30, 33, 38, 44])(
    'with a wait-timeout of %i s, and the site is running either way',
    async (seconds) => {
      const step = shop.step({ ...swap, 'wait-timeout': `${seconds}s` })
      const end = await restore(step).then(
        () => 'done',
        (failure: Error) => failure.message,
      )
      if (end === 'done') {
        expect([shop.live(), shop.machine()]).toEqual(['new', swapped])
        return
      }
      expect(end).toMatch(/wait-timeout/)
      expect([shop.live(), shop.machine()]).toEqual(['broken', ['running', 'shop-data /dev/xvdf']])
      await shop.restore(swap, { runAttempt: '2' })
      expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
    },
  )

  test('with the last known states if Lightsail stops responding', async () => {
    const first = shop.step({ ...swap, 'wait-timeout': '5m' })
    const { info } = first.log
    first.log.info = (line) => {
      if (line.includes('is detached')) shop.faultAt('*', 'internal-error', 'all')
      return info(line)
    }
    const { message } = await failureOf(() => restore(first))
    expect(message).toContain('When last seen: instance "shop" is stopped;')
    expect(message).toContain('"shop-data" is available and attached to nothing')
    shop.emulator.faults.clear()
    await shop.restore(swap, { runAttempt: '2' })
    expect(shop.machine()).toEqual(swapped)
  })
})

describe('the next attempt', () => {
  const stages = [
    'Create disk',
    'is created from',
    'is stopped (',
    'is detached from',
    'is attached to',
  ] as const
  test.each(stages)('continues where an earlier one was killed at "%s"', async (words) => {
    const killed = shop.step(swap)
    const { info } = killed.log
    killed.log.info = (line) => {
      if (line.includes(words)) throw new Error('killed')
      return info(line)
    }
    await expect(restore(killed)).rejects.toThrow('killed')
    await shop.restore(swap, { runAttempt: '2' })
    const [, disk] = shop.names()
    expect([shop.machine(), shop.names().length]).toEqual([['running', `${disk} /dev/xvdf`], 2])
    expect(disk === restoredName).toBe(words !== 'Create disk')
  })

  test('restores a snapshot of the live disk, even if its tags do not say yet what it replaces', async () => {
    // The first three requests tag the snapshot, the start of the swap, and the old disk; the fourth tags the new one.
    shop.faultAt('TagResource', 'access-denied', [4])
    await shop.failure(swap)
    shop.emulator.faults.clear()
    shop.account.setContent(restoredName, 'later')
    await shop.snapshot({ 'disk-name': 'shop-data' }, { runId: '2' })
    shop.account.setContent(restoredName, 'broken again')
    await shop.restore(swap, { runId: '2' })
    expect(shop.live()).toBe('later')
    await shop.restore(swap, { runId: '3' })
    expect(shop.live()).toBe('later')
  })

  test('finishes an attachment too', async () => {
    shop.faultAt('AttachDisk', 'access-denied', 'all')
    const { message, copyables } = await shop.failure(attach)
    expect(message).toContain('Not allowed: lightsail:AttachDisk')
    expect(copyables.map(({ text }) => text).join('\n')).toContain(
      'aws lightsail attach-disk --region eu-central-1',
    )
    shop.emulator.faults.clear()
    await shop.restore(attach, { runAttempt: '3' })
    expect(shop.names()).toEqual(['shop-data', restoredName])
    expect(shop.machine()).toEqual(['running', 'shop-data /dev/xvdf', `${restoredName} /dev/xvdg`])
  })

  test('recognizes the disk by its tags if its name contains the time', async () => {
    const inputs = { ...attach, 'restored-disk-name': 'back-{{date}}-{{time}}' }
    shop.faultAt('AttachDisk', 'access-denied', 'all')
    await shop.failure(inputs)
    shop.emulator.faults.clear()
    await shop.restore(inputs, { runAttempt: '2' })
    expect(shop.names()).toHaveLength(2)
  })

  test.each<[string, Record<string, string>]>([
    ['another snapshot', { 'snapshot-name': 'old' }],
    [
      'another template',
      { 'snapshot-name': 'new', 'restored-disk-name': 'other-{{run_id}}-{{run_attempt}}' },
    ],
    ['another commit', { 'disk-name': 'shop-data', 'commit-sha': 'f'.repeat(40) }],
  ])("doesn't use the disk of a step with %s", async (_, inputs) => {
    await shop.restore({ 'snapshot-name': 'new' })
    await shop.restore(inputs, { runAttempt: '2' })
    expect(shop.names()).toHaveLength(3)
  })

  test('fails rather than guess between two disks', async () => {
    const inputs = { 'snapshot-name': 'new', 'restored-disk-name': 'back-{{time}}-{{run_attempt}}' }
    await shop.restore(inputs)
    await shop.restore(inputs, { runAttempt: '1', runNumber: '43' })
    const { message } = await shop.failure(inputs, { runAttempt: '2' })
    expect(message).toMatch(
      /more than one disk that this step could continue with: "back-\d+-1", "back-\d+-1"/,
    )
  })

  test.each([
    [{ 'size-in-gb': '64' }, 'has 32 GB, and not 64 GB'],
    [{ 'availability-zone': `${region}b` }, 'is in eu-central-1a, and not in eu-central-1b'],
    [attach, 'is attached to instance "shop" at /dev/xvdh'],
  ])("doesn't use a disk that doesn't match its inputs: %j", async (inputs, message) => {
    await shop.restore({ ...attach, 'disk-path': '/dev/xvdh' })
    expect(
      (await shop.failure({ ...inputs, 'snapshot-name': 'new' }, { runAttempt: '2' })).message,
    ).toContain(message)
  })

  test('says how to delete a failed disk that has the name', async () => {
    shop.emulator.behaviour.diskEnd = 'error'
    await shop.failure({ 'snapshot-name': 'new' })
    const { message, advice } = await shop.failure({ 'snapshot-name': 'new' })
    expect(message).toContain('which an earlier attempt created, failed in Lightsail')
    expect(advice).toContain(`aws lightsail delete-disk --region eu-central-1 --disk-name ${restoredName}`)
  })
})

describe('a roll-back', () => {
  /** Returns a step that does the work when its log contains these words. */
  function when(words: string, work: () => void): ReturnType<typeof shop.step> {
    const watched = shop.step(swap)
    const { info } = watched.log
    watched.log.info = (line) => {
      if (line.includes(words)) work()
      return info(line)
    }
    return watched
  }

  test('fails if the restored disk is deleted meanwhile', async () => {
    const watched = when('is stopped', () => shop.account.disks.discard(restoredName))
    const { message } = await failureOf(() => restore(watched))
    expect(message).toContain(`"${restoredName}" no longer exists in eu-central-1`)
    expect(message).toContain('is not there')
  })

  test('fails if the name of the restored disk is already in use', async () => {
    const watched = shop.step({ 'snapshot-name': 'new', 'restored-disk-name': 'old' })
    const { message } = await failureOf(() => restore(watched))
    expect(message).toContain('The name of disk "old" is already in use')
  })

  test('fails if another disk is attached in its place', async () => {
    const watched = when('is detached', () => shop.account.addDisk('other', 8, shop.now(), 'shop'))
    const began = shop.now()
    const { message } = await failureOf(() => restore(watched))
    expect(message).toContain('disk "other" has since been attached at /dev/xvdf')
    expect(shop.machine()).toEqual(['running', 'other /dev/xvdf'])
    // This step can't free the disk path, so the site must not wait for that.
    expect(shop.now() - began).toBeLessThan(120_000)
  })

  test('succeeds if the previous disk is deleted once it is detached', async () => {
    const watched = when('is detached', () => shop.account.disks.discard('shop-data'))
    await restore(watched)
    expect(shop.machine()).toEqual(swapped)
  })
})
