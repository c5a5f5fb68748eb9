// Deletions that go wrong: what the messages, the summary and the outputs say.
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator, SeenRequest } from '../../emulator/service/server.js'
import { pruneSnapshots } from '../../src/actions/prune/action.js'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import { systemClock } from '../../src/basics/clock.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import { type Past, putPastSnapshot, snapshotNames } from '../support/account.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { FakeClock } from '../support/fake-clock.js'
import { exampleStep, type KeptStep } from '../support/step.js'
import { useEmulator } from '../support/use-emulator.js'

let emulator: Emulator
let clock: FakeClock
let now: () => number

useEmulator(async () => {
  clock = new FakeClock()
  now = () => clock.now()
  emulator = await startFilledEmulator({}, () => now())
  return emulator
})

const account = () => emulator.region(region)

function put(name: string, days: number, changes: Omit<Past, 'days'> = {}) {
  putPastSnapshot(emulator, name, { days, ...changes }, now())
}

/** A step that keeps one snapshot. */
function pruneStep(inputs: Record<string, string> = {}): KeptStep {
  const given = { 'disk-name': 'shop-data', 'keep-last': '1', ...inputs }
  return { ...exampleStep({ ...actionMetadata.prune.inputs, ...given }), clock }
}

const outputs = ({ outputs: set }: KeptStep) => [
  JSON.parse(set['deleted-snapshots'] ?? 'null'),
  JSON.parse(set['kept-snapshots'] ?? 'null'),
]
const deletions = () => emulator.requests.filter(({ operation }) => operation === 'DeleteDiskSnapshot')

/** Does the work before the n-th request of a kind (from 1). */
function beforeRequest(wanted: string, occurrence: number, work: (request: SeenRequest) => void): void {
  let seen = 0
  emulator.beforeRequest = (request) => {
    if (request.operation !== wanted) return
    seen += 1
    if (seen === occurrence) work(request)
  }
}

function fault(operation: string, name: Parameters<typeof emulator.faults.add>[0]['fault'], n?: number) {
  emulator.faults.add({ operation, fault: name, occurrences: n === undefined ? 'all' : [n] })
}

describe('a snapshot that changed after it was listed', () => {
  beforeEach(() => {
    put('day-1', 1)
    put('day-2', 2)
  })

  // The second read of a snapshot is the one right before its deletion.
  test('is kept if it now has the tag keep', async () => {
    beforeRequest('GetDiskSnapshot', 2, () => account().tag('day-2', [{ key: 'KEEP' }]))
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([[], ['day-1', 'day-2']])
    expect(deletions()).toEqual([])
    expect(step.log.lines).toContain('Kept snapshot "day-2" after all: it now has the tag keep')
    expect(step.summary[0]).toContain('| kept | now has the tag keep |')
  })

  test('is left alone and in neither output if another snapshot now has its name', async () => {
    beforeRequest('GetDiskSnapshot', 2, () => {
      account().removeSnapshot('day-2')
      put('day-2', 0)
    })
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([[], ['day-1']])
    expect(snapshotNames(emulator)).toEqual(['day-1', 'day-2'])
    expect(step.log.lines).toContain('Snapshot "day-2" was already gone')
  })

  test('is in neither output if it is already gone', async () => {
    beforeRequest('GetDiskSnapshot', 2, () => account().removeSnapshot('day-2'))
    const step = pruneStep()
    await pruneSnapshots(step)
    expect([outputs(step), deletions()]).toEqual([[[], ['day-1']], []])
    expect(step.summary[0]).toContain('| already gone |')
  })

  test('is in neither output if something else deletes it first', async () => {
    beforeRequest('DeleteDiskSnapshot', 1, () => account().removeSnapshot('day-2'))
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([[], ['day-1']])
  })
})

