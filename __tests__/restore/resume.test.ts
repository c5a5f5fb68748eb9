// A roll-back that breaks anywhere is finished by the next attempt: never a second disk, never a wrong place.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FaultName } from '../../emulator/faults.js'
import type { Region } from '../../emulator/region.js'
import type { Emulator } from '../../emulator/server.js'
import { restoreDisk } from '../../src/restore/action.js'
import type { Run } from '../../src/workflow/run.js'
import { clientEnvironment, region } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { disksOf, machineOf, restoreStep, startShop } from '../support/restore.js'
import { exampleRun, exampleStep, type KeptStep } from '../support/step.js'

const environmentBefore = { ...process.env }
let emulator: Emulator
let account: Region
/** The step whose clock the emulator goes by. */
let running: KeptStep

beforeEach(async () => {
  running = exampleStep()
  emulator = await startShop({}, () => running.clock.now())
  account = emulator.region(region)
  Object.assign(process.env, clientEnvironment(emulator))
})
afterEach(async () => {
  process.env = { ...environmentBefore }
  await emulator.close()
})

const now = () => running.clock.now()
const machine = () => machineOf(account.instance('shop', now()))
const names = () => disksOf(account, now()).map(({ name }) => name)
const requested = () => emulator.requests.map(({ operation }) => operation)
const text = () => running.log.lines.join('\n')

function step(inputs: Record<string, string>, run: Partial<Run> = {}): KeptStep {
  const { elapsed } = running.clock
  running = restoreStep(inputs, { run: exampleRun(run) })
  running.clock.elapsed = elapsed
  return running
}

const restore = (inputs: Record<string, string>, run: Partial<Run> = {}) => restoreDisk(step(inputs, run))
const failure = (inputs: Record<string, string>, run: Partial<Run> = {}) =>
  failureOf(() => restoreDisk(step(inputs, run)))
const faultAt = (operation: string, fault: FaultName, occurrences: readonly number[] | 'all' = [1]) =>
  emulator.faults.add({ operation, fault, occurrences })

const restoredName = 'shop-data-restored-1658821493-1'
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

// In Jest a connection that breaks isn't an error of its own realm: the end-to-end tests have those.
const passing = [
  'throttle',
  'too-many-requests',
  'internal-error',
  'internal-error-after',
  'unavailable',
  'unreadable-body',
  'wrong-content-type',
] as const

