// Stopping and starting instances: the states, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, notNow, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ stopDurationMs: 30_000, startDurationMs: 20_000 })
  site.account.addInstance('web', 60, site.now())
  site.account.addInstance('resting', 20, site.now(), { state: 'stopped' })
})
afterEach(() => site.emulator.close())

const stop = (instanceName = 'web', force?: boolean) => site.send('StopInstance', { instanceName, force })
const start = (instanceName = 'resting') => site.send('StartInstance', { instanceName })

/** Code and name of the state, which GetInstance and GetInstanceState agree on; or the exception. */
async function stateAfter(seconds: number, instanceName: string): Promise<unknown> {
  const ask = (operation: string) => site.later(seconds, () => site.send(operation, { instanceName }))
  const alone = (await ask('GetInstanceState')).body
  expect((await ask('GetInstance')).body.instance?.state).toEqual(alone.state)
  return alone.state === undefined ? alone.__type : [alone.state.code, alone.state.name]
}

const address = (instanceName: string) => site.account.instance(instanceName, site.now()).publicIpAddress

describe('stopping an instance', () => {
  test('goes from running through stopping to stopped', async () => {
    expect(await stateAfter(0, 'web')).toEqual([16, 'running'])
    await stop()
    expect(await stateAfter(0, 'web')).toEqual([64, 'stopping'])
    expect(await stateAfter(29, 'web')).toEqual([64, 'stopping'])
    expect(await stateAfter(30, 'web')).toEqual([80, 'stopped'])
  })

  test('has one operation, which succeeds with it', async () => {
    expect((await stop()).body.operations).toMatchObject([
      { operationType: 'StopInstance', resourceType: 'Instance', resourceName: 'web', status: 'Started' },
    ])
    expect(await site.operationAfter(29, 'web')).toEqual(['StopInstance', 'Started', false, undefined])
    expect(await site.operationAfter(30, 'web')).toEqual(['StopInstance', 'Succeeded', true, undefined])
  })

  test('appears in the list of instances', async () => {
    await stop()
    const { instances } = (await site.send('GetInstances', {})).body
    expect(instances?.map(({ name, state }) => [name, state.name])).toEqual([
      ['web', 'stopping'],
      ['resting', 'stopped'],
    ])
  })

  test('can be stuck forever', async () => {
    site.set({ stopEnd: 'stuck' })
    await stop()
    expect(await stateAfter(1e9, 'web')).toEqual([64, 'stopping'])
    expect(await site.operationAfter(1e9, 'web')).toEqual(['StopInstance', 'Started', false, undefined])
  })

  test('frees a stuck instance if it is forced, and only then', async () => {
    site.set({ stopEnd: 'stuck' })
    // Force does nothing yet: the instance is running.
    await stop('web', true)
    expect(await stateAfter(30, 'web')).toEqual([64, 'stopping'])
    expect(await refusalOf(stop())).toEqual(notNow('stop this instance', 'stopping'))
    await stop('web', true)
    expect(await stateAfter(29, 'web')).toEqual([64, 'stopping'])
    expect(await stateAfter(30, 'web')).toEqual([80, 'stopped'])
  })

  test('can fail after it was accepted: the instance keeps running, with its address', async () => {
    site.set({ failingOperations: ['StopInstance'] })
    const before = address('web')
    await stop()
    expect(await stateAfter(29, 'web')).toEqual([64, 'stopping'])
    expect(await stateAfter(30, 'web')).toEqual([16, 'running'])
    expect(await site.operationAfter(30, 'web')).toEqual([
      'StopInstance',
      'Failed',
      true,
      'InstanceStopFailed',
    ])
    expect(address('web')).toBe(before)
  })

  test('is refused for an instance that is stopped or starting', async () => {
    const refusal = (state: string) => notNow('stop this instance', state)
    expect(await refusalOf(stop('resting'))).toEqual(refusal('stopped'))
    expect(await refusalOf(stop('resting', true))).toEqual(refusal('stopped'))
    await start()
    expect(await refusalOf(stop('resting'))).toEqual(refusal('pending'))
  })
})

