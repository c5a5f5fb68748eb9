// The built restore/, in its own process: a roll-back, and what can go wrong in it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import type { Emulator } from '../../emulator/service/server.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { region } from '../support/emulated.js'
import { disksOf, machineOf, startShop, takenBy } from '../support/restore.js'
import { describeWithSignals } from '../support/signals.js'

let emulator: Emulator
let account: Region
beforeEach(async () => {
  emulator = await startShop(everyChangeTakes(300))
  account = emulator.region(region)
})
afterEach(() => emulator.close())

type Options = Parameters<typeof runBuiltAction>[2]

const restore = (inputs: Record<string, string>, options: Options = {}): Promise<BuiltStepResult> =>
  runBuiltAction(emulator, inputs, { ...options, action: 'restore' })

const attempt = (number: number): Options => ({ environment: { GITHUB_RUN_ATTEMPT: String(number) } })
const live = () => account.contentOfInstance('shop', '/dev/xvdf')
const machine = () => machineOf(account.instance('shop', Date.now()))
const names = () => disksOf(account, Date.now()).map(({ name }) => name)
const changes = () =>
  emulator.requests.map(({ operation }) => operation).filter((operation) => !operation.startsWith('Get'))

const restoredName = 'shop-data-restored-1658821493-1'
const swap = { 'disk-name': 'shop-data', swap: 'true' }
const attach = { 'snapshot-name': 'new', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
const swapped = ['running', `${restoredName} /dev/xvdf`]

describe('a roll-back', () => {
  test('swaps the disk, starts the instance again, and reports all of it', async () => {
    const { exitCode, outputs, log, summary, errors } = await restore(swap)
    expect([exitCode, errors]).toEqual([0, []])
    expect(machine()).toEqual(swapped)
    expect(outputs).toEqual({
      'disk-name': restoredName,
      'operation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      state: 'completed',
      'snapshot-name': 'new',
      'previous-disk-name': 'shop-data',
      'instance-name': '',
      'previous-instance-name': '',
      'ip-address': '',
    })
    expect(live()).toBe('new')
    expect(log).toContain('The previous disk "shop-data" is kept as it was, and costs about $3.20 a month')
    expect(log).toContain('No workflow needs editing: disk-name "shop-data" now means disk')
    expect(summary).toContain(
      '### :white_check_mark: Rolled back: Lightsail disk restored and swapped in, 32 GB\n\nDisk "shop-data-restored',
    )
    expect(summary).toContain('| Stop instance "shop" | done |')
  })

  test('attaches the disk beside the others', async () => {
    expect((await restore(attach)).exitCode).toBe(0)
    expect(machine()).toEqual(['running', 'shop-data /dev/xvdf', `${restoredName} /dev/xvdg`])
  })

  test('reports every problem of every input before any request', async () => {
    const { exitCode, errors } = await restore({
      'instance-name': 'shop',
      'snapshot-name': 'new',
      'commit-sha': 'main',
      'restored-disk-name': '{{nothing}}',
      'availability-zone': 'us-east-1a',
      'size-in-gb': '32GB',
      'attach-to': 'shop',
      swap: 'true',
      'wait-timeout': '60',
      tags: 'restored-from=x',
    })
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain("10 problems in this step's inputs")
    expect(emulator.requests).toEqual([])
  })
})

describe('nothing is changed if', () => {
  test.each<[string, Record<string, string>, string]>([
    ['the size is less than the snapshot', { ...attach, 'size-in-gb': '31' }, '31 GB is less than the 32 GB'],
    [
      'the zone is of another Region',
      { ...attach, 'availability-zone': 'us-east-1a' },
      'availability-zone: "us-east-1a" is not an Availability Zone of eu-central-1: write one like eu-central-1a',
    ],
    ['the path is taken', { ...attach, 'disk-path': '/dev/xvdf' }, 'is taken by disk "shop-data"'],
    [
      'the instance is in another zone',
      { ...attach, 'attach-to': 'far' },
      'and the instance "far" is in eu-central-1b',
    ],
    ['the snapshot is not complete', { 'snapshot-name': 'unfinished' }, "isn't complete: it is pending"],
  ])('%s', async (_, inputs, message) => {
    account.addInstance('far', 20, Date.now(), { availabilityZone: `${region}b` })
    const source = { type: 'disk', name: 'shop-data' } as const
    account.putSnapshot({ name: 'unfinished', source, createdAt: Date.now(), state: 'pending' })
    const { exitCode, errors, summary } = await restore(inputs)
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining(message)]])
    expect(errors[0]).toMatch(/Nothing (?:was changed|has been requested)/)
    expect(summary).toContain('**What to do:**')
    expect(changes()).toEqual([])
  })
})