describe('a denied request', () => {
  beforeEach(() => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
  })

  test.each(['GetDiskSnapshot', 'GetDiskSnapshots', 'GetDisk', 'GetDisks'])(
    'fails the step before anything is deleted, and is named: %s',
    async (operation) => {
      fault(operation, 'access-denied')
      // The list is read only to find the replacement of a disk that is attached to nothing.
      if (operation === 'GetDisks') emulator.region(region).detach('shop-data')
      const failure = await failureOf(() => pruneSnapshots(pruneStep()))
      expect(failure.message).toContain(`Not allowed: lightsail:${operation} `)
      expect(deletions()).toEqual([])
    },
  )

  test('fails the step once for all snapshots if it is DeleteDiskSnapshot', async () => {
    fault('DeleteDiskSnapshot', 'access-denied')
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toContain('2 snapshots could not be deleted: "day-2", "day-3".')
    expect(failure.advice).toContain('Add lightsail:DeleteDiskSnapshot to the policy')
    expect(outputs(step)).toEqual([[], ['day-1', 'day-2', 'day-3']])
  })

  test("doesn't matter if it is GetOperation, because the snapshot is polled instead", async () => {
    fault('GetOperation', 'access-denied')
    Object.assign(emulator.behaviour, { deleteDurationMs: 20_000 })
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([['day-2', 'day-3'], ['day-1']])
    expect(emulator.requests.filter(({ operation }) => operation === 'GetOperation')).toHaveLength(2)
  })
})

describe('a deletion', () => {
  beforeEach(() => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
  })

  test('fails the step if it is refused, after the others were tried', async () => {
    fault('DeleteDiskSnapshot', 'operation-failure', 1)
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toMatch(/^1 snapshot could not be deleted: "day-2"\. .*OperationFailureException/)
    expect(outputs(step)).toEqual([['day-3'], ['day-1', 'day-2']])
    expect(step.summary[0]).toContain('| not deleted |')
    expect(step.summary[0]).toMatch(/^### :x: 1 of 2 Lightsail snapshots not deleted\n/)
  })

  test.each([
    ['at once', 0],
    ['later', 10_000],
  ])('fails the step if its operation fails %s', async (_, deleteDurationMs) => {
    Object.assign(emulator.behaviour, { deleteDurationMs, failingOperations: ['DeleteDiskSnapshot'] })
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toMatch(
      /^2 snapshots could not be deleted: "day-2", "day-3"\. Lightsail in \S+ failed to delete snapshot "day-2": \w+/,
    )
    expect(outputs(step)).toEqual([[], ['day-1', 'day-2', 'day-3']])
  })

  test('is finished when its operation is', async () => {
    Object.assign(emulator.behaviour, { deleteDurationMs: 20_000 })
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([['day-2', 'day-3'], ['day-1']])
    expect(clock.elapsed).toBeGreaterThanOrEqual(20_000)
  })

  test('only warns if it fails in the root action', async () => {
    Object.assign(emulator.behaviour, { deleteDurationMs: 5000, failingOperations: ['DeleteDiskSnapshot'] })
    const step = { ...exampleStep({ 'disk-name': 'shop-data', 'keep-last': '3' }), clock }
    await takeSnapshots(step)
    expect(step.outputs['deleted-snapshots']).toBe('[]')
    expect(step.log.lines.join('\n')).toMatch(
      /warning: 1 snapshot could not be deleted: "day-3"\..*\nThe new snapshots are good\./,
    )
  })
})

describe('a deletion whose response is lost', () => {
  beforeEach(() => {
    for (const days of [1, 2]) put(`day-${days}`, days)
  })

  test.each([
    ['is done if it was carried out', 'internal-error-after', 1],
    ['is retried if it was not carried out', 'internal-error', 2],
  ] as const)('%s', async (_, name, sent) => {
    fault('DeleteDiskSnapshot', name, 1)
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([['day-2'], ['day-1']])
    expect(deletions()).toHaveLength(sent)
  })

  test('is not retried once the snapshot has the tag keep', async () => {
    fault('DeleteDiskSnapshot', 'internal-error')
    beforeRequest('GetDiskSnapshot', 3, () => account().tag('day-2', [{ key: 'keep' }]))
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toContain('Snapshot "day-2" may still be deleted.')
    expect([outputs(step), deletions().length]).toEqual([[[], ['day-1']], 1])
  })

  test('is waited for if the retry finds it in progress', async () => {
    Object.assign(emulator.behaviour, { deleteDurationMs: 15_000 })
    fault('DeleteDiskSnapshot', 'internal-error-after', 1)
    const step = pruneStep()
    await pruneSnapshots(step)
    expect(outputs(step)).toEqual([['day-2'], ['day-1']])
  })

  test('is in neither output if time runs out before its outcome is known', async () => {
    fault('DeleteDiskSnapshot', 'internal-error')
    const step = pruneStep({ 'wait-timeout': '5s' })
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toContain('Snapshot "day-2" may still be deleted.')
    expect(failure.advice).toContain('Check the snapshot in the Lightsail console')
    expect(outputs(step)).toEqual([[], ['day-1']])
    expect(step.log.lines.at(-1)).toMatch(/; 1 may still be deleted$/)
    expect(step.summary[0]).toContain('| may still be deleted |')
  })
})

