import { describe, expect, test } from '@jest/globals'
import { planSnapshots } from '../../../src/actions/snapshot/inputs.js'
import { failureOf } from '../../support/failure.js'
import { exampleStep } from '../../support/step.js'

const disk = { 'disk-name': 'shop-data' }
const pauseOf = (inputs: Record<string, string>) => planSnapshots(exampleStep({ ...disk, ...inputs })).pause

describe('a pause', () => {
  test('is planned with the defaults of the inputs that aren’t given', () => {
    expect(pauseOf({ freeze: '/srv/data/\n /srv/a b, c' })).toEqual({
      mounts: ['/srv/data/', '/srv/a b, c'],
      before: '',
      after: '',
      timeoutMs: 30_000,
      onFailure: 'fail',
      host: undefined,
      port: 22,
    })
  })

  test('follows every input', () => {
    const inputs = {
      'before-snapshot': 'systemctl stop mariadb\nsync',
      'after-snapshot': 'systemctl start mariadb',
      'pause-timeout': '60s',
      'on-pause-failure': 'continue',
      'ssh-host': '2001:db8::1',
      'ssh-port': '2222',
    }
    expect(pauseOf(inputs)).toEqual({
      mounts: [],
      before: inputs['before-snapshot'],
      after: inputs['after-snapshot'],
      timeoutMs: 60_000,
      onFailure: 'continue',
      host: '2001:db8::1',
      port: 2222,
    })
  })

  test('isn’t planned without freeze and commands', () => {
    expect(pauseOf({ 'pause-timeout': '10s', 'ssh-host': 'shop.example.com' })).toBeUndefined()
  })

  test.each([
    ['freeze', 'srv/data', 'is not an absolute path'],
    ['freeze', '/var//', 'is a file system that the system itself uses'],
    ['freeze', '/', 'is a file system that the system itself uses'],
    ['freeze', '/srv\n/srv', 'is given more than once'],
    ['pause-timeout', '61s', 'is too long: the most is 60s'],
    ['pause-timeout', '30', 'is a number without a unit'],
    ['on-pause-failure', 'ignore', 'is not known: use fail or continue'],
    ['ssh-host', '-oProxyCommand=x', 'is not a host name or an address'],
    ['ssh-host', 'admin@shop', 'is not a host name or an address'],
    ['ssh-port', '0', 'is not a port: use a number from 1 to 65535'],
    ['ssh-port', '65536', 'is not a port'],
  ])('%s: %j is a problem', async (input, value, problem) => {
    const { message } = await failureOf(() => pauseOf({ freeze: '/srv', [input]: value }))
    expect(message).toContain(problem)
    expect(message).toContain(`${input}: `)
  })

  test('of several instances is a problem', async () => {
    const inputs = { 'instance-name': 'shop, blog', freeze: '/srv' }
    const { message } = await failureOf(() => planSnapshots(exampleStep(inputs)))
    expect(message).toContain('instance-name: "shop, blog" is several instances: a step can pause one.')
  })
})
