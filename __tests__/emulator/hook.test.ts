import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ snapshotDurationMs: 0, pageSize: 1 })
  site.account.addDisk('data', 32, site.now())
})
afterEach(() => site.emulator.close())

describe('a hook before each request', () => {
  test('sees the request among those that have arrived, and can change what the request finds', async () => {
    const seen: unknown[] = []
    site.emulator.beforeRequest = (request) => {
      seen.push([request.operation, site.emulator.requests.at(-1) === request])
      site.account.addDisk('late', 8, site.now())
      site.emulator.beforeRequest = undefined
    }
    expect((await site.send('GetDisk', { diskName: 'late' })).body.disk?.name).toBe('late')
    await site.send('GetDisks', {})
    expect(seen).toEqual([['GetDisk', true]])
  })

  test('runs before the faults, and can add some', async () => {
    site.emulator.beforeRequest = ({ operation }) => {
      site.emulator.faults.add({ operation, fault: 'throttle', occurrences: [1] })
    }
    expect((await site.send('GetDisks', {})).body.__type).toBe('ThrottlingException')
  })

  test('can let time pass', async () => {
    site.set({ snapshotDurationMs: 10_000 })
    await site.send('CreateDiskSnapshot', { diskName: 'data', diskSnapshotName: 'snap' })
    site.emulator.beforeRequest = () => site.pass(10)
    const { body } = await site.send('GetDiskSnapshot', { diskSnapshotName: 'snap' })
    expect(body.diskSnapshot?.state).toBe('completed')
  })

  test('can change a list between two of its pages', async () => {
    site.account.addDisk('more', 8, site.now())
    const first = await site.send('GetDisks', {})
    site.emulator.beforeRequest = () => void site.account.addDisk('most', 8, site.now())
    const second = await site.send('GetDisks', { pageToken: first.body.nextPageToken })
    expect(second.body.disks?.map(({ name }) => name)).toEqual(['more'])
    expect(second.body.nextPageToken).toBeDefined()
  })
})
