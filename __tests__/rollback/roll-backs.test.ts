// Successive roll-backs with deploys between them, judged by the content of the disk in use.
import { beforeEach, describe, expect, test } from '@jest/globals'
import { operationFailure } from '../../emulator/service/errors.js'
import { asFault } from '../../emulator/service/faults.js'
import { operationCourse } from '../../emulator/service/lifecycle.js'
import { restore } from '../../src/actions/restore/action.js'
import { failureOf } from '../support/failure.js'
import { otherSha, takenBy } from '../support/restore.js'
import { restoredName, useShop } from '../support/shop-steps.js'
import { exampleSha } from '../support/step.js'

const shop = useShop()
const swap = { 'disk-name': 'shop-data', swap: 'true' }
const second = { runAttempt: '2' }

/** A deploy, or whatever else writes to the disk in use. */
const write = (content: string) => shop.account.writeTo('shop', '/dev/xvdf', content, shop.now())

describe('after a finished roll-back', () => {
  test('the next attempt rolls back again, with a new disk', async () => {
    await shop.restore(swap)
    expect(shop.live()).toBe('new')
    write('broken again')
    await shop.restore(swap, second)
    expect(shop.live()).toBe('new')
    // The first is known to be finished, so none of its tags are left to write.
    expect(shop.text()).not.toContain("tags don't say so yet")
    expect(shop.machine()).toEqual(['running', 'shop-data-restored-1658821493-2 /dev/xvdf'])
    expect(shop.running.outputs).toMatchObject({
      state: 'completed',
      'previous-disk-name': restoredName,
      'disk-name': 'shop-data-restored-1658821493-2',
    })
  })

  test('a second step of the same attempt rolls back again too', async () => {
    await shop.restore(swap)
    write('broken again')
    await shop.restore(swap)
    expect(shop.live()).toBe('new')
    expect(shop.machine()).toEqual(['running', `${restoredName}-2 /dev/xvdf`])
  })

  test('the next attempt chooses a snapshot anew, even if the tag of the last choice remains', async () => {
    shop.faultAt('TagResource', 'access-denied', [5])
    await shop.restore(swap)
    expect(shop.text()).toContain('The tag roll-back-runs of snapshot "new" could not be updated')
    const source = { type: 'disk', name: restoredName } as const
    const tags = [...takenBy('octo-org/web-shop'), { key: 'lineage', value: 'shop-data' }]
    const createdAt = shop.now()
    shop.account.putSnapshot({ name: 'newer', source, createdAt, content: 'newer', tags })
    await shop.restore(swap, second)
    expect(shop.live()).toBe('newer')
  })

  test('the tags say which disk replaced which, after any number of roll-backs', async () => {
    const { arn } = shop.account.disk('shop-data', shop.now())
    await shop.restore(swap)
    await shop.restore(swap, second)
    const third = 'shop-data-restored-1658821493-2'
    expect(shop.tagsOf('shop-data')).toMatchObject({ 'replaced-by': restoredName })
    expect(shop.tagsOf(restoredName)).toMatchObject({
      replaces: 'shop-data',
      'replaces-arn': arn,
      'replaced-by': third,
    })
    expect(shop.tagsOf(third)).toMatchObject({ replaces: 'shop-data', 'replaces-arn': arn })
  })

  test('a disk restored for inspection has no tags about a replacement', async () => {
    await shop.restore({ 'disk-name': 'shop-data', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' })
    expect(Object.keys(shop.tagsOf(restoredName)).filter((key) => key.startsWith('repla'))).toEqual([])
  })

  test.each([
    ['by the old name', 'shop-data'],
    ['by its own name', restoredName],
  ])('the disk in use is found %s, with the snapshots from before and after', async (_, name) => {
    await shop.restore({ ...swap, 'commit-sha': exampleSha })
    const { outputs } = await shop.snapshot({ 'disk-name': 'shop-data', wait: 'true' }, { runId: '2' })
    expect(JSON.parse(outputs['snapshots'] ?? '')).toMatchObject([
      { sourceName: restoredName, requestedName: 'shop-data' },
    ])
    await shop.restore({ ...swap, 'disk-name': name, 'commit-sha': otherSha }, { runId: '3' })
    expect(shop.live()).toBe('old')
    expect(shop.running.outputs['previous-disk-name']).toBe(restoredName)
    await shop.restore({ ...swap, 'disk-name': name }, { runId: '4' })
    expect(shop.live()).toBe('new')
    expect(shop.running.outputs['snapshot-name']).toBe(outputs['snapshot-name'])
  })

  test("the previous disk's name still means the disk in use after its deletion", async () => {
    await shop.restore(swap)
    shop.account.removeDisk('shop-data')
    await shop.restore({ ...swap, 'commit-sha': otherSha }, { runId: '2' })
    expect(shop.live()).toBe('old')
    expect(shop.machine()).toEqual(['running', 'shop-data-restored-2-1 /dev/xvdf'])
  })
})

describe('a disk that this run already created', () => {
  test('is used if it was never attached', async () => {
    await shop.restore({ 'disk-name': 'shop-data' })
    await shop.restore(swap)
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName} /dev/xvdf`]])
    expect(shop.names()).toHaveLength(2)
  })

  test('is not used if it was attached meanwhile, because its content may have changed', async () => {
    const { call } = await import('../support/raw-client.js')
    await shop.restore({ 'disk-name': 'shop-data' })
    await call(shop.emulator, 'AttachDisk', {
      diskName: restoredName,
      instanceName: 'shop',
      diskPath: '/dev/xvdg',
    })
    shop.running.clock.elapsed += 60_000
    shop.account.writeTo('shop', '/dev/xvdg', 'tried out', shop.now())
    shop.account.detach(restoredName)
    await shop.restore(swap, second)
    expect(shop.live()).toBe('new')
    expect(shop.machine()).not.toContain(`${restoredName} /dev/xvdf`)
  })

  test("is not used again once it was in use, even if operations can't be read", async () => {
    shop.faultAt('GetOperationsForResource', 'access-denied', 'all')
    await shop.restore(swap)
    write('broken again')
    await shop.restore(swap)
    await shop.restore(swap)
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName}-3 /dev/xvdf`]])
  })

  test("is not used by another attempt if operations can't be read", async () => {
    await shop.restore({ 'disk-name': 'shop-data' })
    shop.faultAt('GetOperationsForResource', 'access-denied', 'all')
    await shop.restore(swap, second)
    expect(shop.machine()).toEqual(['running', 'shop-data-restored-1658821493-2 /dev/xvdf'])
  })
})

