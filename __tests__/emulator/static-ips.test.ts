// Attaching, moving and detaching static IPs: which instance has which address when, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ stopDurationMs: 5000, startDurationMs: 5000, pageSize: 2 })
  for (const name of ['web', 'next', 'other']) site.account.addInstance(name, 60, site.now())
  site.account.addStaticIp('site-ip', site.now())
})
afterEach(() => site.emulator.close())

const attach = (instanceName = 'web', staticIpName = 'site-ip') =>
  site.send('AttachStaticIp', { staticIpName, instanceName })

const detach = (staticIpName = 'site-ip') => site.send('DetachStaticIp', { staticIpName })

/** The address of the instance, and whether it is a static one. */
async function addressOf(instanceName: string): Promise<readonly unknown[]> {
  const { instance } = (await site.send('GetInstance', { instanceName })).body
  return [instance?.publicIpAddress, instance?.isStaticIp]
}

async function staticIp(staticIpName = 'site-ip') {
  return (await site.send('GetStaticIp', { staticIpName })).body.staticIp
}

describe('a static IP', () => {
  test('is allocated at once, attached to nothing', async () => {
    const { body } = await site.send('AllocateStaticIp', { staticIpName: 'new-ip' })
    expect(body.operations).toMatchObject([
      { operationType: 'AllocateStaticIp', resourceType: 'StaticIp', status: 'Succeeded', isTerminal: true },
    ])
    const allocated = await staticIp('new-ip')
    expect(allocated).toMatchObject({ isAttached: false, location: { availabilityZone: 'all' } })
    expect(allocated).not.toHaveProperty('attachedTo')
    expect(allocated?.ipAddress).not.toBe((await staticIp())?.ipAddress)
  })

  test('can’t have a name that something else has', async () => {
    expect(await refusalOf(site.send('AllocateStaticIp', { staticIpName: 'web' }))).toEqual([
      400,
      'InvalidInputException',
      'Some names are already in use: web',
    ])
    expect(() => site.account.addDisk('site-ip', 8, site.now())).toThrow('already in use: site-ip')
  })

  test('is listed in pages', async () => {
    for (const name of ['ip-2', 'ip-3']) site.account.addStaticIp(name, site.now())
    const { body: first } = await site.send('GetStaticIps', {})
    const { body: second } = await site.send('GetStaticIps', { pageToken: first.nextPageToken })
    const names = [first, second].map(({ staticIps }) => staticIps?.map(({ name }) => name))
    expect([...names, second.nextPageToken]).toEqual([['site-ip', 'ip-2'], ['ip-3'], undefined])
    site.set({ listOrder: 'newest-first' })
    expect((await site.send('GetStaticIps', {})).body.staticIps?.[0]?.name).toBe('ip-3')
  })
})

