// The built actions and Lightsail's responses: its exact error messages, its requests to wait, and changes that it shows late.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { operationFailure } from '../../emulator/service/errors.js'
import { asFault, type FaultRule } from '../../emulator/service/faults.js'
import type { Emulator } from '../../emulator/service/server.js'
import { runBuiltAction } from '../support/built-action.js'
import { region } from '../support/emulated.js'
import { machineOf, startShop } from '../support/restore.js'

let emulator: Emulator
/** When each request arrived, in milliseconds. */
let arrivals: { readonly operation: string; readonly at: number }[]
beforeEach(async () => {
  emulator = await startShop({ ...everyChangeTakes(300), snapshotDurationMs: 0 })
  arrivals = []
  emulator.beforeRequest = ({ operation }) => void arrivals.push({ operation, at: performance.now() })
})
afterEach(() => emulator.close())

const run = (inputs: Record<string, string> = {}, environment: Record<string, string> = {}) =>
  runBuiltAction(emulator, { 'disk-name': 'shop-data', ...inputs }, { environment })
const restore = (inputs: Record<string, string>) => runBuiltAction(emulator, inputs, { action: 'restore' })

/** Refuses requests for an operation with this message. */
function refuse(operation: string, words: string, occurrences: FaultRule['occurrences'] = 'all') {
  emulator.faults.add({ operation, fault: asFault(operationFailure(words)), occurrences })
}

const count = (wanted: string) => arrivals.filter(({ operation }) => operation === wanted).length

/** The time between the first two requests of an operation, in milliseconds. */
function firstPause(wanted: string): number {
  const [first, second] = arrivals.filter(({ operation }) => operation === wanted)
  return (second?.at ?? Number.NaN) - (first?.at ?? Number.NaN)
}

const swap = { 'disk-name': 'shop-data', swap: 'true' }
const attach = { 'snapshot-name': 'new', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
const restored = 'shop-data-restored-1658821493-1'
const machine = () => machineOf(emulator.region(region).instance('shop', Date.now()))

const notNow = "You can't detach this disk right now. The state of this disk is: in-use"
const inProgress = 'Sorry, another operation is in progress on this disk. Please wait for it to complete.'
const quota = "You've reached the limit of disks in this account."
const verification = "We're sorry, your AWS account is pending verification. Please try again later"
const pathTaken = 'The disk path /dev/xvdf is already in use on shop.'
const stillAttached =
  "You can't perform this operation because the disk is still attached to a Lightsail instance: autosnapshot-web"

describe('a response that asks for a pause', () => {
  const throttle = (operation: string, retryAfter: string, occurrences: FaultRule['occurrences'] = [1]) =>
    emulator.faults.add({ operation, fault: 'throttle', retryAfter, occurrences })

  test('gets one before the request is sent again', async () => {
    throttle('CreateDiskSnapshot', '3000')
    expect((await run({ wait: 'false' })).exitCode).toBe(0)
    expect(firstPause('CreateDiskSnapshot')).toBeGreaterThanOrEqual(2990)
  })

  test('gets one before the next poll, even beyond the poll interval', async () => {
    throttle('GetDiskSnapshot', '4000')
    expect((await run({ 'poll-interval': '1s' })).exitCode).toBe(0)
    expect(firstPause('GetDiskSnapshot')).toBeGreaterThanOrEqual(3990)
  })

  test('that is longer than the time left gets what is left, and one more request', async () => {
    throttle('CreateDiskSnapshot', '86400000', 'all')
    const { exitCode, milliseconds } = await run({ 'wait-timeout': '4s' })
    expect([exitCode, count('CreateDiskSnapshot')]).toEqual([1, 2])
    expect(firstPause('CreateDiskSnapshot')).toBeGreaterThan(2500)
    expect(milliseconds).toBeLessThan(4000 + 5000)
  })

  test('of unknown length gets the usual one', async () => {
    throttle('CreateDiskSnapshot', 'soon')
    expect((await run({ wait: 'false' })).exitCode).toBe(0)
    expect(firstPause('CreateDiskSnapshot')).toBeLessThan(2000)
  })
})

describe("a refusal because of a state that doesn't fit now", () => {
  test.each([notNow, inProgress])('passes, and the snapshot is taken: %s', async (words) => {
    refuse('CreateDiskSnapshot', words, [1])
    const { exitCode, outputs, log } = await run()
    expect([exitCode, outputs['state'], count('CreateDiskSnapshot')]).toEqual([0, 'completed', 2])
    expect(log).toMatch(/can't carry out CreateDiskSnapshot for disk "shop-data" right now.*Retrying until/)
  })

  test('that lasts as long as the step may wait ends it, with advice', async () => {
    refuse('CreateDiskSnapshot', notNow)
    const { exitCode, errors } = await run({ 'wait-timeout': '5s' })
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining('The state of this disk is: in-use')]])
    expect(errors[0]).toContain('Wait until the operation in progress has finished')
    expect(count('CreateDiskSnapshot')).toBeGreaterThan(1)
  })

  test('passes at every stage of a roll-back', async () => {
    const stages = ['CreateDiskFromSnapshot', 'StopInstance', 'DetachDisk', 'AttachDisk', 'StartInstance']
    for (const stage of stages) refuse(stage, stage === 'CreateDiskFromSnapshot' ? inProgress : notNow, [1])
    const { exitCode, errors } = await restore(swap)
    expect([exitCode, errors, stages.map(count)]).toEqual([0, [], [2, 2, 2, 2, 2]])
    expect(machine()).toEqual(['running', `${restored} /dev/xvdf`])
  })
})

