import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { usualBehaviour } from '../../emulator/service/behaviour.js'
import { operationFailure } from '../../emulator/service/errors.js'
import { asFault, type FaultName, faults, isFaultName } from '../../emulator/service/faults.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'
import { region } from '../support/emulated.js'
import { call, signed } from '../support/raw-client.js'

let emulator: Emulator
let now: number

beforeEach(async () => {
  now = Date.parse('2026-11-22T08:00:00Z')
  emulator = await startEmulator({ now: () => now, behaviour: { snapshotDurationMs: 100_000, pageSize: 2 } })
  emulator.region(region).addDisk('data', 32, now)
  emulator.region(region).addInstance('web', 60, now)
})
afterEach(() => emulator.close())

function create(name: string, more: object = { diskName: 'data' }) {
  return call(emulator, 'CreateDiskSnapshot', { diskSnapshotName: name, ...more })
}

async function snapshotAt(seconds: number): Promise<unknown> {
  const started = now
  now += seconds * 1000
  const { body } = await call(emulator, 'GetDiskSnapshot', { diskSnapshotName: 'snap' })
  now = started
  return body.diskSnapshot ? [body.diskSnapshot.state, body.diskSnapshot.progress] : body.__type
}

async function operationAt(seconds: number, id: string): Promise<unknown> {
  const started = now
  now += seconds * 1000
  const { body } = await call(emulator, 'GetOperation', { operationId: id })
  now = started
  return [body.operation?.status, body.operation?.isTerminal, body.operation?.errorCode]
}

describe('a snapshot in the emulator', () => {
  test('goes from pending through its progress to completed', async () => {
    await create('snap')
    expect(await Promise.all([snapshotAt(0)])).toEqual([['pending', '0%']])
    expect(await snapshotAt(42)).toEqual(['pending', '42%'])
    expect(await snapshotAt(99.99)).toEqual(['pending', '99%'])
    expect(await snapshotAt(100)).toEqual(['completed', '100%'])
  })

  test.each([
    [{ snapshotEnd: 'error' }, ['error', '50%']],
    [{ snapshotEnd: 'stuck', progress: 'stalls' }, ['pending', '95%']],
    [{ unknownMs: 500_000 }, ['unknown', undefined]],
    [{ snapshotDurationMs: 500_000, progress: 'none' }, ['pending', undefined]],
    [{ invisibleMs: 500_000 }, 'NotFoundException'],
  ])('with %j is %j after 150 seconds', async (behaviour, seen) => {
    Object.assign(emulator.behaviour, behaviour)
    await create('snap')
    expect(await snapshotAt(150)).toEqual(seen)
  })

  test('has an operation that may end before it, with it, or after it', async () => {
    const { body } = await create('snap')
    const id = body.operations?.[0]?.id ?? ''
    expect(await operationAt(99, id)).toEqual(['Started', false, undefined])
    expect(await operationAt(100, id)).toEqual(['Succeeded', true, undefined])
    Object.assign(emulator.behaviour, { operationLagMs: -50_000, operationEnd: 'Failed' })
    const early = await create('snap-early')
    expect(await operationAt(50, early.body.operations?.[0]?.id ?? '')).toEqual([
      'Failed',
      true,
      'SnapshotCreationFailed',
    ])
  })

  test("is named in the response's operations, in either order", async () => {
    const { body } = await create('snap')
    expect(body.operations?.map((operation) => operation.resourceType)).toEqual(['DiskSnapshot', 'Disk'])
    emulator.behaviour.firstOperation = 'source'
    const other = await create('snap-2', { instanceName: 'web' })
    expect(other.body.operations?.map((operation) => operation.resourceName)).toEqual(['web', 'snap-2'])
  })

  test('is gone once it has been removed', async () => {
    await create('snap')
    emulator.region(region).removeSnapshot('snap')
    expect(await snapshotAt(0)).toBe('NotFoundException')
    expect(() => emulator.region(region).removeSnapshot('snap')).toThrow('does not exist')
  })
})

