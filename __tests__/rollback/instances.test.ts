import { beforeEach, describe, expect, test } from '@jest/globals'
import { failureOf } from '../support/failure.js'
import { takenBy } from '../support/restore.js'
import { restoredName as restored, systemDisk, useWordpress } from '../support/wordpress-steps.js'

const wordpress = useWordpress()
const { site, states, requests, faultAt, roll, deploy } = wordpress
const second = { run: { runAttempt: '2' } }

describe('a roll-back of a whole instance', () => {
  test('puts one with the newest snapshot’s content behind the static IP, and keeps the previous one, stopped', async () => {
    const { outputs, log, summary } = await roll()
    expect(site()).toBe('new')
    expect(states()).toEqual({ wordpress: 'stopped', [restored]: 'running' })
    expect(outputs).toMatchObject({
      state: 'completed',
      'instance-name': restored,
      'previous-instance-name': 'wordpress',
      'snapshot-name': 'new',
      'ip-address': wordpress.account.staticIp('address', wordpress.now()).ipAddress,
      'disk-name': '',
    })
    expect(outputs['operation-id']).not.toBe('')
    const notice = log.lines.find((line) => line.startsWith('notice: '))
    expect(notice).toContain(`In use: instance "${restored}" at`)
    expect(notice).toContain('is kept, stopped, and costs $12.00 a month until you delete it')
    expect(notice).toContain(`instance-name "wordpress" now means instance "${restored}"`)
    expect(summary.join('\n')).toContain(
      'aws lightsail delete-instance --region eu-central-1 --instance-name wordpress',
    )
  })

  test('needs no workflow to be edited: the next deploy captures the restored instance, the next roll-back replaces it', async () => {
    await roll()
    const account = wordpress.account
    account.writeTo(restored, systemDisk, 'second deploy', wordpress.now())
    await deploy({ 'snapshot-name': 'second' })
    account.writeTo(restored, systemDisk, 'broken again', wordpress.now())
    await roll({ 'snapshot-name': 'second' }, second)
    expect(site()).toBe('second deploy')
    expect(states()[restored]).toBe('stopped')
    expect(wordpress.running.log.lines.join('\n')).toContain(`"wordpress" now means instance "${restored}"`)
  })

  test('opens the same ports', async () => {
    const account = wordpress.account
    const rules = [
      {
        fromPort: 8080,
        toPort: 8081,
        protocol: 'tcp',
        cidrs: ['192.0.2.0/24'],
        ipv6Cidrs: [],
        cidrListAliases: [],
      },
    ]
    account.instances.change('wordpress', {
      ...account.instances.find('wordpress', wordpress.now()),
      firewall: { during: rules, after: rules, endsAt: 0 },
    })
    await roll()
    const { firewall } = account.instances.find(restored, wordpress.now())
    expect(firewall.after).toEqual(rules)
  })

  test.each([
    ['the address has to be detached first', { movesStaticIps: false }],
    ['health isn’t reported', { health: 'unreported' as const }],
    ['it is reachable only later', { healthDurationMs: 90_000 }],
    ['new instances have the source’s ports', { newInstancePorts: 'source' as const }],
    ['changes of ports and addresses take a while', { portsDurationMs: 5000, staticIpDurationMs: 5000 }],
    ['tags are visible late', { tagsLateMs: 20_000 }],
    ['the operation has another type', { createInstancesOperation: 'CreateInstance' as const }],
    ['it is invisible at first', { invisibleMs: 20_000 }],
  ])('succeeds if %s', async (_, behaviour) => {
    Object.assign(wordpress.emulator.behaviour, behaviour)
    await roll()
    expect(site()).toBe('new')
    expect(states()).toEqual({ wordpress: 'stopped', [restored]: 'running' })
  })

  test('changes nothing in a dry run', async () => {
    const { outputs, log } = await roll({ 'dry-run': 'true' })
    expect(site()).toBe('broken')
    expect(states()).toEqual({ wordpress: 'running' })
    expect(outputs).toMatchObject({ state: '', 'instance-name': restored })
    expect(log.lines.join('\n')).toContain('move static IP "address" to instance')
  })
})