describe('attaching a static IP', () => {
  test('gives the instance its address, with a finished operation for each of the two', async () => {
    expect((await attach()).body.operations).toMatchObject([
      { operationType: 'AttachStaticIp', resourceName: 'site-ip', operationDetails: 'web', isTerminal: true },
      { operationType: 'AttachStaticIp', resourceName: 'web', operationDetails: 'site-ip', isTerminal: true },
    ])
    const { ipAddress, ...rest } = { ipAddress: '', ...(await staticIp()) }
    expect(rest).toMatchObject({ isAttached: true, attachedTo: 'web' })
    expect(await addressOf('web')).toEqual([ipAddress, true])
  })

  test('moves one that is attached elsewhere, and that instance gets another address', async () => {
    const before = await addressOf('web')
    await attach()
    const { ipAddress } = { ipAddress: '', ...(await staticIp()) }
    await attach('next')
    expect(await staticIp()).toMatchObject({ attachedTo: 'next' })
    expect(await addressOf('next')).toEqual([ipAddress, true])
    const [address, isStatic] = await addressOf('web')
    expect([address, isStatic]).toEqual([expect.stringMatching(/^192\.0\.2\./), false])
    expect([ipAddress, before[0]]).not.toContain(address)
  })

  test('can be refused while it is attached elsewhere', async () => {
    site.set({ movesStaticIps: false })
    await attach()
    expect(await refusalOf(attach('next'))).toEqual([
      400,
      site.emulator.behaviour.stateRefusal,
      'The static IP site-ip is attached to web.',
    ])
    expect(await staticIp()).toMatchObject({ attachedTo: 'web' })
    await detach()
    expect((await attach('next')).status).toBe(200)
  })

  test('can take a while, during which nothing else moves it', async () => {
    await attach()
    site.set({ staticIpDurationMs: 3000 })
    await attach('next')
    const who = (seconds: number) => site.later(seconds, async () => (await staticIp())?.attachedTo)
    expect([await who(2), await who(3)]).toEqual(['web', 'next'])
    expect(await site.operationAfter(2, 'site-ip')).toEqual(['AttachStaticIp', 'Started', false, undefined])
    const inProgress = [
      400,
      'InvalidInputException',
      expect.stringContaining('another operation on this static IP is in progress'),
    ]
    expect(await refusalOf(attach('other'))).toEqual(inProgress)
    expect(await refusalOf(detach())).toEqual(inProgress)
    expect((await site.later(3, () => attach('other'))).status).toBe(200)
  })

  test('can succeed before reads show it', async () => {
    site.set({ staticIpDurationMs: 3000, operationLagMs: -3000 })
    expect((await attach()).body.operations).toMatchObject([{ status: 'Succeeded' }, { status: 'Succeeded' }])
    expect((await addressOf('web'))[1]).toBe(false)
    site.pass(3)
    expect((await addressOf('web'))[1]).toBe(true)
  })

  test('can be accepted and then fail: it stays where it was', async () => {
    await attach()
    const before = await addressOf('web')
    site.set({ failingOperations: ['AttachStaticIp', 'DetachStaticIp'] })
    expect((await attach('next')).body.operations).toMatchObject([
      { status: 'Failed', errorCode: 'StaticIpAttachmentFailed' },
      { status: 'Failed' },
    ])
    await detach()
    expect(await addressOf('web')).toEqual(before)
  })

  test('is refused for an instance between running and stopped', async () => {
    await site.send('StopInstance', { instanceName: 'web' })
    expect(await refusalOf(attach())).toEqual([
      400,
      site.emulator.behaviour.stateRefusal,
      "You can't attach a static IP to this instance right now. The state of this instance is: stopping",
    ])
  })

  test('is refused for an instance that has another one', async () => {
    site.account.addStaticIp('second-ip', site.now(), 'web')
    expect((await refusalOf(attach()))[2]).toBe('The instance web already has a static IP: second-ip.')
    expect((await attach('web', 'second-ip')).status).toBe(200)
  })

  test.each([
    ['static IP', { staticIpName: 'nope' }, 'The StaticIp does not exist: nope'],
    ['instance', { instanceName: 'nope' }, 'The Instance does not exist: nope'],
  ])('is refused if the %s doesn’t exist', async (_, changes, message) => {
    const input = { staticIpName: 'site-ip', instanceName: 'web', ...changes }
    expect(await refusalOf(site.send('AttachStaticIp', input))).toEqual([400, 'NotFoundException', message])
  })
})

describe('detaching a static IP', () => {
  test('leaves the instance with another address', async () => {
    await attach()
    const [address] = await addressOf('web')
    expect((await detach()).body.operations).toMatchObject([
      { operationType: 'DetachStaticIp', resourceType: 'StaticIp', operationDetails: 'web' },
      { operationType: 'DetachStaticIp', resourceType: 'Instance', operationDetails: 'site-ip' },
    ])
    expect(await staticIp()).toMatchObject({ isAttached: false })
    expect(await addressOf('web')).toEqual([expect.not.stringMatching(`^${address}$`), false])
  })

  test('leaves a stopped instance without any address', async () => {
    await attach()
    site.account.setInstanceState('web', 'stopped', site.now())
    expect((await addressOf('web'))[1]).toBe(true)
    await detach()
    expect(await addressOf('web')).toEqual([undefined, false])
  })

  test('is refused for one that is attached to nothing', async () => {
    expect((await refusalOf(detach()))[2]).toBe('The static IP site-ip is not attached to an instance.')
  })
})

test('a static IP that somebody moves in the console is moved at once', async () => {
  await attach()
  site.account.moveStaticIp('site-ip', 'other')
  expect(await staticIp()).toMatchObject({ attachedTo: 'other' })
  expect((await addressOf('web'))[1]).toBe(false)
  site.account.moveStaticIp('site-ip')
  expect(await staticIp()).toMatchObject({ isAttached: false })
})
