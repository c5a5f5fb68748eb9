// The emulator as `npm run emulator` starts it, with a client that isn't ours: the AWS CLI.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

const hasCli = spawnSync('aws', ['--version']).status === 0
const withCli = hasCli ? test : test.skip
const why = hasCli ? '' : ' (skipped: this machine has no AWS CLI)'

const emulator = spawn(
  process.execPath,
  [
    '.build/emulator/service/main.js',
    ...['--disk', 'data:16', '--disk', 'logs:8:wordpress'],
    ...['--seconds', '0', '--fault', 'GetDisks:1:throttle'],
  ],
  { stdio: ['ignore', 'pipe', 'pipe'] },
)
const environment: Record<string, string | undefined> = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  AWS_ACCESS_KEY_ID: 'emulated',
  AWS_SECRET_ACCESS_KEY: 'emulated',
  AWS_MAX_ATTEMPTS: '1',
}

beforeAll(async () => {
  let printed = ''
  while (printed.split('\n').length < 3) {
    const [chunk] = await once(emulator.stdout, 'data')
    printed += String(chunk)
  }
  for (const [, name, value] of printed.matchAll(/^export (\w+)=(.*)$/gm)) {
    if (name !== undefined) environment[name] = value
  }
})
afterAll(async () => {
  emulator.kill()
  await once(emulator, 'exit')
})

function aws(...words: string[]): { status: number | null; answer: unknown; words: string } {
  const run = spawnSync('aws', ['lightsail', ...words, '--output', 'json'], { env: environment })
  const output = run.stdout.toString()
  return {
    status: run.status,
    answer: output === '' ? undefined : JSON.parse(output),
    words: run.stderr.toString(),
  }
}

/** If it accepted what it should refuse, it would run forever. */
function emulatorThatEnds(...words: string[]) {
  return spawnSync(process.execPath, ['.build/emulator/service/main.js', ...words], { timeout: 20_000 })
}