describe('wait-timeout', () => {
  test('bounds throttled deletions', async () => {
    for (let days = 1; days <= 7; days += 1) put(`day-${days}`, days)
    fault('DeleteDiskSnapshot', 'throttle')
    const step = pruneStep({ 'wait-timeout': '5s' })
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(clock.elapsed).toBeLessThan(5000 * 5)
    expect(failure.message).toMatch(/snapshots could not be deleted: .*ThrottlingException/)
    expect(outputs(step)[0]).toEqual([])
    expect(outputs(step)[1]).toHaveLength(7)
  })

  test('bounds a deletion that never ends, and reports that it may still happen', async () => {
    for (const days of [1, 2]) put(`day-${days}`, days)
    Object.assign(emulator.behaviour, { deleteDurationMs: 3_600_000 })
    const step = pruneStep({ 'wait-timeout': '30s' })
    const failure = await failureOf(() => pruneSnapshots(step))
    expect(failure.message).toMatch(
      /^Snapshot "day-2" may still be deleted\. Operation \S+ had not finished\.$/,
    )
    expect(clock.elapsed).toBeLessThan(35_000)
    expect(outputs(step)).toEqual([[], ['day-1']])
  })

  test('bounds the reading of a list that never ends', async () => {
    for (const days of [1, 2, 3]) put(`day-${days}`, days)
    Object.assign(emulator.behaviour, { pageSize: 1 })
    emulator.beforeRequest = ({ operation }) => {
      clock.elapsed += 4000
      if (operation === 'GetDiskSnapshots') put(`new-${emulator.requests.length}`, 0)
    }
    const failure = await failureOf(() => pruneSnapshots(pruneStep({ 'wait-timeout': '10s' })))
    expect(emulator.requests.length).toBeLessThan(8)
    expect(failure.advice).toContain('wait-timeout')
    expect(deletions()).toEqual([])
  })

  test('ends the step between two deletions with a list of what remains', async () => {
    for (let days = 1; days <= 30; days += 1) put(`day-${days}`, days)
    beforeRequest('DeleteDiskSnapshot', 5, () => {
      clock.elapsed += 60_000
    })
    const step = pruneStep({ 'wait-timeout': '1m' })
    const failure = await failureOf(() => pruneSnapshots(step))
    const [deleted, kept] = outputs(step)
    expect(deleted.length).toBeGreaterThanOrEqual(5)
    expect(snapshotNames(emulator)).toEqual([...kept].sort())
    expect(deleted.length + kept.length).toBe(30)
    const quoted = (names: string[]) => names.map((name) => `"${name}"`).join(', ')
    expect(failure.message).toBe(
      [
        'wait-timeout ran out before all expired snapshots were deleted.',
        `Deleted: ${quoted(deleted)}.`,
        `${kept.length - 1} expired snapshots remaining: ${quoted(kept.slice(1))}.`,
      ].join('\n'),
    )
    expect(failure.advice).toBe(
      'The output deleted-snapshots lists those that were deleted. Increase wait-timeout, or rerun the job for the rest.',
    )
  })
})