describe('a refusal that does not pass', () => {
  test.each([
    [
      'a quota',
      quota,
      'has reached a quota of Lightsail in eu-central-1',
      'Delete snapshots that you no longer',
    ],
    ['a verification', verification, 'AWS is still verifying this account', 'contact AWS Support'],
    ['a disk path', pathTaken, 'The disk path /dev/xvdf is already in use', 'Fix what Lightsail'],
    ['a name that reads like a reason', stillAttached, 'instance: autosnapshot-web', 'Fix what Lightsail'],
  ])('ends the step at once, with advice: %s', async (_, words, what, advice) => {
    refuse('CreateDiskSnapshot', words)
    const { exitCode, errors, log } = await run({ 'wait-timeout': '20s' })
    expect([exitCode, count('CreateDiskSnapshot')]).toEqual([1, 1])
    expect(errors).toEqual([expect.stringContaining(what)])
    expect(errors[0]).toContain(advice)
    expect(log).not.toContain('automatic snapshot')
  })

  test('ends a roll-back before anything is stopped, and says what to delete', async () => {
    emulator.behaviour.mostDisks = 1
    const { exitCode, errors } = await restore(swap)
    expect([exitCode, count('CreateDiskFromSnapshot'), count('StopInstance')]).toEqual([1, 1, 0])
    expect(errors[0]).toContain('has reached a quota of Lightsail in eu-central-1')
    expect(errors[0]).toContain('Delete disks that you no longer need, such as those that earlier roll-backs')
    expect(machine()).toEqual(['running', 'shop-data /dev/xvdf'])
  })
})

describe('an error that is named by its code', () => {
  beforeEach(() => {
    emulator.behaviour.namesErrorsByCode = true
  })

  test('DoesNotExist: there is no such disk', async () => {
    const { exitCode, errors } = await run({ 'disk-name': 'shop-dota' })
    expect([exitCode, errors]).toEqual([
      1,
      [expect.stringMatching(/^There is no disk "shop-dota" in eu-central-1.*\nCheck the spelling/)],
    ])
  })

  test('NameExists: the name is looked up, and the snapshot of the earlier attempt is used', async () => {
    const inputs = { 'snapshot-name': '{{source}}-{{run_id}}' }
    expect((await run(inputs)).exitCode).toBe(0)
    const { exitCode, log } = await run(inputs, { GITHUB_RUN_ATTEMPT: '2' })
    expect(exitCode).toBe(0)
    expect(log).toContain('Using it instead of taking another.')
  })

  test('UnsupportedOperation and InvalidParams: the message says what it is', async () => {
    refuse('CreateDiskSnapshot', notNow, [1])
    expect((await run({ wait: 'false' })).exitCode).toBe(0)
    expect((await restore(swap)).exitCode).toBe(0)
  })
})

describe('a service that shows changes late or in another order', () => {
  test.each([
    ['a swap', swap, [`${restored} /dev/xvdf`]],
    ['an attachment', attach, ['shop-data /dev/xvdf', `${restored} /dev/xvdg`]],
  ])('lists the disks of an instance as they were: %s still succeeds', async (_, inputs, disks) => {
    emulator.behaviour.instanceLagMs = 4000
    const { exitCode, errors } = await restore(inputs)
    expect([exitCode, errors]).toEqual([0, []])
    expect(machine()).toEqual(['running', ...disks])
  })

  test('still lists the detached disk: the previous one is attached again before the start', async () => {
    emulator.behaviour.instanceLagMs = 4000
    emulator.faults.add({ operation: 'AttachDisk', fault: 'access-denied', occurrences: [1] })
    const { exitCode, errors } = await restore(swap)
    expect([exitCode, errors]).toEqual([1, [expect.stringContaining('everything is as before it')]])
    const changes = arrivals.map(({ operation }) => operation).filter((name) => !/^Get|^Tag/.test(name))
    expect(changes.slice(-3)).toEqual(['AttachDisk', 'AttachDisk', 'StartInstance'])
  })

  test.each(['oldest-first', 'newest-first'] as const)(
    'lists operations %s: that of a snapshot whose response was lost is found',
    async (operationOrder) => {
      Object.assign(emulator.behaviour, { operationOrder, operationsForSnapshots: false, pageSize: 2 })
      expect((await run({ 'snapshot-name': 'earlier', wait: 'false' })).exitCode).toBe(0)
      emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] })
      const { exitCode, outputs } = await run({ 'snapshot-name': 'later' })
      const operations = emulator.region(region).allOperations(Date.now())
      const own = operations.find(({ resourceName }) => resourceName === 'later')
      expect([exitCode, outputs['operation-id']]).toEqual([0, own?.id])
    },
  )
})
