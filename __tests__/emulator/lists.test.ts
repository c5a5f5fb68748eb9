// The order of the lists, lists that change between two of their pages, and disks without names.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ListShift } from '../../emulator/service/behaviour.js'
import { type Clocked, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ pageSize: 2 })
  const { account } = site
  for (const name of ['web', 'shop']) account.addInstance(name, 60, site.now())
  for (const name of ['d1', 'd2', 'd3', 'd4']) {
    account.addDisk(name, 8, site.now())
    account.putSnapshot({
      name: `${name}-snap`,
      source: { type: 'disk', name },
      createdAt: site.now(),
      tags: [{ key: 'own' }],
    })
  }
})
afterEach(() => site.emulator.close())

/** Returns the names on each page of a list. */
async function pagesOf(operation: string): Promise<string[][]> {
  const pages: string[][] = []
  let input: object | undefined = {}
  while (input !== undefined) {
    const { body } = await site.send(operation, input)
    const items = body.disks ?? body.diskSnapshots ?? body.instances ?? body.instanceSnapshots ?? []
    pages.push(items.map(({ name }) => name))
    input = body.nextPageToken === undefined ? undefined : { pageToken: body.nextPageToken }
  }
  return pages
}

const snaps = (...numbers: readonly number[]) => numbers.map((number) => `d${number}-snap`)
const shift = (changes: Partial<ListShift> = {}): { listShift: ListShift } => ({
  listShift: { operation: 'GetDiskSnapshots', change: 'insert', times: 1, ...changes },
})

describe('the lists', () => {
  test('are in order of creation', async () => {
    expect(await pagesOf('GetDisks')).toEqual([
      ['d1', 'd2'],
      ['d3', 'd4'],
    ])
  })

  test('can begin with the newest item', async () => {
    site.set({ listOrder: 'newest-first' })
    expect(await pagesOf('GetDisks')).toEqual([
      ['d4', 'd3'],
      ['d2', 'd1'],
    ])
    expect(await pagesOf('GetDiskSnapshots')).toEqual([snaps(4, 3), snaps(2, 1)])
    expect(await pagesOf('GetInstances')).toEqual([['shop', 'web']])
  })
})

describe('a list that gets an item between two pages', () => {
  test('shows the last item of the previous page again', async () => {
    site.set(shift())
    expect(await pagesOf('GetDiskSnapshots')).toEqual([snaps(1, 2), snaps(2, 3), snaps(4)])
  })

  test('does so as often as is set, and keeps the added items', async () => {
    site.set(shift({ times: 2 }))
    expect(await pagesOf('GetDiskSnapshots')).toEqual([snaps(1, 2), snaps(2, 3), snaps(3, 4)])
    expect(await pagesOf('GetDiskSnapshots')).toEqual([
      ['unrelated-2-snapshot', 'unrelated-1-snapshot'],
      snaps(1, 2),
      snaps(3, 4),
    ])
    expect(site.account.snapshot('unrelated-1-snapshot', site.now())).toMatchObject({
      tags: [],
      fromDiskName: 'unrelated-1',
    })
  })

  test('does so if the newest come first', async () => {
    site.set({ ...shift(), listOrder: 'newest-first' })
    expect(await pagesOf('GetDiskSnapshots')).toEqual([snaps(4, 3), snaps(3, 2), snaps(1)])
  })

  test('can be the list of disks, and leaves the others alone', async () => {
    site.set(shift({ operation: 'GetDisks' }))
    expect(await pagesOf('GetDiskSnapshots')).toEqual([snaps(1, 2), snaps(3, 4)])
    expect(await pagesOf('GetDisks')).toEqual([['d1', 'd2'], ['d2', 'd3'], ['d4']])
    expect(site.account.disk('unrelated-1', site.now()).tags).toEqual([])
  })

  test.each([
    ['GetInstances', 'instance'],
    ['GetInstanceSnapshots', 'instance-snapshot'],
  ] as const)('can be that of %s', async (operation, kind) => {
    for (const name of ['one', 'two']) {
      site.account.putInstanceSnapshot({ name, instanceName: 'web', createdAt: site.now() })
    }
    site.set({ pageSize: 1 })
    const [[first = ''] = [], [second = ''] = []] = await pagesOf(operation)
    site.set(shift({ operation }))
    expect(await pagesOf(operation)).toEqual([[first], [first], [second]])
    expect((await pagesOf(operation))[0]).toEqual([`unrelated-1-${kind}`])
  })

  test('does so again when it is set again', async () => {
    site.set(shift())
    await pagesOf('GetDiskSnapshots')
    site.set(shift())
    expect((await pagesOf('GetDiskSnapshots'))[1]).toEqual(snaps(1, 2))
  })
})

describe('a list that loses an item between two pages', () => {
  test.each(['oldest-first', 'newest-first'] as const)('skips an item, %s', async (listOrder) => {
    site.set({ ...shift({ change: 'remove' }), listOrder })
    const [first, second] = listOrder === 'oldest-first' ? [1, 3] : [4, 2]
    const next = listOrder === 'oldest-first' ? second + 1 : second - 1
    expect(await pagesOf('GetDiskSnapshots')).toEqual([
      ['unrelated-1-snapshot', ...snaps(first)],
      snaps(second, next),
    ])
    expect((await pagesOf('GetDiskSnapshots')).flat()).toHaveLength(4)
  })

  test('does so as often as is set, and loses only items that were added for that', async () => {
    site.set(shift({ operation: 'GetDisks', change: 'remove', times: 2 }))
    expect(await pagesOf('GetDisks')).toEqual([['unrelated-2', 'unrelated-1'], ['d2', 'd3'], []])
    expect((await pagesOf('GetDisks')).flat()).toEqual(['d1', 'd2', 'd3', 'd4'])
  })
})

test('an instance can list its block storage disks without names', async () => {
  site.account.attach('d1', 'web', '/dev/xvdf')
  site.set({ namelessDisks: true })
  const alone = (await site.send('GetInstance', { instanceName: 'web' })).body.instance
  const listed = (await site.send('GetInstances', {})).body.instances?.[0]
  expect(alone?.hardware.disks).toEqual([
    { sizeInGb: 60, isSystemDisk: true, iops: 100, path: '/dev/xvda', attachedTo: 'web' },
    { sizeInGb: 8, isSystemDisk: false, iops: 100, path: '/dev/xvdf', attachedTo: 'web' },
  ])
  expect(listed?.hardware.disks).toEqual(alone?.hardware.disks)
  expect((await site.send('GetDisk', { diskName: 'd1' })).body.disk?.name).toBe('d1')
})