describe('the deploy after a roll-back', () => {
  test.each([20_000, 60_000])('captures the disk in use, even if tags are %i ms late', async (late) => {
    shop.emulator.behaviour.tagsLateMs = late
    await shop.restore(swap)
    const { outputs } = await shop.snapshot({ 'disk-name': 'shop-data', 'keep-last': '1' }, { runId: '2' })
    expect(outputs['snapshots']).toContain(`"sourceName":"${restoredName}"`)
  })

  test('deletes no snapshots while the named disk is attached to nothing', async () => {
    shop.account.detach('shop-data')
    const { outputs } = await shop.snapshot({ 'disk-name': 'shop-data', 'keep-last': '1' }, { runId: '2' })
    expect(outputs['deleted-snapshots']).toBe('[]')
    expect(shop.text()).toContain(
      'No old snapshots are deleted, because disk "shop-data" is attached to nothing',
    )
  })

  test('keeps the snapshot of an unfinished roll-back', async () => {
    shop.faultAt('CreateDiskFromSnapshot', 'access-denied')
    await shop.failure(swap)
    await shop.snapshot({ 'disk-name': 'shop-data', 'keep-last': '1' }, second)
    await shop.restore(swap, second)
    expect([shop.live(), shop.running.outputs['snapshot-name']]).toEqual(['new', 'new'])
  })
})