describe('the emulator refuses', () => {
  const tags = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}` }))

  test.each([
    ['a taken name', { diskName: 'data', diskSnapshotName: 'taken' }, 'Some names are already in use: taken'],
    ['the name of a disk', { diskName: 'data', diskSnapshotName: 'data' }, 'already in use: data'],
    ['the name of an instance', { diskName: 'data', diskSnapshotName: 'web' }, 'already in use: web'],
    ['no source', { diskSnapshotName: 'snap' }, 'exactly one'],
    ['two sources', { diskName: 'data', instanceName: 'web', diskSnapshotName: 'snap' }, 'exactly one'],
    ['no name', { diskName: 'data' }, 'diskSnapshotName'],
    ['a name that is no text', { diskName: 'data', diskSnapshotName: 7 }, 'diskSnapshotName'],
    ['a short name', { diskName: 'data', diskSnapshotName: 'x' }, "can't accept the name x"],
    ['a period in a name', { diskName: 'data', diskSnapshotName: 'a.b' }, "can't accept the name a.b"],
    ['51 tags', { diskName: 'data', diskSnapshotName: 'snap', tags: tags(51) }, 'at most 50'],
    ['a tag twice', { diskName: 'data', diskSnapshotName: 'snap', tags: [...tags(1), ...tags(1)] }, 'unique'],
    ['aws: tags', { diskName: 'data', diskSnapshotName: 'snap', tags: [{ key: 'aws:x' }] }, 'aws:'],
    [
      'a long key',
      { diskName: 'data', diskSnapshotName: 'snap', tags: [{ key: 'k'.repeat(129) }] },
      'tag key',
    ],
    [
      'an odd value',
      { diskName: 'data', diskSnapshotName: 'snap', tags: [{ key: 'k', value: 'a*' }] },
      'tag value',
    ],
    ['tags that are no list', { diskName: 'data', diskSnapshotName: 'snap', tags: {} }, 'list'],
    ['a tag that is no structure', { diskName: 'data', diskSnapshotName: 'snap', tags: ['x'] }, 'structure'],
  ])('%s', async (_, input, message) => {
    await create('taken')
    const { status, body } = await call(emulator, 'CreateDiskSnapshot', input)
    expect([status, body.__type]).toEqual([400, 'InvalidInputException'])
    expect(body.message).toContain(message)
  })

  test.each([
    ['CreateDiskSnapshot', { diskName: 'nope', diskSnapshotName: 'snap' }, 'The Disk does not exist: nope'],
    ['GetInstance', { instanceName: 'nope' }, 'The Instance does not exist: nope'],
    ['GetDiskSnapshot', { diskSnapshotName: 'nope' }, 'The DiskSnapshot does not exist: nope'],
    ['GetOperation', { operationId: 'nope' }, 'The Operation does not exist: nope'],
  ])("%s of something that doesn't exist", async (operation, input, message) => {
    const { body } = await call(emulator, operation, input)
    expect([body.__type, body.message]).toEqual(['NotFoundException', message])
  })

  test.each([
    ['DoesNotExist', 'GetDisk', { diskName: 'nope' }],
    ['NameExists', 'CreateDiskSnapshot', { diskName: 'data', diskSnapshotName: 'web' }],
    ['InvalidParams', 'CreateDiskSnapshot', { diskName: 'data', diskSnapshotName: 'x' }],
    ['UnsupportedOperation', 'DetachDisk', { diskName: 'data' }],
  ])('%s, which may replace the exception', async (code, operation, input) => {
    const { body } = await call(emulator, operation, input)
    expect([body.code, body.__type]).toEqual([code, expect.stringMatching(/Exception$/)])
    emulator.behaviour.namesErrorsByCode = true
    expect((await call(emulator, operation, input)).body).toEqual({ ...body, __type: code })
  })

  test("a request that it doesn't understand", async () => {
    expect((await call(emulator, 'GetDisks', 'no json')).body.__type).toBe('SerializationException')
    expect((await call(emulator, 'GetDisks', '[]')).body.__type).toBe('SerializationException')
    expect((await call(emulator, 'GetDisks', {}, { authorization: 'x' })).body.__type).toBe(
      'UnauthenticatedException',
    )
    expect((await call(emulator, 'GetDisks', {}, { 'x-amz-target': 'x' })).body.__type).toBe(
      'UnknownOperationException',
    )
    expect((await call(emulator, 'GetDisks', { pageToken: 'x' })).body.__type).toBe('InvalidInputException')
  })
})

describe('the emulator', () => {
  test('pages its lists', async () => {
    for (const name of ['snap-1', 'snap-2', 'snap-3', 'snap-4', 'snap-5']) await create(name)
    const names: string[] = []
    let pages = 0
    let token: string | undefined
    do {
      const { body } = await call(
        emulator,
        'GetDiskSnapshots',
        token === undefined ? {} : { pageToken: token },
      )
      names.push(...(body.diskSnapshots ?? []).map((snapshot) => snapshot.name))
      token = body.nextPageToken
      pages += 1
    } while (token !== undefined)
    expect([pages, names]).toEqual([3, ['snap-1', 'snap-2', 'snap-3', 'snap-4', 'snap-5']])
  })

  test('keeps Regions apart', async () => {
    await create('snap')
    const elsewhere = `AWS4-HMAC-SHA256 Credential=A/20261122/us-east-1/lightsail/aws4_request, Signature=0`
    const { body } = await call(emulator, 'GetDiskSnapshots', {}, { authorization: elsewhere })
    expect(body.diskSnapshots).toEqual([])
  })

  test('lists the operations of a snapshot, or only those of its source', async () => {
    await create('snap')
    const count = async (name: string) =>
      (await call(emulator, 'GetOperationsForResource', { resourceName: name })).body.operations?.length
    expect([await count('snap'), await count('data')]).toEqual([1, 1])
    emulator.behaviour.operationsForSnapshots = false
    expect([await count('snap'), await count('data')]).toEqual([0, 1])
  })

  test('lists the attached disks of an instance after its system disk', async () => {
    emulator.region(region).addDisk('logs', 8, now, 'web')
    const { body } = await call(emulator, 'GetInstance', { instanceName: 'web' })
    expect(body.instance?.hardware.disks).toMatchObject([
      { isSystemDisk: true },
      { name: 'logs', attachedTo: 'web' },
    ])
  })

  test('needs twenty seconds for a snapshot if nothing else is set', () => {
    expect(usualBehaviour.snapshotDurationMs).toBe(20_000)
  })
})

describe('a fault', () => {
  const worked: readonly FaultName[] = [
    'internal-error-after',
    'drop-after',
    'hang-after',
    'unreadable-body',
    'truncated-body',
    'stalled-body',
  ]
  const silent: readonly string[] = ['hang', 'hang-after', 'stalled-body']

  test.each(Object.keys(faults).filter(isFaultName))('%s happens at its occurrence only', async (fault) => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault, occurrences: [2] })
    expect((await create('first')).status).toBe(200)
    const second = create('second').then(
      ({ status, body }) => (status === 200 && body.operations ? 'fine' : 'broken'),
      () => 'broken',
    )
    const silence = new Promise<string>((resolve) => setTimeout(resolve, 50, 'silent'))
    expect(await Promise.race(silent.includes(fault) ? [second, silence] : [second])).not.toBe('fine')
    if (fault === 'refuse-connections') await new Promise((resolve) => setTimeout(resolve, 900))
    const { body } = await call(emulator, 'GetDiskSnapshot', { diskSnapshotName: 'second' })
    expect(body.diskSnapshot !== undefined).toBe(worked.includes(fault))
    expect((await create('third')).status).toBe(200)
  })

  test('can ask the client to wait, and be any error of the service', async () => {
    const headersOf = async () => {
      const response = await fetch(emulator.url, { method: 'POST', headers: signed('GetDisks'), body: '{}' })
      return [response.status, response.headers.get('x-amz-retry-after')]
    }
    const quota = asFault(operationFailure("You've reached the limit of disks in this account."))
    emulator.faults.add({ operation: 'GetDisks', fault: 'throttle', retryAfter: '1500', occurrences: [1] })
    emulator.faults.add({ operation: 'GetDisks', fault: quota, occurrences: [2] })
    expect(await headersOf()).toEqual([400, '1500'])
    expect(await headersOf()).toEqual([400, null])
    expect(await headersOf()).toEqual([200, null])
  })

  test('can apply to every request of every operation, and be removed', async () => {
    emulator.faults.add({ operation: '*', fault: 'throttle', occurrences: 'all' })
    expect((await create('snap')).body.__type).toBe('ThrottlingException')
    expect((await call(emulator, 'GetDisks', {})).body.__type).toBe('ThrottlingException')
    emulator.faults.clear()
    expect((await create('snap')).status).toBe(200)
  })
})