describe('the emulator by itself', () => {
  test('prints the two variables that point a client at it', () => {
    expect(environment['AWS_ENDPOINT_URL_LIGHTSAIL']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(environment['AWS_DEFAULT_REGION']).toBe('eu-central-1')
  })

  test.each([
    ['--disk', 'data:big'],
    ['--seconds', 'x'],
    ['--snapshot-end', 'x'],
    ['--fault', 'GetDisk:1:x'],
    ['--fault', 'GetDisk:0:throttle'],
    ['--scenario', 'doom'],
    ['--instance', 'shop:60:shop'],
  ])('refuses %s %s', (option, value) => {
    const run = emulatorThatEnds(option, value)
    expect([run.status, run.stderr.toString()]).toEqual([2, expect.stringContaining(option)])
  })

  test('says to which instance a disk can’t be attached', () => {
    const run = emulatorThatEnds('--disk', 'data:16:nowhere')
    expect([run.status, run.stderr.toString()]).toEqual([
      2,
      expect.stringMatching(/^The Instance does not exist: nowhere\n/),
    ])
  })

  withCli(`is understood by the AWS CLI${why}`, () => {
    const create = ['create-disk-snapshot', '--disk-name', 'data', '--disk-snapshot-name', 'snap']
    expect(aws(...create, '--tags', 'key=a,value=b')).toMatchObject({
      status: 0,
      answer: {
        operations: [{ resourceType: 'DiskSnapshot', status: 'Succeeded' }, { resourceType: 'Disk' }],
      },
    })
    expect(aws('get-disk-snapshot', '--disk-snapshot-name', 'snap')).toMatchObject({
      answer: { diskSnapshot: { state: 'completed', sizeInGb: 16, tags: [{ key: 'a', value: 'b' }] } },
    })
    expect(aws(...create)).toMatchObject({
      status: expect.any(Number),
      words: expect.stringMatching(/InvalidInputException.*already in use: snap/),
    })
    expect(aws('get-instance', '--instance-name', 'wordpress')).toMatchObject({
      answer: { instance: { hardware: { disks: [{ isSystemDisk: true }, { name: 'logs' }] } } },
    })
    expect(aws('get-domains').words).toMatch(
      /\(UnknownOperationException\).*: The emulator of lightsail-disk-snapshot doesn't support GetDomains\. It supports: AllocateStaticIp, AttachDisk, /,
    )
    expect(aws('get-disks').words).toContain('ThrottlingException')
    expect(aws('get-disks')).toMatchObject({
      answer: {
        disks: [
          { name: 'data', state: 'in-use', attachedTo: 'server' },
          { name: 'logs', state: 'in-use', attachedTo: 'wordpress', path: '/dev/xvdf' },
        ],
      },
    })
    expect(aws('get-disk-snapshots', '--query', 'diskSnapshots[].name').answer).toEqual(['snap'])
    expect(aws('get-operations', '--query', 'length(operations)').answer).toBe(2)
    const operations = ['get-operations-for-resource', '--resource-name', 'snap']
    expect(aws(...operations, '--query', 'operations[].resourceType').answer).toEqual(['DiskSnapshot'])
  })

  withCli(`puts a restored disk in a disk's place at the AWS CLI's word${why}`, () => {
    const make = ['create-disk-snapshot', '--disk-name', 'logs', '--disk-snapshot-name', 'before-deploy']
    const restore = [
      ...['create-disk-from-snapshot', '--disk-name', 'restored', '--disk-snapshot-name', 'before-deploy'],
      ...['--availability-zone', 'eu-central-1a', '--size-in-gb', '8'],
    ]
    const disk = (name: string) => ['--disk-name', name]
    const instance = ['--instance-name', 'wordpress']
    const done = (...kinds: [string, string][]) => ({
      status: 0,
      answer: {
        operations: kinds.map(([operationType, resourceType]) => ({
          operationType,
          resourceType,
          status: 'Succeeded',
        })),
      },
    })
    expect(aws(...make).status).toBe(0)
    expect(aws(...restore)).toMatchObject(done(['CreateDiskFromSnapshot', 'Disk']))
    expect(aws('detach-disk', ...disk('logs')).words).toMatch(
      /OperationFailureException.*You can't detach this disk right now\. The state of this disk is: in-use/,
    )
    expect(aws('stop-instance', ...instance)).toMatchObject(done(['StopInstance', 'Instance']))
    expect(aws('get-instance-state', ...instance).answer).toEqual({ state: { code: 80, name: 'stopped' } })
    const both = (kind: string) => done([kind, 'Disk'], [kind, 'Instance'])
    expect(aws('detach-disk', ...disk('logs'))).toMatchObject(both('DetachDisk'))
    const attach = ['attach-disk', ...disk('restored'), ...instance, '--disk-path', '/dev/xvdf']
    expect(aws(...attach)).toMatchObject(both('AttachDisk'))
    expect(aws('start-instance', ...instance)).toMatchObject(done(['StartInstance', 'Instance']))
    expect(aws('get-disk', ...disk('restored'))).toMatchObject({
      answer: { disk: { state: 'in-use', isAttached: true, attachedTo: 'wordpress', path: '/dev/xvdf' } },
    })
    const remove = ['delete-disk-snapshot', '--disk-snapshot-name', 'before-deploy']
    expect(aws(...remove)).toMatchObject(done(['DeleteDiskSnapshot', 'DiskSnapshot']))
    expect(aws('delete-disk', ...disk('logs'))).toMatchObject(done(['DeleteDisk', 'Disk']))
  })

  withCli(`puts a restored instance in an instance's place at the AWS CLI's word${why}`, () => {
    const instance = (name: string) => ['--instance-name', name]
    const address = ['--static-ip-name', 'site-ip']
    const succeeds = (...words: string[]) => {
      const { status, words: trouble } = aws(...words)
      expect([status, trouble]).toEqual([0, ''])
    }
    succeeds('allocate-static-ip', ...address)
    succeeds('attach-static-ip', ...address, ...instance('wordpress'))
    succeeds('create-instance-snapshot', ...instance('wordpress'), '--instance-snapshot-name', 'whole')
    expect(aws('get-instance-snapshots', '--query', 'instanceSnapshots[].[name,state]').answer).toEqual([
      ['whole', 'available'],
    ])
    succeeds(
      ...['create-instances-from-snapshot', '--instance-snapshot-name', 'whole'],
      ...['--instance-names', 'restored-site', '--availability-zone', 'eu-central-1a'],
      ...['--bundle-id', 'small_3_0', '--tags', 'key=run-id,value=7'],
    )
    const port = 'fromPort=443,toPort=443,protocol=tcp'
    succeeds('put-instance-public-ports', ...instance('restored-site'), '--port-infos', port)
    expect(
      aws(
        'get-instance-port-states',
        ...instance('restored-site'),
        ...['--query', 'portStates[].[toPort,state]'],
      ).answer,
    ).toEqual([[443, 'open']])
    succeeds('attach-static-ip', ...address, ...instance('restored-site'))
    expect(aws('get-static-ip', ...address)).toMatchObject({
      answer: { staticIp: { isAttached: true, attachedTo: 'restored-site' } },
    })
    expect(aws('get-instances', '--query', 'instances[?isStaticIp].name').answer).toEqual(['restored-site'])
    expect(aws('get-load-balancers').answer).toEqual({ loadBalancers: [] })
    expect(aws('get-bundles', '--query', "bundles[?bundleId=='small_3_0'].price").answer).toEqual([12])
    succeeds('delete-instance', ...instance('restored-site'))
    succeeds('delete-instance-snapshot', '--instance-snapshot-name', 'whole')
    expect(aws('get-static-ips', '--query', 'staticIps[].isAttached').answer).toEqual([false])
  })
})