describe('the snapshot of an unfinished roll-back', () => {
  const source = { type: 'disk', name: 'shop-data' } as const
  const takeBroken = () =>
    shop.account.putSnapshot({
      name: 'of-broken-data',
      source,
      createdAt: shop.now(),
      content: 'broken',
      tags: takenBy('octo-org/web-shop'),
    })

  test('is chosen again by the next attempt, rather than a newer one of the broken data', async () => {
    shop.faultAt('CreateDiskFromSnapshot', 'access-denied')
    await shop.failure(swap)
    takeBroken()
    await shop.restore(swap, second)
    expect([shop.live(), shop.running.outputs['snapshot-name']]).toEqual(['new', 'new'])
  })

  test('is not preferred by another run', async () => {
    shop.faultAt('CreateDiskFromSnapshot', 'access-denied')
    await shop.failure(swap)
    takeBroken()
    await shop.restore(swap, { runId: '7' })
    expect(shop.running.outputs['snapshot-name']).toBe('of-broken-data')
  })

  test('is tagged before anything else changes', async () => {
    shop.faultAt('TagResource', 'access-denied', 'all')
    const { message, advice } = await shop.failure(swap)
    expect(message).toContain('Not allowed: lightsail:TagResource')
    expect(advice).toContain('lightsail:TagResource')
    expect(shop.changes()).toEqual([])
  })
})

/** The id of the operation that created a disk. */
function creationOf(diskName: string): string | undefined {
  const operations = shop.account.allOperations(shop.now())
  return operations.find(
    ({ operationType, resourceName }) =>
      operationType === 'CreateDiskFromSnapshot' && resourceName === diskName,
  )?.id
}

/** Tags a disk by hand, which adds an operation at the front of its list. */
function tagByHand(diskName: string): void {
  const work = {
    operationType: 'TagResource',
    startedAt: shop.now(),
    endsAt: shop.now(),
    end: 'Succeeded',
  } as const
  const { fixed } = shop.account.tagged(diskName, shop.now())
  shop.account.operations.add('TagResource', { resource: fixed }, work.startedAt, operationCourse(work, 0))
}