describe('what passes does no harm', () => {
  test.each(
    [...changing, ...reading].flatMap((operation) => passing.map((fault) => [fault, operation] as const)),
  )('%s at %s', async (fault, operation) => {
    faultAt(operation, fault, [1, 3])
    await restore(swap)
    expect([machine(), names()]).toEqual([swapped, ['shop-data', restoredName]])
    expect(running.outputs).toMatchObject({
      state: 'completed',
      'operation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  test('a disk that is hidden at first, and states that say little', async () => {
    Object.assign(emulator.behaviour, { invisibleMs: 30_000, attachingState: 'in-use', operationLagMs: 5000 })
    await restore(swap)
    expect([machine(), names()]).toEqual([swapped, ['shop-data', restoredName]])
  })

  test('a disk that is hidden at first after a lost answer', async () => {
    emulator.behaviour.invisibleMs = 30_000
    faultAt('CreateDiskFromSnapshot', 'internal-error-after')
    await restore(swap)
    expect([machine(), names()]).toEqual([swapped, ['shop-data', restoredName]])
  })

  test('a refusal that comes of a moment before', async () => {
    faultAt('DetachDisk', 'operation-failure', [1, 2])
    faultAt('AttachDisk', 'operation-failure', [1])
    await restore(swap)
    expect(machine()).toEqual(swapped)
    expect(text()).toContain('It is tried again for some seconds.')
  })

  test('a limit of one request a second', async () => {
    emulator.behaviour.requestsPerSecond = 1
    await restore(swap)
    expect(machine()).toEqual(swapped)
  })
})

describe('what does not pass leaves a report, and the next attempt goes on', () => {
  const faults = ['access-denied', 'expired-token', 'operation-failure', 'internal-error'] as const
  test.each(changing.flatMap((operation) => faults.map((fault) => [fault, operation] as const)))(
    '%s at every %s',
    async (fault, operation) => {
      faultAt(operation, fault, 'all')
      const first = step({ ...swap, 'wait-timeout': '5m' })
      const { message } = await failureOf(() => restoreDisk(first))
      expect(message).toMatch(/^Could not .*\nDone: .*\nLeft: .*\nNow: /s)
      emulator.faults.clear()
      await restore(swap, { runAttempt: '2' })
      const [name = ''] = names().slice(1)
      expect(machine()).toEqual(['running', `${name} /dev/xvdf`])
      expect(names()).toHaveLength(2)
    },
  )

  test.each<['StopInstance' | 'DetachDisk' | 'AttachDisk' | 'StartInstance', string, string]>([
    ['StopInstance', 'InstanceStopFailed', 'instance "shop" is running'],
    ['DetachDisk', 'DiskDetachmentFailed', 'instance "shop" is stopped'],
    [
      'AttachDisk',
      'DiskAttachmentFailed',
      'the previous disk "shop-data" is available and attached to nothing',
    ],
    ['StartInstance', 'InstanceStartFailed', 'at /dev/xvdf; the previous disk'],
  ])('Lightsail accepts %s and then fails at it', async (operation, code, state) => {
    emulator.behaviour.failingOperations = [operation]
    const { message } = await failure(swap)
    expect(message).toContain(`: ${code}: `)
    expect(message).toContain(state)
    expect(running.outputs['state']).toBe('error')
    // At once, and not when the time is over.
    expect(running.clock.elapsed).toBeLessThan(90_000)
    emulator.behaviour.failingOperations = []
    await restore(swap, { runAttempt: '2' })
    expect(machine()).toEqual(swapped)
  })

  test('the time is over at any moment', async () => {
    for (const timeout of ['1s', '3s', '11s', '20s', '30s', '38s', '44s']) {
      const { message } = await failure({ ...swap, 'wait-timeout': timeout })
      expect(message).toContain('(wait-timeout) is over')
      expect(running.outputs['state']).toBe('pending')
      const disk = names().at(-1)
      await restore(swap, { runAttempt: '2' })
      expect(machine()).toEqual(['running', `${disk} /dev/xvdf`])
      await emulator.close()
      emulator = await startShop({}, () => running.clock.now())
      account = emulator.region(region)
      Object.assign(process.env, clientEnvironment(emulator))
    }
  })

  test('nothing answers any more: the states are those that were seen last', async () => {
    const first = step({ ...swap, 'wait-timeout': '5m' })
    const { info } = first.log
    first.log.info = (line) => {
      if (line.includes('is detached')) faultAt('*', 'internal-error', 'all')
      return info(line)
    }
    const { message } = await failureOf(() => restoreDisk(first))
    expect(message).toContain('When last seen: instance "shop" is stopped;')
    expect(message).toContain('"shop-data" is available and attached to nothing')
    emulator.faults.clear()
    await restore(swap, { runAttempt: '2' })
    expect(machine()).toEqual(swapped)
  })
})

describe('the next attempt', () => {
  const stages = [
    'Make disk',
    'is made from',
    'is stopped (',
    'is detached from',
    'is attached to',
    'is running (',
  ] as const
  test.each(stages)('goes on where one was killed at "%s"', async (words) => {
    const killed = step(swap)
    const { info } = killed.log
    killed.log.info = (line) => {
      if (line.includes(words)) throw new Error('killed')
      return info(line)
    }
    await expect(restoreDisk(killed)).rejects.toThrow('killed')
    await restore(swap, { runAttempt: '2' })
    const [, disk] = names()
    expect([machine(), names().length]).toEqual([['running', `${disk} /dev/xvdf`], 2])
    expect(disk === restoredName).toBe(words !== 'Make disk')
  })

  test('finds all done where all is done', async () => {
    await restore(swap)
    emulator.requests.length = 0
    await restore(swap, { runAttempt: '2' })
    expect(requested().filter((operation) => !operation.startsWith('Get'))).toEqual([])
    expect(text()).toContain('Detach disk "shop-data" from instance "shop": there was nothing to do any more')
    expect(text()).not.toContain('static IP')
  })

  test('goes on with an attachment as well', async () => {
    faultAt('AttachDisk', 'access-denied', 'all')
    const { message, advice } = await failure(attach)
    expect(message).toContain('Not allowed: lightsail:AttachDisk')
    expect(advice).toContain('aws lightsail attach-disk --region eu-central-1')
    emulator.faults.clear()
    await restore(attach, { runAttempt: '3' })
    expect(names()).toEqual(['shop-data', restoredName])
    expect(machine()).toEqual(['running', 'shop-data /dev/xvdf', `${restoredName} /dev/xvdg`])
  })

  test('knows the disk by its tags where the name has the time in it', async () => {
    const inputs = { ...attach, 'restored-disk-name': 'back-{{date}}-{{time}}' }
    faultAt('AttachDisk', 'access-denied', 'all')
    await failure(inputs)
    emulator.faults.clear()
    await restore(inputs, { runAttempt: '2' })
    expect(names()).toHaveLength(2)
  })

  test.each<[string, Record<string, string>]>([
    ['another snapshot', { 'snapshot-name': 'old' }],
    [
      'another template',
      { 'snapshot-name': 'new', 'restored-disk-name': 'other-{{run_id}}-{{run_attempt}}' },
    ],
    ['another commit', { 'disk-name': 'shop-data', 'commit-sha': 'f'.repeat(40) }],
  ])('does not take the disk of a step with %s', async (_, inputs) => {
    await restore({ 'snapshot-name': 'new' })
    await restore(inputs, { runAttempt: '2' })
    expect(names()).toHaveLength(3)
  })

  test('does not guess between two disks', async () => {
    const inputs = { 'snapshot-name': 'new', 'restored-disk-name': 'back-{{time}}-{{run_attempt}}' }
    await restore(inputs)
    await restore(inputs, { runAttempt: '1', runNumber: '43' })
    const { message } = await failure(inputs, { runAttempt: '2' })
    expect(message).toMatch(/more than one disk that this step could go on with: "back-\d+-1", "back-\d+-1"/)
  })

  test.each([
    [{ 'size-in-gb': '64' }, 'has 32 GB, and not 64 GB'],
    [{ 'availability-zone': `${region}b` }, 'is in eu-central-1a, and not in eu-central-1b'],
    [attach, 'is attached to instance "shop" at /dev/xvdh'],
  ])('does not take a disk that does not fit: %j', async (inputs, message) => {
    await restore({ ...attach, 'disk-path': '/dev/xvdh' })
    expect((await failure({ ...inputs, 'snapshot-name': 'new' }, { runAttempt: '2' })).message).toContain(
      message,
    )
  })

  test('says what to do with a disk that failed under the name', async () => {
    emulator.behaviour.diskEnd = 'error'
    await failure({ 'snapshot-name': 'new' })
    const { message, advice } = await failure({ 'snapshot-name': 'new' })
    expect(message).toContain('which an earlier attempt made, failed in Lightsail')
    expect(advice).toContain(`aws lightsail delete-disk --region eu-central-1 --disk-name ${restoredName}`)
  })
})

describe('things that change meanwhile', () => {
  /** Does this when the log says that. */
  function when(words: string, work: () => void): KeptStep {
    const watched = step(swap)
    const { info } = watched.log
    watched.log.info = (line) => {
      if (line.includes(words)) work()
      return info(line)
    }
    return watched
  }

  test('the restored disk is gone', async () => {
    const watched = when('is stopped', () => account.disks.discard(restoredName))
    const { message } = await failureOf(() => restoreDisk(watched))
    expect(message).toContain(`"${restoredName}" can't be found in eu-central-1 any more`)
    expect(message).toContain('is not there')
  })

  test('the name is taken by something else', async () => {
    const watched = step({ 'snapshot-name': 'new', 'restored-disk-name': 'old' })
    const { message } = await failureOf(() => restoreDisk(watched))
    expect(message).toContain('The name of disk "old" is already in use')
  })

  test('the previous disk is gone once it is detached', async () => {
    const watched = when('is detached', () => account.disks.discard('shop-data'))
    await restoreDisk(watched)
    expect(machine()).toEqual(swapped)
  })
})
