// The contents of disks and snapshots, and how a workflow's step reads and writes them.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { region } from '../support/emulated.js'
import { type Clocked, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked(everyChangeTakes(10_000))
  const { account } = site
  account.addInstance('shop', 60, site.now())
  account.addDisk('data', 32, site.now(), 'shop')
  account.addDisk('spare', 32, site.now())
})
afterEach(() => site.emulator.close())

const write = (content: string, path = '/dev/xvdf') => {
  site.account.writeTo('shop', path, content, site.now())
}

const take = (source: object, diskSnapshotName: string) =>
  site.send('CreateDiskSnapshot', { ...source, diskSnapshotName })

const restore = (diskSnapshotName: string, diskName: string) =>
  site.send('CreateDiskFromSnapshot', {
    diskName,
    diskSnapshotName,
    availabilityZone: `${region}a`,
    sizeInGb: 64,
  })

describe('a disk', () => {
  test('is empty at first, like the system disk of an instance', () => {
    expect(site.account.contentOf('spare')).toBe('empty')
    expect(site.account.contentOfInstance('shop', '/dev/xvdf')).toBe('empty')
    expect(site.account.contentOfInstance('shop', '/dev/xvda')).toBe('empty')
  })

  test('has what was written to it, by a program on its instance or directly', () => {
    write('orders')
    expect(site.account.contentOf('data')).toBe('orders')
    site.account.setContent('data', 'more orders')
    expect(site.account.contentOfInstance('shop', '/dev/xvdf')).toBe('more orders')
    write('site', '/dev/xvda')
    expect(site.account.contentOfInstance('shop', '/dev/xvda')).toBe('site')
    expect(site.account.contentOf('data')).toBe('more orders')
  })

  test('can be written to only if its instance runs and has it', async () => {
    expect(() => write('x', '/dev/xvdg')).toThrow('The instance shop has no disk at /dev/xvdg.')
    expect(() => site.account.writeTo('nope', '/dev/xvdf', 'x', site.now())).toThrow('does not exist')
    await site.send('StopInstance', { instanceName: 'shop' })
    expect(() => write('x')).toThrow('The instance shop must be running: it is stopping.')
    site.pass(10)
    expect(() => write('x')).toThrow('The instance shop must be running: it is stopped.')
    expect(site.account.contentOf('data')).toBe('empty')
  })

  test('can be read at a path of an instance once it is attached there, and not before', async () => {
    site.account.setContent('spare', 'spare parts')
    await site.send('AttachDisk', { diskName: 'spare', instanceName: 'shop', diskPath: '/dev/xvdg' })
    site.pass(9)
    expect(site.account.contentOfInstance('shop', '/dev/xvdg')).toBeUndefined()
    site.pass(1)
    expect(site.account.contentOfInstance('shop', '/dev/xvdg')).toBe('spare parts')
    expect(site.account.contentOfInstance('nope', '/dev/xvdg')).toBeUndefined()
  })

  test('that doesn’t exist has no content', () => {
    expect(() => site.account.contentOf('nope')).toThrow('The Disk does not exist: nope')
    expect(() => site.account.setContent('nope', 'x')).toThrow('The Disk does not exist: nope')
    expect(() => site.account.contentOfSnapshot('nope')).toThrow('The DiskSnapshot does not exist: nope')
  })
})

describe('a snapshot', () => {
  test('keeps what its source had at the moment of the request', async () => {
    write('orders')
    write('site', '/dev/xvda')
    await take({ diskName: 'data' }, 'snap')
    await take({ instanceName: 'shop' }, 'system-snap')
    write('after')
    write('after', '/dev/xvda')
    site.pass(10)
    expect(site.account.contentOfSnapshot('snap')).toBe('orders')
    expect(site.account.contentOfSnapshot('system-snap')).toBe('site')
  })

  test('passes it on to the disks created from it, which are independent from then on', async () => {
    write('orders')
    await take({ diskName: 'data' }, 'snap')
    site.pass(10)
    write('broken')
    await restore('snap', 'first')
    await restore('snap', 'second')
    site.account.setContent('first', 'changed')
    const contents = ['data', 'first', 'second'].map((name) => site.account.contentOf(name))
    expect(contents).toEqual(['broken', 'changed', 'orders'])
    expect(site.account.contentOfSnapshot('snap')).toBe('orders')
  })

  test('that is put into the Region is empty, or has the given content', () => {
    const seed = { source: { type: 'disk', name: 'data' }, createdAt: site.now() } as const
    site.account.putSnapshot({ ...seed, name: 'old' })
    site.account.putSnapshot({ ...seed, name: 'full', content: 'orders' })
    expect(site.account.contentOfSnapshot('old')).toBe('empty')
    expect(site.account.contentOfSnapshot('full')).toBe('orders')
  })
})

test('no response of the service contains a disk’s content', async () => {
  write('a secret of the disk')
  await take({ diskName: 'data' }, 'snap')
  const reads = ['GetDisks', 'GetInstances', 'GetDiskSnapshots', 'GetOperations']
  const answers = await Promise.all(reads.map((operation) => site.send(operation, {})))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(JSON.stringify(answers)).not.toMatch(/a secret of the disk|"(?:content|volume)"/)
})

describe('over HTTP', () => {
  async function ask(query: string, content?: string): Promise<readonly [status: number, body: string]> {
    const change = content === undefined ? {} : { method: 'PUT', body: content }
    const answer = await fetch(`${site.emulator.url}/content?${query}`, change)
    return [answer.status, await answer.text()]
  }

  test('a step writes to the disk of an instance, and reads it back', async () => {
    expect(await ask('instance=shop&path=/dev/xvdf')).toEqual([200, 'empty'])
    expect(await ask('instance=shop&path=/dev/xvdf', 'orders\nand more: ü')).toEqual([200, ''])
    expect(await ask('instance=shop&path=%2Fdev%2Fxvdf')).toEqual([200, 'orders\nand more: ü'])
    expect(site.account.contentOf('data')).toBe('orders\nand more: ü')
    expect(await ask('instance=shop&path=/dev/xvda')).toEqual([200, 'empty'])
    expect(site.emulator.requests).toEqual([])
  })

  test('a step learns why it can’t write', async () => {
    expect(await ask('instance=shop&path=/dev/xvdk', 'x')).toEqual([
      409,
      'The instance shop has no disk at /dev/xvdk.',
    ])
    await site.send('StopInstance', { instanceName: 'shop' })
    expect(await ask('instance=shop&path=/dev/xvdf', 'x')).toEqual([
      409,
      'The instance shop must be running: it is stopping.',
    ])
    expect(await ask('instance=shop', 'x')).toEqual([400, expect.stringContaining('Name the disk')])
  })

  test('a step reads nothing if nothing is there', async () => {
    expect((await ask('instance=shop&path=/dev/xvdk'))[0]).toBe(404)
    expect((await ask('instance=nope&path=/dev/xvda'))[0]).toBe(404)
    expect((await ask('instance=shop&path=/dev/xvdf&region=us-east-1'))[0]).toBe(404)
    expect((await ask('instance=shop&path=/dev/xvdf&region=us-east-1', 'x'))[0]).toBe(409)
  })

  test('the Region is the only one, eu-central-1, or the one named', async () => {
    const other = site.emulator.region('us-east-1')
    other.addInstance('shop', 60, site.now())
    other.writeTo('shop', '/dev/xvda', 'over there', site.now())
    expect(await ask('instance=shop&path=/dev/xvda')).toEqual([200, 'empty'])
    expect(await ask('instance=shop&path=/dev/xvda&region=us-east-1')).toEqual([200, 'over there'])
  })
})