describe('a swap that an earlier step left unfinished', () => {
  /** Kills the first attempt when its log says this. */
  async function killAt(words: string, inputs = swap): Promise<void> {
    const step = shop.step(inputs)
    shop.when(step, words, () => {
      throw new Error('killed')
    })
    await expect(restore(step)).rejects.toThrow('killed')
    // Lets the requested operations finish.
    shop.running.clock.elapsed += 60_000
  }
  const stages = [
    'Stop instance',
    'is stopped (',
    'Detach disk',
    'is detached from',
    'Attach disk',
    'is attached to',
    'Start instance',
  ] as const

  test.each(stages)('is finished by the next attempt if it stopped at "%s"', async (words) => {
    await killAt(words)
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName} /dev/xvdf`]])
    expect(shop.names()).toHaveLength(2)
    expect(shop.tagsOf(restoredName)['replaces']).toBe('shop-data')
    expect(shop.tagsOf('shop-data')['replaced-by']).toBe(restoredName)
  })

  test.each(stages.slice(1))('is finished by another run too if it stopped at "%s"', async (words) => {
    await killAt(words)
    await shop.restore(swap, { runId: '2' })
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName} /dev/xvdf`]])
    expect(shop.text()).toContain("didn't finish. This step finishes it.")
  })

  test.each(stages.slice(1))(
    'is repaired before another snapshot is restored if it stopped at "%s"',
    async (words) => {
      await killAt(words)
      await shop.restore({ ...swap, 'commit-sha': otherSha }, { runId: '2' })
      expect([shop.live(), shop.machine()]).toEqual(['old', ['running', 'shop-data-restored-2-1 /dev/xvdf']])
      expect(shop.text()).toContain('This step gets it running first.')
      expect(shop.changes().filter((name) => name === 'StartInstance').length).toBeGreaterThan(1)
    },
  )

  test('is finished with the disk that a step without swap created', async () => {
    await shop.restore({ 'disk-name': 'shop-data' })
    await killAt('is detached from')
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName} /dev/xvdf`]])
    expect(shop.names()).toHaveLength(2)
  })

  test('is finished even if the list of operations shifts and shows the attachment twice', async () => {
    await killAt('is attached to')
    shop.emulator.behaviour.pageSize = 1
    let pages = 0
    shop.emulator.beforeRequest = ({ operation }) => {
      if (operation === 'GetOperationsForResource') pages += 1
      if (pages === 2) tagByHand(restoredName)
    }
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName} /dev/xvdf`]])
    expect(shop.names()).toHaveLength(2)
    expect(shop.running.outputs['operation-id']).toBe(creationOf(restoredName))
  })

  test('only has its tags written if the instance was already running', async () => {
    await killAt('Instance "shop" is running (')
    write('broken again')
    await shop.restore({ ...swap, 'commit-sha': otherSha }, { runId: '2' })
    expect(shop.live()).toBe('old')
    expect(shop.tagsOf('shop-data')['replaced-by']).toBe(restoredName)
    expect(shop.running.outputs['previous-disk-name']).toBe(restoredName)
    expect(shop.text()).toContain("but its tags don't say so yet")
    expect(shop.tagsOf('shop-data-restored-2-1')['replaces']).toBe('shop-data')
    const { outputs } = await shop.snapshot({ 'disk-name': 'shop-data' }, { runId: '3' })
    expect(outputs['snapshots']).toContain('"sourceName":"shop-data-restored-2-1"')
  })

  test('is not resumed if the instance has run with its disk since', async () => {
    shop.faultAt('TagResource', 'access-denied', [3])
    await shop.failure(swap)
    write('written since')
    shop.account.setInstanceState('shop', 'stopped', shop.now())
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
    expect(shop.machine()[1]).not.toBe(`${restoredName} /dev/xvdf`)
  })

  test('is not resumed if it is unknown whether the instance has run with its disk', async () => {
    await killAt('is attached to')
    shop.faultAt('GetOperationsForResource', 'access-denied', 'all')
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()]).toEqual([
      'new',
      ['running', 'shop-data-restored-1658821493-2 /dev/xvdf'],
    ])
    expect(shop.tagsOf('shop-data-restored-1658821493-2')['replaces']).toBe('shop-data')
  })

  test('can be followed by a step that attaches another disk, and then by a swap', async () => {
    await killAt('is detached from')
    await shop.restore({ 'disk-name': 'shop-data', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }, second)
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
  })

  test("is repaired by a later run if the first repair wasn't allowed to attach a disk", async () => {
    await killAt('is detached from')
    shop.faultAt('AttachDisk', 'access-denied', 'all')
    const { message } = await shop.failure({ ...swap, 'commit-sha': otherSha }, { runId: '2' })
    expect(message).toMatch(/^The site may not work: instance "shop" is running without a disk at/)
    shop.emulator.faults.clear()
    await shop.restore({ ...swap, 'commit-sha': otherSha }, { runId: '3' })
    expect([shop.live(), shop.machine()[0]]).toEqual(['old', 'running'])
  })

  test('is found by the next attempt even if tags become visible late', async () => {
    shop.emulator.behaviour.tagsLateMs = 30_000
    const step = shop.step(swap)
    shop.when(step, 'is stopped (', () => {
      throw new Error('killed')
    })
    await expect(restore(step)).rejects.toThrow('killed')
    shop.running.clock.elapsed += 6000
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
  })

  test('is finished before another snapshot is restored if its previous disk is gone', async () => {
    await killAt('is detached from')
    shop.account.removeDisk('shop-data')
    await shop.restore({ ...swap, 'commit-sha': otherSha }, { runId: '2' })
    expect([shop.live(), shop.machine()]).toEqual(['old', ['running', 'shop-data-restored-2-1 /dev/xvdf']])
    expect(shop.tagsOf(restoredName)['replaces']).toBe('shop-data')
  })

  test('is listed by a dry run, which changes nothing', async () => {
    await killAt('is detached from')
    shop.emulator.requests.length = 0
    await shop.restore({ ...swap, 'commit-sha': otherSha, 'dry-run': 'true' }, { runId: '2' })
    expect(shop.text()).toContain('first: get instance "shop" running')
    expect(shop.requested().filter((name) => !name.startsWith('Get'))).toEqual([])
  })

  test('needs no repair once the site was brought back, even if its disk is detached later', async () => {
    shop.faultAt('DetachDisk', 'access-denied')
    await shop.failure(swap)
    shop.account.detach('shop-data')
    const { message } = await shop.failure(swap, { runId: '2' })
    expect(message).toContain('Disk "shop-data" isn\'t attached to any instance')
    expect(shop.machine()).toEqual(['running'])
  })

  test('needs no repair if it never stopped the instance', async () => {
    shop.faultAt('StopInstance', 'access-denied')
    await shop.failure(swap)
    await shop.restore({ ...swap, 'commit-sha': otherSha }, { runId: '2' })
    expect([shop.live(), shop.text()]).toEqual(['old', expect.not.stringContaining('gets it running first')])
  })
})