describe('starting an instance', () => {
  test('goes from stopped through pending to running', async () => {
    await start()
    expect(await stateAfter(0, 'resting')).toEqual([0, 'pending'])
    expect(await stateAfter(19, 'resting')).toEqual([0, 'pending'])
    expect(await stateAfter(20, 'resting')).toEqual([16, 'running'])
  })

  test('has one operation, which succeeds with it', async () => {
    expect((await start()).body.operations).toMatchObject([
      { operationType: 'StartInstance', resourceType: 'Instance', resourceName: 'resting' },
    ])
    expect(await site.operationAfter(19, 'resting')).toEqual(['StartInstance', 'Started', false, undefined])
    expect(await site.operationAfter(20, 'resting')).toEqual(['StartInstance', 'Succeeded', true, undefined])
  })

  test('can fail after it was accepted: the instance stays stopped', async () => {
    site.set({ failingOperations: ['StartInstance'] })
    await start()
    expect(await stateAfter(20, 'resting')).toEqual([80, 'stopped'])
    expect(await site.operationAfter(20, 'resting')).toEqual([
      'StartInstance',
      'Failed',
      true,
      'InstanceStartFailed',
    ])
  })

  test('is refused for an instance that is running, stopping or starting', async () => {
    const refusal = (state: string) => notNow('start this instance', state)
    expect(await refusalOf(start('web'))).toEqual(refusal('running'))
    await stop()
    expect(await refusalOf(start('web'))).toEqual(refusal('stopping'))
    await start()
    expect(await refusalOf(start())).toEqual(refusal('pending'))
  })

  test('brings another public address, unless it is a static one', async () => {
    site.account.addInstance('fixed', 20, site.now(), { isStaticIp: true })
    const before = { web: address('web'), fixed: address('fixed') }
    expect(before.web).not.toBe(before.fixed)
    expect(address('resting')).toBeUndefined()
    for (const name of ['web', 'fixed']) await stop(name)
    site.pass(30)
    expect([address('web'), address('fixed')]).toEqual([undefined, before.fixed])
    for (const name of ['web', 'fixed']) await start(name)
    site.pass(20)
    expect(address('web')).toMatch(/^192\.0\.2\.\d+$/)
    expect(address('web')).not.toBe(before.web)
    expect(address('fixed')).toBe(before.fixed)
  })
})

test.each(['StopInstance', 'StartInstance', 'GetInstanceState', 'GetInstanceAccessDetails'])(
  '%s of an instance that doesn’t exist is refused',
  async (operation) => {
    expect(await refusalOf(site.send(operation, { instanceName: 'nope' }))).toEqual([
      400,
      'NotFoundException',
      'The Instance does not exist: nope',
    ])
  },
)

test('the operations of an account are listed in either order, up to a limit', async () => {
  for (const change of [stop, start]) await change()
  const types = async () => {
    const { operations } = (await site.send('GetOperations', {})).body
    return operations?.map(({ operationType }) => operationType)
  }
  expect(await types()).toEqual(['StartInstance', 'StopInstance'])
  site.set({ operationOrder: 'oldest-first' })
  expect(await types()).toEqual(['StopInstance', 'StartInstance'])
  site.set({ mostOperations: 1 })
  expect(await types()).toEqual(['StopInstance'])
})

test('the operations of a resource are listed in either order', async () => {
  await stop()
  site.pass(100)
  await start('web')
  const types = async () => {
    const { operations } = (await site.send('GetOperationsForResource', { resourceName: 'web' })).body
    return operations?.map(({ operationType }) => operationType)
  }
  expect(await types()).toEqual(['StartInstance', 'StopInstance'])
  site.set({ operationOrder: 'oldest-first' })
  expect(await types()).toEqual(['StopInstance', 'StartInstance'])
})

test('a refusal comes with whichever of the two exceptions is set', async () => {
  site.set({ stateRefusal: 'InvalidInputException' })
  expect(await refusalOf(start('web'))).toEqual([400, 'InvalidInputException', expect.any(String)])
  expect(await refusalOf(stop('resting'))).toEqual([400, 'InvalidInputException', expect.any(String)])
})

test('the access details of an instance are what a test has set', async () => {
  const details = async () =>
    (await site.send('GetInstanceAccessDetails', { instanceName: 'web' })).body.accessDetails
  const usual = { instanceName: 'web', protocol: 'ssh', username: 'bitnami' }
  expect(await details()).toEqual({
    ...usual,
    ipAddress: expect.stringMatching(/^192\.0\.2\./),
    hostKeys: [{ algorithm: 'ssh-ed25519', publicKey: expect.stringMatching(/^AAAAC3NzaC1lZDI1NTE5AAAAI/) }],
  })
  const set = {
    username: 'admin',
    privateKey: 'KEY',
    hostKeys: [{ algorithm: 'ssh-rsa', publicKey: 'AAAA' }],
  }
  site.account.access.set('web', set)
  expect(await details()).toMatchObject({ ...usual, ...set })
})
