// Tags set and removed after the create request: merging, refused requests, and when reads show them.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Tag } from '../../emulator/service/wire.js'
import { region } from '../support/emulated.js'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ snapshotDurationMs: 0, diskDurationMs: 0 })
  const { account } = site
  account.addInstance('web', 60, site.now())
  account.addDisk('data', 32, site.now(), undefined, { tags: [{ key: 'a', value: '1' }, { key: 'b' }] })
  account.putSnapshot({ name: 'snap', source: { type: 'disk', name: 'data' }, createdAt: site.now() })
})
afterEach(() => site.emulator.close())

function tag(resourceName: string, tags: readonly Tag[], more: object = {}) {
  return site.send('TagResource', { resourceName, tags, ...more })
}

function untag(resourceName: string, tagKeys: readonly string[], more: object = {}) {
  return site.send('UntagResource', { resourceName, tagKeys, ...more })
}

const many = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}` }))

/** The tags of the resource as reads show them, each as `key=value`. */
async function tagsOf(name: string): Promise<string[]> {
  const answers = await Promise.all([
    site.send('GetDisk', { diskName: name }),
    site.send('GetInstance', { instanceName: name }),
    site.send('GetDiskSnapshot', { diskSnapshotName: name }),
  ])
  const [found] = answers.flatMap(({ body }) => body.disk ?? body.instance ?? body.diskSnapshot ?? [])
  return (found?.tags ?? []).map(({ key, value }) => `${key}=${value ?? ''}`)
}

const tagsAfter = (seconds: number, name: string) => site.later(seconds, () => tagsOf(name))

describe('tagging', () => {
  test.each([
    ['a disk', 'data', 'Disk', ['a=1', 'b=', 'x=y']],
    ['an instance', 'web', 'Instance', ['x=y']],
    ['a disk snapshot', 'snap', 'DiskSnapshot', ['x=y']],
  ])('adds to the tags of %s, with one finished operation', async (_, name, resourceType, expected) => {
    const { status, body } = await tag(name, [{ key: 'x', value: 'y' }])
    expect([status, body.operations]).toMatchObject([
      200,
      [
        {
          operationType: 'TagResource',
          resourceName: name,
          resourceType,
          status: 'Succeeded',
          isTerminal: true,
        },
      ],
    ])
    expect(body.operations).toHaveLength(1)
    expect(await tagsOf(name)).toEqual(expected)
  })

  test('replaces the value of an existing key', async () => {
    await tag('data', [{ key: 'a', value: '2' }, { key: 'c' }])
    expect(await tagsOf('data')).toEqual(['a=2', 'b=', 'c='])
  })

  test('takes up to 50 tags in all', async () => {
    expect((await tag('data', many(48))).status).toBe(200)
    const before = await tagsOf('data')
    const { status, body } = await site.send('TagResource', {
      resourceName: 'data',
      tags: [{ key: 'one-too-many' }],
    })
    expect([status, body]).toMatchObject([400, { __type: 'InvalidInputException', code: 'InvalidParams' }])
    expect(await tagsOf('data')).toEqual(before)
    expect((await tag('data', [{ key: 'a', value: 'new' }])).status).toBe(200)
  })

  test.each([
    ['no tags', { tags: [] }, "'tags'"],
    ['no list of tags', { tags: 7 }, 'must be a list'],
    ['a key twice', { tags: [{ key: 'x' }, { key: 'x' }] }, 'unique'],
    ['an aws: key', { tags: [{ key: 'aws:x' }] }, 'aws:'],
    ['no name', { resourceName: undefined }, "'resourceName'"],
  ])('is refused with %s', async (_, changes, message) => {
    expect(await refusalOf(tag('data', [{ key: 'x' }], changes))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining(message),
    ])
  })

  test('is refused for something that doesn’t exist, and with the ARN of something else', async () => {
    const { arn } = site.account.disk('data', site.now())
    expect((await tag('data', [{ key: 'x' }], { resourceArn: arn })).status).toBe(200)
    expect((await refusalOf(tag('data', [{ key: 'y' }], { resourceArn: `${arn}0` })))[1]).toBe(
      'NotFoundException',
    )
    expect((await refusalOf(tag('nope', [{ key: 'x' }])))[1]).toBe('NotFoundException')
    expect(await tagsOf('data')).toEqual(['a=1', 'b=', 'x='])
  })

  test('can meet faults: if the response is lost, it was carried out', async () => {
    site.emulator.faults.add({ operation: 'TagResource', fault: 'throttle', occurrences: [1] })
    site.emulator.faults.add({ operation: 'TagResource', fault: 'drop-after', occurrences: [2] })
    expect((await tag('web', [{ key: 'x' }])).body.__type).toBe('ThrottlingException')
    expect(await tagsOf('web')).toEqual([])
    await expect(tag('web', [{ key: 'x' }])).rejects.toThrow()
    expect(await tagsOf('web')).toEqual(['x='])
  })

  test('can be accepted and then fail: the tags are unchanged', async () => {
    site.set({ failingOperations: ['TagResource', 'UntagResource'] })
    expect((await tag('data', [{ key: 'x' }])).body.operations).toMatchObject([
      { status: 'Failed', isTerminal: true, errorCode: 'TaggingFailed' },
    ])
    await untag('data', ['a'])
    expect(await tagsOf('data')).toEqual(['a=1', 'b='])
  })

  test('persists through every other change of the resource', async () => {
    await tag('data', [{ key: 'x' }])
    await site.send('AttachDisk', { diskName: 'data', instanceName: 'web', diskPath: '/dev/xvdf' })
    expect(await tagsAfter(100, 'data')).toEqual(['a=1', 'b=', 'x='])
  })
})

describe('untagging', () => {
  test('removes the existing keys, with one finished operation', async () => {
    const { body } = await untag('data', ['a', 'never-set'])
    expect(body.operations).toMatchObject([
      { operationType: 'UntagResource', resourceName: 'data', status: 'Succeeded', isTerminal: true },
    ])
    expect(await tagsOf('data')).toEqual(['b='])
  })

  test('is refused without keys, for something that doesn’t exist, and with the ARN of something else', async () => {
    const refusals = await Promise.all([
      refusalOf(untag('data', [])),
      refusalOf(untag('nope', ['a'])),
      refusalOf(untag('data', ['a'], { resourceArn: site.account.instance('web', site.now()).arn })),
    ])
    expect(refusals.map(([, exception]) => exception)).toEqual([
      'InvalidInputException',
      'NotFoundException',
      'NotFoundException',
    ])
  })
})

describe('tags that reads show late', () => {
  beforeEach(() => site.set({ tagsLateMs: 5000 }))

  test('are missing from a new snapshot and a new disk until then', async () => {
    const tags = [{ key: 'x', value: 'y' }]
    await site.send('CreateDiskSnapshot', { diskName: 'data', diskSnapshotName: 'new-snap', tags })
    const place = { availabilityZone: `${region}a`, sizeInGb: 32 }
    await site.send('CreateDiskFromSnapshot', {
      diskName: 'new-disk',
      diskSnapshotName: 'snap',
      tags,
      ...place,
    })
    for (const name of ['new-snap', 'new-disk']) {
      expect(await tagsAfter(4, name)).toEqual([])
      expect(await tagsAfter(5, name)).toEqual(['x=y'])
    }
    const { diskSnapshots } = (await site.later(4, () => site.send('GetDiskSnapshots', {}))).body
    expect(diskSnapshots?.map((snapshot) => snapshot.tags)).toEqual([[], []])
  })

  test('leave the old ones in place until then, each change by itself', async () => {
    await tag('data', [{ key: 'a', value: '2' }])
    site.pass(3)
    await tag('data', [{ key: 'c' }])
    expect(await tagsAfter(1, 'data')).toEqual(['a=1', 'b='])
    expect(await tagsAfter(2, 'data')).toEqual(['a=2', 'b='])
    expect(await tagsAfter(5, 'data')).toEqual(['a=2', 'b=', 'c='])
  })

  test('count towards the limit from the start', async () => {
    await tag('data', many(48))
    expect((await tag('data', [{ key: 'x' }])).status).toBe(400)
  })

  test('do not come back once they are removed', async () => {
    await tag('data', [{ key: 'c' }])
    await untag('data', ['a', 'c'])
    expect(await tagsAfter(0, 'data')).toEqual(['b='])
    expect(await tagsAfter(5, 'data')).toEqual(['b='])
  })
})

test('tags that somebody sets in the console show at once, and stay', async () => {
  site.set({ tagsLateMs: 5000 })
  await tag('data', [{ key: 'c' }])
  site.account.tag('data', [{ key: 'a', value: '9' }])
  expect(await tagsAfter(0, 'data')).toEqual(['a=9', 'b='])
  expect(await tagsAfter(5, 'data')).toEqual(['a=9', 'b=', 'c='])
  expect(() => site.account.tag('nope', [])).toThrow('The Resource does not exist: nope')
})