describe("the site is not stopped for a swap that can't succeed", () => {
  const untouched = () => expect(shop.changes()).toEqual(['CreateDiskFromSnapshot'])
  /** Returns the failure of a swap during which this happens, just after its disk is created. */
  const changed = async (work: () => void) => {
    const step = shop.when(shop.step(swap), 'is created from', work)
    return failureOf(() => restore(step))
  }

  test.each<[string, () => void]>([
    ['disk "shop-data" is no longer attached', () => shop.account.detach('shop-data')],
    [
      'is no longer the restored one',
      () => {
        shop.account.removeDisk(restoredName)
        shop.account.addDisk(restoredName, 32, shop.now(), undefined, {
          tags: [
            { key: 'repository', value: 'octo-org/web-shop' },
            { key: 'run-id', value: '1658821493' },
            { key: 'restored-from', value: 'new' },
          ],
        })
      },
    ],
    [`disk "${restoredName}" is attached`, () => shop.account.attach(restoredName, 'shop', '/dev/xvdg')],
    ['is stopped and no longer running', () => shop.account.setInstanceState('shop', 'stopped', shop.now())],
  ])('because %s', async (words, work) => {
    const { message, advice } = await changed(work)
    expect(message).toContain('Something has changed since this step began')
    expect(message).toContain(words)
    expect(advice).toContain('was not stopped for this roll-back')
    untouched()
  })

  test('because too little of wait-timeout is left', async () => {
    shop.emulator.behaviour.diskDurationMs = 6 * 60_000
    const { message } = await shop.failure({ ...swap, 'wait-timeout': '10m' })
    expect(message).toMatch(/Only 3m\d+s are left of wait-timeout, and a swap can need 5m/)
    untouched()
    await shop.restore({ ...swap, 'wait-timeout': '10m' }, second)
    expect([shop.live(), shop.names().length]).toEqual(['new', 2])
  })

  test('because the credentials expire too soon', async () => {
    process.env['AWS_CREDENTIAL_EXPIRATION'] = new Date(shop.now() + 4 * 60_000).toISOString()
    const { message, advice } = await shop.failure(swap)
    expect(message).toMatch(/Only 3m\d+s are left until the AWS credentials of this job expire/)
    expect(advice).toContain('Renew the credentials')
    untouched()
  })
})