// On the real clock: the fake one would skip the grace period.
describe('a cancelled step', () => {
  let cancel: AbortController
  beforeEach(() => {
    cancel = new AbortController()
    now = Date.now
    for (let days = 1; days <= 9; days += 1) put(`day-${days}`, days)
  })

  const realStep = (step: KeptStep) => ({ ...step, clock: systemClock, signal: cancel.signal })
  const five = ['day-2', 'day-3', 'day-4', 'day-5', 'day-6']

  test('waits for deletions in progress, and lists what was deleted and what remains', async () => {
    Object.assign(emulator.behaviour, { deleteDurationMs: 800 })
    beforeRequest('DeleteDiskSnapshot', 5, () => cancel.abort())
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(realStep(step)))
    expect(failure.message).toBe(
      [
        'This step was cancelled before all expired snapshots were deleted.',
        'Deleted: "day-2", "day-3", "day-4", "day-5", "day-6".',
        '3 expired snapshots remaining: "day-7", "day-8", "day-9".',
      ].join('\n'),
    )
    expect(outputs(step)).toEqual([five, ['day-1', 'day-7', 'day-8', 'day-9']])
    expect(deletions()).toHaveLength(5)
  })

  test.each([
    ['is refused', () => fault('DeleteDiskSnapshot', 'operation-failure')],
    ['fails', () => Object.assign(emulator.behaviour, { failingOperations: ['DeleteDiskSnapshot'] })],
  ])('still reports that a deletion in progress %s', async (_, setUp) => {
    setUp()
    beforeRequest('DeleteDiskSnapshot', 1, () => cancel.abort())
    const step = pruneStep({ 'keep-last': '8' })
    const failure = await failureOf(() => pruneSnapshots(realStep(step)))
    expect(failure.message).toMatch(/^1 snapshot could not be deleted: "day-9"\./)
    expect(outputs(step)[1]).toContain('day-9')
  })

  test('reports deletions in progress as unknown after three seconds, and ends within five', async () => {
    Object.assign(emulator.behaviour, { deleteDurationMs: 60_000 })
    let cancelledAt = 0
    beforeRequest('DeleteDiskSnapshot', 5, () => {
      cancelledAt = Date.now()
      cancel.abort()
    })
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(realStep(step)))
    expect(Date.now() - cancelledAt).toBeLessThan(5000)
    expect(failure.message).toMatch(/^This step was cancelled before all expired snapshots were deleted\.\n/)
    for (const name of five) expect(failure.message).toContain(`Snapshot "${name}" may still be deleted.`)
    expect(`${failure.message} ${failure.advice}`).not.toMatch(/nothing was deleted/i)
    expect(outputs(step)).toEqual([[], ['day-1', 'day-7', 'day-8', 'day-9']])
  })

  test('reports a deletion without a response as unknown, neither deleted nor kept', async () => {
    fault('DeleteDiskSnapshot', 'hang-after', 1)
    fault('DeleteDiskSnapshot', 'hang', 2)
    beforeRequest('DeleteDiskSnapshot', 2, () => cancel.abort())
    const step = pruneStep()
    const failure = await failureOf(() => pruneSnapshots(realStep(step)))
    const [deleted, kept] = outputs(step)
    expect(failure.message).toContain('may still be deleted.')
    for (const name of deleted) expect(snapshotNames(emulator)).not.toContain(name)
    for (const name of kept) expect(snapshotNames(emulator)).toContain(name)
  })

  test('deletes nothing if it is cancelled before the first deletion', async () => {
    const step = pruneStep()
    const group = step.log.group
    step.log.group = (title, lines) => {
      cancel.abort()
      group(title, lines)
    }
    const failure = await failureOf(() => pruneSnapshots(realStep(step)))
    expect(failure.message).toMatch(
      /^This step was cancelled before all expired snapshots were deleted\.\n8 expired/,
    )
    expect(snapshotNames(emulator)).toHaveLength(9)
  })

  test('only warns in the root action, and sets its outputs', async () => {
    Object.assign(emulator.behaviour, { deleteDurationMs: 60_000 })
    beforeRequest('DeleteDiskSnapshot', 1, () => cancel.abort())
    const step = exampleStep({ 'disk-name': 'shop-data', 'keep-last': '8' })
    await takeSnapshots(realStep(step))
    expect(step.outputs['state']).toBe('completed')
    expect(step.outputs['deleted-snapshots']).toBe('[]')
    const text = step.log.lines.join('\n')
    expect(text).toContain('warning: This step was cancelled before all expired snapshots were deleted.')
    expect(text).toContain('The new snapshots are good.')
    expect(text).not.toMatch(/nothing was deleted/i)
  })

  test('keeps the old snapshots if the root action was still listing them', async () => {
    beforeRequest('GetDiskSnapshots', 1, () => cancel.abort())
    const step = exampleStep({ 'disk-name': 'shop-data', 'keep-last': '8' })
    await takeSnapshots(realStep(step))
    const text = step.log.lines.join('\n')
    expect(text).toContain('The new snapshots are good. Old snapshots are kept until the next run.')
    expect(text).not.toMatch(/nothing was deleted/i)
  })
})