describe('a roll-back that can’t succeed is refused before anything is created', () => {
  async function refusal(inputs: Record<string, string> = {}): Promise<string> {
    const { message } = await failureOf(() => roll(inputs))
    expect(requests('CreateInstancesFromSnapshot')).toBe(0)
    expect(requests('TagResource')).toBe(0)
    expect(site()).not.toBe('new')
    return message
  }

  test('without a static IP', async () => {
    wordpress.account.moveStaticIp('address')
    expect(await refusal()).toContain('The instance "wordpress" has no static IP')
  })

  test('with a load balancer in front', async () => {
    wordpress.account.addLoadBalancer('front', wordpress.now(), ['wordpress'])
    expect(await refusal()).toContain('The load balancer "front" is in front of the instance "wordpress"')
  })

  test('with the instance gone', async () => {
    wordpress.account.instances.discard('wordpress')
    expect(await refusal()).toContain('There is no instance "wordpress" in eu-central-1')
  })

  test('from a snapshot of another repository', async () => {
    wordpress.account.putInstanceSnapshot({
      name: 'foreign',
      instanceName: 'wordpress',
      createdAt: wordpress.now() - 1000,
      tags: takenBy('octo-org/other'),
    })
    expect(await refusal({ 'snapshot-name': 'foreign' })).toContain('was taken by octo-org/other')
  })

  test('with a smaller bundle', async () => {
    expect(await refusal({ 'bundle-id': 'nano_3_0' })).toContain('"nano_3_0" is smaller than the source')
  })

  test('with a bundle that does not exist', async () => {
    expect(await refusal({ 'bundle-id': 'huge_9_0' })).toContain('bundle-id: "huge_9_0" is no bundle')
  })

  test('from a snapshot that isn’t complete, or of another instance', async () => {
    const { account, now } = wordpress
    const seed = { createdAt: now() - 1000, tags: takenBy('octo-org/web-shop') }
    account.putInstanceSnapshot({ ...seed, name: 'unfinished', instanceName: 'wordpress', state: 'pending' })
    account.putInstanceSnapshot({ ...seed, name: 'other', instanceName: 'blog', instanceArn: 'arn:blog' })
    expect(await refusal({ 'snapshot-name': 'unfinished' })).toContain('complete: it is pending')
    expect(await refusal({ 'snapshot-name': 'other' })).toContain('is of instance "blog"')
  })

  test('with a name that another instance has', async () => {
    wordpress.account.addInstance('taken', 20, wordpress.now())
    const message = await refusal({ 'restored-instance-name': 'taken' })
    expect(message).toContain('Instance "taken" already exists, which this action did not create')
  })

  test('while the instance is stopping', async () => {
    const { account, now } = wordpress
    const instance = account.instances.find('wordpress', now())
    const stopping = { ...instance.course.after, state: { code: 64, name: 'stopping' } }
    account.instances.change('wordpress', {
      ...instance,
      course: { during: stopping, after: stopping, endsAt: 0 },
    })
    expect(await refusal()).toContain('The instance "wordpress" is stopping')
  })

  test('without a zone, if nothing tells which', async () => {
    wordpress.account.instances.discard('wordpress')
    const named = { 'instance-name': '', 'snapshot-type': 'disk', 'snapshot-name': 'new', swap: 'false' }
    expect(await refusal(named)).toContain("Can't tell which Availability Zone")
  })

  test('with inputs of a disk', async () => {
    const named = { 'instance-name': '', 'snapshot-type': 'disk', 'snapshot-name': 'new', swap: 'false' }
    const message = await refusal({ ...named, 'size-in-gb': '100' })
    expect(message).toContain(
      'Snapshot "new" is an instance snapshot, and size-in-gb goes with the other type',
    )
  })
})