describe('a stage that fails leaves a report', () => {
  test('when the detachment is denied: the site is brought back, and the next attempt rolls back', async () => {
    emulator.faults.add({ operation: 'DetachDisk', fault: 'access-denied', occurrences: 'all' })
    const { exitCode, errors, outputs, summary } = await restore(swap)
    expect([exitCode, outputs['state']]).toEqual([1, 'error'])
    expect(errors[0]).toMatch(
      /^The roll-back failed, and everything is as before it: instance "shop" is running with the previous disk "shop-data"\.\nCould not detach disk "shop-data" from instance "shop"\./,
    )
    expect([machine(), live()]).toEqual([['running', 'shop-data /dev/xvdf'], 'broken'])
    expect(summary).toMatch(/^### :x: The Lightsail disk restore is not complete\n/)
    expect(summary).toContain('```sh\ngh run rerun ')
    expect(summary.replaceAll(/```[\s\S]*?```/g, '')).not.toContain('aws lightsail')
    emulator.faults.clear()
    expect((await restore(swap, attempt(2))).exitCode).toBe(0)
    expect([machine(), live()]).toEqual([swapped, 'new'])
  })

  test('when an attachment is denied once: the previous disk is attached again', async () => {
    emulator.faults.add({ operation: 'AttachDisk', fault: 'access-denied', occurrences: [1] })
    const { exitCode, log } = await restore(swap)
    expect([exitCode, machine(), live()]).toEqual([1, ['running', 'shop-data /dev/xvdf'], 'broken'])
    expect(log).toContain(
      'Attaching disk "shop-data" to instance "shop" at /dev/xvdf, to bring the site back',
    )
  })

  test('when the disk fails, before anything is stopped', async () => {
    emulator.behaviour.diskEnd = 'error'
    const { exitCode, errors, log } = await restore(swap)
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('DiskCreationFailed')
    expect(log).toContain(`aws lightsail delete-disk --region eu-central-1 --disk-name ${restoredName}`)
    expect(machine()).toEqual(['running', 'shop-data /dev/xvdf'])
    emulator.behaviour.diskEnd = 'available'
    expect((await restore(swap, attempt(2))).outputs['disk-name']).toBe('shop-data-restored-1658821493-2')
  })
})

describe('a step that is killed', () => {
  // __tests__/rollback/resume.test.ts tests every stage.
  const stages = ['is created from', 'is detached from'] as const
  test.each(stages)(
    'once something %s is finished by the next attempt, without a second disk',
    async (words) => {
      const first = await restore(swap, {
        onLine: (line, send) => {
          if (line.includes(words)) send('SIGKILL')
        },
      })
      expect(first.exitCode).toBeNull()
      const second = await restore(swap, attempt(2))
      expect([second.exitCode, second.errors]).toEqual([0, []])
      expect(machine()).toEqual(swapped)
      expect(names()).toEqual(['shop-data', restoredName])
      expect(second.outputs).toMatchObject({ state: 'completed', 'disk-name': restoredName })
      expect(second.outputs['operation-id']).not.toBe('')
      expect(second.log).toMatch(/this run restored it|This step finishes it/)
      expect(live()).toBe('new')
    },
  )

  test('is finished by the same attempt too, by the name', async () => {
    await restore(swap, {
      onLine: (line, send) => {
        if (line.includes('is detached from')) send('SIGKILL')
      },
    })
    expect((await restore(swap)).exitCode).toBe(0)
    expect([machine(), names()]).toEqual([swapped, ['shop-data', restoredName]])
  })

  test('leaves a newer snapshot of the next attempt alone', async () => {
    await restore(swap, {
      onLine: (line, send) => {
        if (line.includes('is detached from')) send('SIGKILL')
      },
    })
    const source = { type: 'disk', name: 'shop-data' } as const
    const tags = takenBy('octo-org/web-shop')
    account.putSnapshot({ name: 'newest', source, createdAt: Date.now(), content: 'broken', tags })
    expect((await restore(swap, attempt(2))).outputs['snapshot-name']).toBe('new')
    expect([machine(), live()]).toEqual([swapped, 'new'])
  })
})

describe('two runs at once', () => {
  test("never leave the site down, and neither undoes the other's success", async () => {
    const runs = [1, 2].map((run) =>
      restore(
        { ...swap, 'snapshot-name': run === 1 ? 'old' : 'new' },
        { environment: { GITHUB_RUN_ID: `${run}` } },
      ),
    )
    const ends = await Promise.all(runs)
    // Neither was ended by this test's time limit.
    expect(ends.map(({ exitCode }) => exitCode)).not.toContain(null)
    expect(machine()[0]).toBe('running')
    const green = ends.flatMap(({ exitCode }, index) => (exitCode === 0 ? [index === 0 ? 'old' : 'new'] : []))
    expect([...green, 'broken']).toContain(live())
    if (green.length === 1) expect(green).toEqual([live()])
  })
})

describe('a lost response', () => {
  const operations = [
    'CreateDiskFromSnapshot',
    'StopInstance',
    'DetachDisk',
    'AttachDisk',
    'StartInstance',
  ] as const
  test.each(operations)('to %s does no harm', async (operation) => {
    emulator.faults.add({ operation, fault: 'drop-after', occurrences: [1] })
    const { exitCode, outputs, errors } = await restore(swap)
    expect([exitCode, errors]).toEqual([0, []])
    expect(machine()).toEqual(swapped)
    expect(names()).toEqual(['shop-data', restoredName])
    expect(outputs['operation-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('to every request does no harm, even if the disk is hidden at first', async () => {
    for (const operation of operations) {
      emulator.faults.add({ operation, fault: 'internal-error-after', occurrences: 'all' })
    }
    Object.assign(emulator.behaviour, { invisibleMs: 3000, attachingState: 'available' })
    const { exitCode, errors } = await restore(swap)
    expect([exitCode, errors]).toEqual([0, []])
    expect([machine(), names()]).toEqual([swapped, ['shop-data', restoredName]])
  })
})

describeWithSignals('a cancelled step', () => {
  test.each([
    ['before the disk is made', ': pending', `the restored disk "${restoredName}" is pending`],
    ['while the instance stops', ': stopping', 'instance "shop" is stopping'],
    [
      'while the disk is attached',
      ': available',
      'the previous disk "shop-data" is available and attached to nothing',
    ],
  ])('%s ends within 5 seconds and says what state things are in', async (_, words, state) => {
    Object.assign(emulator.behaviour, {
      attachDurationMs: 20_000,
      stopDurationMs: 3000,
      diskDurationMs: 2000,
    })
    let cancelledAt = 0
    const { exitCode, errors, outputs } = await restore(swap, {
      onLine: (line, send) => {
        if (cancelledAt > 0 || !line.includes(words)) return
        cancelledAt = performance.now()
        send('SIGINT')
      },
    })
    expect(performance.now() - cancelledAt).toBeLessThan(5000)
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('This step was cancelled before it could')
    expect(errors[0]).toContain(state)
    expect(outputs).toMatchObject({ state: 'pending', 'previous-disk-name': 'shop-data' })
  })

  test('ends in time if a request hangs, and names the commands that undo it', async () => {
    emulator.faults.add({ operation: 'AttachDisk', fault: 'hang', occurrences: 'all' })
    let cancelledAt = 0
    const { exitCode, errors, log } = await restore(swap, {
      onLine: (line, send) => {
        if (!line.includes('is detached from')) return
        setTimeout(() => {
          cancelledAt = performance.now()
          send('SIGINT')
        }, 1000)
      },
    })
    expect(performance.now() - cancelledAt).toBeLessThan(5000)
    expect(exitCode).toBe(1)
    const [, wayBack = ''] = log.split('To go back to the previous disk, run these one at a time:\n')
    expect([...wayBack.matchAll(/aws lightsail (?:attach|detach|start)-\S+ .*/g)].map(String)).toEqual([
      `aws lightsail attach-disk --region eu-central-1 --disk-name ${restoredName} --instance-name shop --disk-path /dev/xvdf`,
      `aws lightsail detach-disk --region eu-central-1 --disk-name ${restoredName}`,
      'aws lightsail attach-disk --region eu-central-1 --disk-name shop-data --instance-name shop --disk-path /dev/xvdf',
      'aws lightsail start-instance --region eu-central-1 --instance-name shop',
    ])
    expect(errors[0]).toContain('Lightsail may still carry it out')
  })
})
