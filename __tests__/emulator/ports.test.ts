// The firewall of an instance: the ports open at first, changes, and refused requests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clocked, refusalOf, startClocked } from './clocked.js'

let site: Clocked

beforeEach(async () => {
  site = await startClocked({ startDurationMs: 5000 })
  site.account.addInstance('web', 60, site.now())
  site.account.addInstance('resting', 20, site.now(), { state: 'stopped' })
})
afterEach(() => site.emulator.close())

const port = (fromPort: number, toPort = fromPort) => ({ fromPort, toPort, protocol: 'tcp' })

const put = (portInfos: unknown, instanceName = 'web') =>
  site.send('PutInstancePublicPorts', { instanceName, portInfos })

/** The open ports of the instance, `FROM-TO/PROTOCOL` each. */
async function open(instanceName = 'web'): Promise<string[] | undefined> {
  const { portStates } = (await site.send('GetInstancePortStates', { instanceName })).body
  return portStates?.map(({ fromPort, toPort, protocol }) => `${fromPort}-${toPort}/${protocol}`)
}

test('a new instance has the ports for SSH and the web open to everybody', async () => {
  expect(await open()).toEqual(['80-80/tcp', '22-22/tcp', '443-443/tcp'])
  const { portStates } = (await site.send('GetInstancePortStates', { instanceName: 'web' })).body
  expect(portStates?.[0]).toEqual({
    ...port(80),
    state: 'open',
    cidrs: ['0.0.0.0/0'],
    ipv6Cidrs: ['::/0'],
    cidrListAliases: [],
  })
})

describe('setting the open ports', () => {
  test('opens those that the request lists and closes the others, of that instance only', async () => {
    const { body } = await put([port(443), port(8000, 8080)])
    expect(body.operation).toMatchObject({
      operationType: 'PutInstancePublicPorts',
      resourceName: 'web',
      operationDetails: '443/tcp,8080/tcp',
      status: 'Succeeded',
    })
    expect(await open()).toEqual(['443-443/tcp', '8000-8080/tcp'])
    expect(await open('resting')).toHaveLength(3)
    await put([])
    expect(await open()).toEqual([])
  })

  test('lets in only the addresses that are listed, if any are', async () => {
    await put([
      { ...port(22), cidrs: ['203.0.113.0/24'] },
      { ...port(22), cidrListAliases: ['lightsail-connect'] },
    ])
    const { portStates } = (await site.send('GetInstancePortStates', { instanceName: 'web' })).body
    expect(portStates).toMatchObject([
      { cidrs: ['203.0.113.0/24'], ipv6Cidrs: [], cidrListAliases: [] },
      { cidrs: [], ipv6Cidrs: [], cidrListAliases: ['lightsail-connect'] },
    ])
  })

  test('persists through a stop and a start', async () => {
    await put([port(22)])
    for (const operation of ['StopInstance', 'StartInstance']) {
      await site.send(operation, { instanceName: 'web' })
      site.pass(100)
    }
    expect(await open()).toEqual(['22-22/tcp'])
  })

  test('is refused while the instance is pending, unless that is allowed', async () => {
    await site.send('StartInstance', { instanceName: 'resting' })
    expect(await refusalOf(put([port(22)], 'resting'))).toEqual([
      400,
      site.emulator.behaviour.stateRefusal,
      "You can't change the ports of this instance right now. The state of this instance is: pending",
    ])
    site.set({ changesPortsPending: true })
    expect((await put([port(22)], 'resting')).status).toBe(200)
    site.set({ changesPortsPending: false })
    site.pass(5)
    expect((await put([port(443)], 'resting')).status).toBe(200)
  })

  test('can take a while, during which it is refused', async () => {
    site.set({ portsDurationMs: 3000 })
    await put([port(22)])
    expect(await refusalOf(put([port(443)]))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining('another operation on this instance is in progress'),
    ])
    expect(await site.later(2, () => open())).toHaveLength(3)
    expect(await site.later(3, () => open())).toEqual(['22-22/tcp'])
  })

  test('can be accepted and then fail: the ports are unchanged', async () => {
    site.set({ failingOperations: ['PutInstancePublicPorts'] })
    expect((await put([])).body.operation).toMatchObject({ status: 'Failed', errorCode: 'PublicPortsFailed' })
    expect(await open()).toHaveLength(3)
  })

  test.each([
    ['no list', undefined, "'portInfos'"],
    ['no structure', [22], 'The port is not valid: 22'],
    ['another protocol', [{ ...port(22), protocol: 'ssh' }], 'The port is not valid'],
    ['no first port', [{ toPort: 22, protocol: 'tcp' }], 'The port is not valid'],
    ['no last port', [{ fromPort: 22, protocol: 'tcp' }], 'The port is not valid'],
    ['a port that is none', [port(65_536)], 'The port is not valid'],
  ])('is refused with %s', async (_, portInfos, message) => {
    expect(await refusalOf(put(portInfos))).toEqual([
      400,
      'InvalidInputException',
      expect.stringContaining(message),
    ])
    expect(await open()).toHaveLength(3)
  })
})

test.each(['GetInstancePortStates', 'PutInstancePublicPorts'])(
  '%s of an instance that doesn’t exist is refused',
  async (operation) => {
    expect(await refusalOf(site.send(operation, { instanceName: 'nope', portInfos: [] }))).toEqual([
      400,
      'NotFoundException',
      'The Instance does not exist: nope',
    ])
  },
)