describe("a request that doesn't fit the present state", () => {
  const beside = { 'snapshot-name': 'new', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
  const refusal = asFault(operationFailure("You can't do this right now. The state of this disk is: pending"))

  /** Refuses an operation from its first request on, for this long. */
  function refuse(refused: string, ms: number): void {
    let since: number | undefined
    shop.faultAt(refused, refusal, 'all')
    shop.emulator.beforeRequest = ({ operation }) => {
      if (operation !== refused) return
      since ??= shop.now()
      if (shop.now() - since >= ms) shop.emulator.faults.clear()
    }
  }

  test.each([
    ['CreateDiskFromSnapshot', swap, 8 * 60_000],
    ['StopInstance', { ...swap, 'wait-timeout': '12m' }, 55_000],
    ['DetachDisk', swap, 110_000],
    ['AttachDisk', swap, 110_000],
    ['StartInstance', swap, 8 * 60_000],
    ['AttachDisk', beside, 8 * 60_000],
  ] as const)('is sent again until it fits: %s', async (operation, inputs, ms) => {
    refuse(operation, ms)
    await shop.restore({ 'wait-timeout': '30m', ...inputs })
    expect(shop.account.contentOf(restoredName)).toBe('new')
    expect(shop.machine()[0]).toBe('running')
    expect(shop.machine()).toContain(`${restoredName} ${inputs === beside ? '/dev/xvdg' : '/dev/xvdf'}`)
  })

  test('is not sent again if it has become needless: the instance is looked at in between', async () => {
    shop.faultAt('StopInstance', refusal, 'all')
    const step = shop.when(shop.step(swap), 'right now', () =>
      shop.account.setInstanceState('shop', 'stopped', shop.now()),
    )
    await restore(step)
    expect(shop.changes().filter((operation) => operation === 'StopInstance')).toHaveLength(1)
    expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
  })
})

describe('the instance of a swap', () => {
  const asBefore = ['running', 'shop-data /dev/xvdf']
  let down: string[]
  beforeEach(() => {
    down = []
  })

  test('is started again until that succeeds', async () => {
    shop.faultAt('StartInstance', 'operation-failure', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await shop.restore({ ...swap, 'wait-timeout': '10m' })
    expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
    expect(shop.text()).toContain('The instance was down for')
  })

  test.each([
    ['detachDurationMs', 'broken', 'shop-data', 40_000],
    ['detachDurationMs', 'broken', 'shop-data', 150_000],
    ['attachDurationMs', 'new', restoredName, 40_000],
  ] as const)(
    'is started only after the operation in progress has finished: %s',
    async (duration, content, disk, ms) => {
      shop.emulator.behaviour[duration] = ms
      await shop.restore({ ...swap, 'wait-timeout': '42s' }).catch(() => {})
      shop.running.clock.elapsed += 400_000
      expect([shop.live(), shop.machine()]).toEqual([content, ['running', `${disk} /dev/xvdf`]])
    },
  )

  test('is started again after starts that Lightsail accepts and fails, even beyond wait-timeout', async () => {
    shop.emulator.behaviour.failingOperations = ['StartInstance']
    const step = shop.step({ ...swap, 'wait-timeout': '1m' })
    shop.when(step, 'Could not start', () => down.push('failed'))
    const heal = setInterval(() => {
      if (step.clock.elapsed > 180_000) shop.emulator.behaviour.failingOperations = []
    }, 1)
    await restore(step)
    clearInterval(heal)
    expect([shop.live(), shop.machine()[0], down]).toEqual(['new', 'running', ['failed']])
  })

  test.each(['DetachDisk', 'AttachDisk'] as const)(
    'gets its previous disk back if %s is refused',
    async (operation) => {
      shop.faultAt(
        operation,
        'operation-failure',
        Array.from({ length: 58 }, (_, index) => index + 1),
      )
      const { message } = await shop.failure(swap)
      expect(message).toMatch(
        /^The roll-back failed, and everything is as before it: instance "shop" is running/,
      )
      expect([shop.live(), shop.machine()]).toEqual(['broken', asBefore])
      expect(shop.running.clock.elapsed).toBeGreaterThan(120_000)
    },
  )

  test.each(['DetachDisk', 'AttachDisk'] as const)(
    'gets its previous disk back at once if %s is denied once',
    async (operation) => {
      shop.faultAt(operation, 'access-denied')
      const { message } = await shop.failure(swap)
      expect(message).toContain(`Not allowed: lightsail:${operation}`)
      expect([shop.live(), shop.machine()]).toEqual(['broken', asBefore])
      expect(shop.running.clock.elapsed).toBeLessThan(90_000)
    },
  )

  test('gets its previous disk back before it starts, even if GetInstance still shows the detached one', async () => {
    shop.emulator.behaviour.instanceLagMs = 20_000
    shop.faultAt('AttachDisk', 'access-denied')
    const { message } = await shop.failure(swap)
    expect(message).toMatch(/^The roll-back failed, and everything is as before it/)
    expect(shop.changes().slice(-3)).toEqual(['AttachDisk', 'AttachDisk', 'StartInstance'])
    expect([shop.live(), shop.machine()]).toEqual(['broken', asBefore])
  })

  test('is reported to run without a disk, even if GetInstance still shows the detached one', async () => {
    shop.emulator.behaviour.instanceLagMs = 600_000
    shop.faultAt('AttachDisk', 'access-denied', 'all')
    const { message } = await shop.failure(swap)
    expect(message).toMatch(
      /^The site may not work: instance "shop" is running without a disk at \/dev\/xvdf\./,
    )
  })

  test.each(['DetachDisk', 'AttachDisk'] as const)(
    'gets its previous disk back if %s is accepted and then fails',
    async (operation) => {
      const step = shop.step(swap)
      shop.emulator.behaviour.failingOperations = [operation]
      shop.when(step, 'to bring the site back', () => {
        shop.emulator.behaviour.failingOperations = []
      })
      await failureOf(() => restore(step))
      expect([shop.live(), shop.machine()]).toEqual(['broken', asBefore])
    },
  )

  test('runs without its disk if AttachDisk is denied, and the error says so first', async () => {
    shop.faultAt('AttachDisk', 'access-denied', 'all')
    const { message } = await shop.failure(swap)
    expect(message).toMatch(
      /^The site may not work: instance "shop" is running without a disk at \/dev\/xvdf\./,
    )
    shop.emulator.faults.clear()
    await shop.restore(swap, second)
    expect([shop.live(), shop.machine()]).toEqual(['new', ['running', `${restoredName} /dev/xvdf`]])
  })

  test('runs without its disk if every attachment is accepted and then fails', async () => {
    Object.assign(shop.emulator.behaviour, { failingOperations: ['AttachDisk'], attachDurationMs: 500 })
    const { message } = await shop.failure({ ...swap, 'wait-timeout': '10m' })
    expect(message).toMatch(/^The site may not work: instance "shop" is running without a disk at/)
    expect(shop.running.clock.elapsed).toBeLessThan(300_000)
  })

  test('stays stopped if StartInstance is denied, and the error says first that the site is down', async () => {
    shop.faultAt('StartInstance', 'access-denied', 'all')
    const { message } = await shop.failure(swap)
    expect(message).toMatch(/^The site is down: instance "shop" is stopped\.\n/)
    expect(shop.running.summary[0]).toMatch(
      /^### :x: The Lightsail disk restore is not complete\n\n\*\*The site is down: instance "shop" is stopped\.\*\*/,
    )
  })

  test.each(['expired-token', 'access-denied'] as const)(
    'is reported as possibly down if its state can no longer be read: %s',
    async (fault) => {
      const step = shop.step(swap)
      shop.emulator.beforeRequest = ({ operation }) => {
        if (operation === 'StopInstance') setImmediate(() => shop.faultAt('*', fault, 'all'))
      }
      const { message } = await failureOf(() => restore(step))
      expect(message).toMatch(
        /^The site may be down: instance "shop" was being stopped when .*\nCould not stop/,
      )
      expect(step.summary[0]).toContain('**The site may be down: instance "shop" was being stopped')
      shop.emulator.beforeRequest = undefined
      shop.emulator.faults.clear()
      await shop.restore(swap, second)
      expect([shop.live(), shop.machine()[0]]).toEqual(['new', 'running'])
    },
  )

  test('stays stopped if the step is cancelled, and the error says first that the site is down', async () => {
    const cancel = new AbortController()
    const step = { ...shop.step(swap), signal: cancel.signal }
    shop.when(step, 'is detached from', () => cancel.abort())
    const { message } = await failureOf(() => restore(step))
    expect(message).toMatch(/^The site is down: instance "shop" is stopped\.\nThis step was cancelled/)
  })
})

test('an interrupted rerun of a finished roll-back restores the same snapshot again, not a newer one', async () => {
  await shop.restore(swap)
  const killed = shop.when(shop.step(swap, second), 'Create disk', () => {
    throw new Error('killed')
  })
  await expect(restore(killed)).rejects.toThrow('killed')
  shop.account.setContent(restoredName, 'broken again')
  await shop.snapshot({ 'disk-name': 'shop-data' }, { runId: '2' })
  await shop.restore(swap, { runAttempt: '3' })
  expect(shop.live()).toBe('new')
})

test('a second roll-back clears the roll-back-runs tag of the first, even if tags become visible late', async () => {
  shop.emulator.behaviour.tagsLateMs = 8000
  await shop.restore(swap)
  await shop.restore(swap, { runId: '2' })
  shop.running.clock.elapsed += 8000
  const { tags } = shop.account.snapshot('new', shop.now())
  expect(tags.find(({ key }) => key === 'roll-back-runs')?.value).toBe('none')
})

test('two simultaneous swaps leave the site running, with the data of one that succeeded, if any', async () => {
  const [one, other] = [shop.step(swap), shop.step({ ...swap, 'commit-sha': otherSha }, { runId: '2' })]
  const ends = await Promise.allSettled([restore(one), restore(other)])
  expect(shop.machine()[0]).toBe('running')
  const green = ends.flatMap(({ status }, index) => (status === 'fulfilled' ? [['new', 'old'][index]] : []))
  if (green.length > 0) expect(green).toContain(shop.live())
})

describe('the report of a restore', () => {
  test('names both disks after a swap, the price and deletion of the previous one, and says that no workflow needs editing', async () => {
    const { log, summary } = await shop.restore(swap)
    const notice = log.lines.find((line) => line.startsWith('notice: In use')) ?? ''
    for (const words of [
      `In use: disk "${restoredName}".`,
      'The previous disk "shop-data" is kept as it was, and costs about $3.20 a month until you delete it.',
      `No workflow needs editing: disk-name "shop-data" now means disk "${restoredName}".`,
    ]) {
      expect(notice).toContain(words)
      expect(summary[0]?.replaceAll(/&#95;/g, '_')).toContain(words.replaceAll(/\$/g, '<span>$</span>'))
    }
    expect(summary[0]).toContain(
      '```sh\naws lightsail delete-disk --region eu-central-1 --disk-name shop-data\n```',
    )
  })

  test('advises mounting an additional disk read-only and not rebooting', async () => {
    await shop.restore({ 'disk-name': 'shop-data', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' })
    expect(shop.text()).toContain('mount -o ro,noload /dev/xvdg')
    expect(shop.text()).toContain("don't reboot the instance while both are attached")
  })
})