describe('a roll-back that fails', () => {
  test('leaves the site as it was if the new instance can’t be reached', async () => {
    wordpress.emulator.behaviour.health = 'impaired'
    const { message } = await failureOf(() => roll())
    expect(message).toContain('The roll-back failed, and the site is as before it')
    expect(message).toContain('is running, reachability failed')
    expect(site()).toBe('broken')
  })

  test('leaves the site as it was if the new instance is never created', async () => {
    wordpress.emulator.behaviour.instanceEnd = 'gone'
    const { message } = await failureOf(() => roll())
    expect(message).toContain('Could not create instance')
    expect(site()).toBe('broken')
  })

  test('leaves the site as it was if the new instance is in another zone', async () => {
    wordpress.emulator.behaviour.instanceZone = 'eu-central-1b'
    const { message } = await failureOf(() => roll())
    expect(message).toContain('it is in eu-central-1b, and not in eu-central-1a')
    expect(site()).toBe('broken')
  })

  test('attaches the static IP to the previous instance again', async () => {
    wordpress.emulator.behaviour.movesStaticIps = false
    faultAt('AttachStaticIp', 'access-denied', [2])
    const { message } = await failureOf(() => roll())
    expect(message).toContain('The roll-back failed, and the site is as before it')
    expect(site()).toBe('broken')
    expect(states()['wordpress']).toBe('running')
  })

  test('says first that the site is down if the static IP can’t be attached at all', async () => {
    wordpress.emulator.behaviour.movesStaticIps = false
    faultAt('AttachStaticIp', 'access-denied', [2, 3, 4])
    const failure = await failureOf(() => roll())
    expect(failure.message).toMatch(/^The site is down: static IP "address" \(.*\) is attached to nothing\./)
    expect(failure.copyables.map(({ text }) => text).join('\n')).toContain(
      'aws lightsail attach-static-ip --region eu-central-1 --static-ip-name address --instance-name wordpress',
    )
    expect(site()).toBe('down')
    wordpress.emulator.faults.clear()
    const before = requests('AttachStaticIp')
    await roll({}, second)
    expect(site()).toBe('new')
    expect(states()['wordpress']).toBe('stopped')
    expect(requests('CreateInstancesFromSnapshot')).toBe(1)
    // Not first to the previous instance again.
    expect(requests('AttachStaticIp') - before).toBe(1)
  })

  test('moves nothing if the new instance is stopped right before', async () => {
    const { account, emulator, now } = wordpress
    emulator.beforeRequest = ({ operation }) => {
      if (operation === 'TagResource' && states()[restored] === 'running')
        account.setInstanceState(restored, 'stopped', now())
    }
    const { message } = await failureOf(() => roll())
    expect(message).toContain(
      `Something has changed since this step began: instance "${restored}" is stopped`,
    )
    expect(site()).toBe('broken')
  })

  test('moves nothing if somebody has attached the address elsewhere meanwhile', async () => {
    const account = wordpress.account
    account.addInstance('other', 20, wordpress.now())
    wordpress.emulator.behaviour.healthDurationMs = 60_000
    const running = roll()
    const { message } = await failureOf(async () => {
      account.moveStaticIp('address', 'other')
      await running
    })
    expect(message).toContain('static IP')
    expect(account.staticIp('address', wordpress.now()).attachedTo).toBe('other')
  })

  test('says that the site is rolled back if only the previous instance could not be stopped', async () => {
    faultAt('StopInstance', 'access-denied', 'all')
    const { message } = await failureOf(() => roll())
    expect(message).toMatch(/^The site is rolled back: static IP "address"/)
    expect(site()).toBe('new')
    wordpress.emulator.faults.clear()
    await roll({}, second)
    expect(site()).toBe('new')
    expect(Object.values(states()).filter((state) => state === 'running')).toHaveLength(1)
  })

  test('and is run again uses the instance that is ready', async () => {
    faultAt('GetInstancePortStates', 'access-denied', [2])
    await failureOf(() => roll())
    wordpress.emulator.faults.clear()
    await roll({}, second)
    expect(site()).toBe('new')
    expect(requests('CreateInstancesFromSnapshot')).toBe(1)
  })
})

describe('a snapshot of a system disk', () => {
  test('is found by the name of the instance after that was replaced', async () => {
    await roll()
    const systemDiskOnly = { 'snapshot-type': 'disk', 'snapshot-name': 'system-disk' }
    await deploy(systemDiskOnly)
    await roll({ 'snapshot-type': 'disk', swap: 'false' }, second)
    expect(wordpress.running.outputs).toMatchObject({ 'snapshot-name': 'system-disk', state: 'completed' })
  })
})

describe('without swap', () => {
  test('an instance is created beside the current one', async () => {
    const { outputs } = await roll({ swap: 'false' })
    expect(site()).toBe('broken')
    expect(states()).toEqual({ wordpress: 'running', [restored]: 'running' })
    expect(outputs['previous-instance-name']).toBe('')
    expect(outputs['ip-address']).toMatch(/^192\.0\.2\./)
  })

  test('a snapshot-name of an instance snapshot is enough, and the source may be gone', async () => {
    wordpress.account.instances.discard('wordpress')
    const inputs = { 'instance-name': '', 'snapshot-type': 'disk', swap: 'false', 'snapshot-name': 'old' }
    await roll({ ...inputs, 'availability-zone': 'eu-central-1a' })
    expect(
      wordpress.account.contentOfInstance(wordpress.running.outputs['instance-name'] ?? '', systemDisk),
    ).toBe('old')
  })
})

describe('inputs', () => {
  beforeEach(() => {
    expect(wordpress.emulator.requests).toEqual([])
  })

  test.each([
    [
      { 'attach-to': 'shop', 'disk-path': '/dev/xvdf', swap: 'false' },
      'does not go with a snapshot of a whole instance',
    ],
    [{ 'disk-name': 'shop-data', 'instance-name': '' }, 'goes with instance-name, not with disk-name'],
    [
      { 'snapshot-type': 'disk', swap: 'false', 'bundle-id': 'small_3_0' },
      'goes with snapshot-type: instance',
    ],
  ])('that don’t go together are reported before any request: %j', async (inputs, problem) => {
    const { message } = await failureOf(() => roll(inputs))
    expect(message).toContain(problem)
    expect(wordpress.emulator.requests).toEqual([])
  })
})
