// The built emulator/ as in a job: it is started, later steps meet the scripted faults, and it ends with the job.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import { actionNode } from '../../dev/demo/action-node.js'
import type { StepResult } from '../../dev/demo/runner.js'
import {
  type Inputs,
  job,
  region,
  shop,
  silence,
  step,
  takeAndKeepOne,
  type Variables,
} from '../support/rehearsal.js'

describe('a rehearsal', () => {
  const running: StepResult[] = []
  afterEach(async () => {
    for (const { saved, variables } of running.splice(0)) {
      await step('emulator', shop, { ...region, ...variables }, saved)
    }
  })

  test('points later steps at the emulator, with credentials that AWS does not know', async () => {
    const started = await step('emulator', shop, region)
    running.push(started)
    expect(started.exitCode).toBe(0)
    expect(started.variables).toEqual({
      AWS_ENDPOINT_URL_LIGHTSAIL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'REHEARSAL',
      AWS_SECRET_ACCESS_KEY: 'REHEARSAL',
      LIGHTSAIL_REHEARSAL: 'true',
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    })
    expect(started.outputs).toEqual({ endpoint: started.variables['AWS_ENDPOINT_URL_LIGHTSAIL'] })
    expect(started.lines.join('\n')).toContain(
      '::warning title=Lightsail disk snapshot::This job is a rehearsal',
    )
    expect(started.summary).toContain('### :performing_arts: Rehearsal: good')
  })

  describe('has an emulator for each job, and says so', () => {
    const hint = 'In a rehearsal, each job needs its own emulator/ step'

    test.each<[string, (taken: Variables) => readonly [string, Inputs], string]>([
      [
        'wait/ for an operation of another job',
        (taken) => ['wait', { 'operation-id': taken['operation-id'] ?? '' }],
        'There is no operation',
      ],
      [
        'restore/ from a snapshot of another job',
        (taken) => ['restore', { 'snapshot-name': taken['snapshot-name'] ?? '' }],
        'There is no snapshot "shop-data-',
      ],
      [
        'restore/ of a disk that another job captured',
        () => ['restore', { 'disk-name': 'shop-data', swap: 'true' }],
        'has no complete snapshot of disk "shop-data"',
      ],
      ['a disk of another job', () => ['.', { 'disk-name': 'blog-data' }], 'There is no disk "blog-data"'],
    ])('%s', async (_, second, message) => {
      const taking = await job({}, [['.', { 'disk-name': 'shop-data', wait: 'false' }]])
      const { results } = await job({}, [second(taking.results[0]?.outputs ?? {})])
      expect(results.map(({ exitCode }) => exitCode)).toEqual([1])
      const error = results[0]?.lines.find((line) => line.startsWith('::error')) ?? ''
      expect(error).toContain(message)
      expect(error).toContain(hint)
      expect(results[0]?.summary).toContain('In a rehearsal, each job needs its own emulator')
    })

    test.each<[string, Inputs]>([
      ['wait', { 'snapshot-name': 'any' }],
      ['prune', { 'disk-name': 'shop-data', 'keep-last': '1' }],
    ])('%s, if the emulator is not there', async (action, inputs) => {
      const { started, ended } = await job({}, [])
      expect(ended.exitCode).toBe(0)
      const environment = { ...region, ...started.variables }
      const { exitCode, lines } = await step(action, { ...inputs, 'wait-timeout': '2s' }, environment)
      expect([exitCode, lines.join('\n').includes(hint)]).toEqual([1, true])
    })

    test('if a job has neither an emulator nor credentials', async () => {
      const environment = { ...region, AWS_EC2_METADATA_DISABLED: 'true' }
      const { exitCode, lines } = await step('wait', { 'snapshot-name': 'any' }, environment)
      expect([exitCode, lines.join('\n').includes(hint)]).toEqual([1, true])
    })

    test('but not if the snapshot is there and failed', async () => {
      const { results } = await job({ scenario: 'snapshot-fails' }, [['.', { 'disk-name': 'shop-data' }]])
      expect(results[0]?.exitCode).toBe(1)
      expect(results[0]?.lines.join('\n')).not.toContain(hint)
    })
  })

  test('reports its requests at its end, and stops listening', async () => {
    const { started, ended } = await job({}, [['.', { 'disk-name': 'shop-data', 'snapshot-name': 'one' }]])
    expect(ended.lines).toContain('CreateDiskSnapshot one shop-data')
    expect(ended.summary).toContain('| CreateDiskSnapshot | 1 |')
    await expect(fetch(started.outputs['endpoint'] ?? '')).rejects.toThrow('fetch failed')
  })

  test('ends its emulator, and not a process that now has its id', async () => {
    const started = await step('emulator', shop, region)
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    try {
      // By the end of the job, another process may have this id.
      const saved = { ...started.saved, pid: String(other.pid) }
      expect((await step('emulator', shop, region, saved)).exitCode).toBe(0)
      await silence(started)
      expect([other.exitCode, other.signalCode]).toEqual([null, null])
    } finally {
      other.kill()
    }
  })

  test('ends when the files of the job are deleted, even without its last step', async () => {
    const started = await step('emulator', shop, region)
    await rm(started.saved['folder'] ?? '', { recursive: true, maxRetries: 5 })
    await silence(started)
  })

  describe('behind a proxy', () => {
    test.each<[string, Variables, Variables]>([
      [
        'the hosts of one spelling are those of the other',
        { no_proxy: 'internal.example' },
        {
          NO_PROXY: 'internal.example,127.0.0.1,localhost',
          no_proxy: 'internal.example,127.0.0.1,localhost',
        },
      ],
      [
        'each spelling keeps its own',
        { NO_PROXY: 'a.example b.example', no_proxy: 'c.example, ' },
        { NO_PROXY: 'a.example,b.example,127.0.0.1,localhost', no_proxy: 'c.example,127.0.0.1,localhost' },
      ],
      [
        'none is named twice',
        { NO_PROXY: 'localhost,a.example,127.0.0.1,localhost' },
        { NO_PROXY: 'localhost,a.example,127.0.0.1', no_proxy: 'localhost,a.example,127.0.0.1' },
      ],
      ['every host stays every host', { NO_PROXY: '*' }, { NO_PROXY: '*', no_proxy: '*' }],
    ])('%s', async (_, own, expected) => {
      const started = await step('emulator', shop, { ...region, ...own })
      running.push(started)
      expect(started.variables).toMatchObject(expected)
    })

    /** Nothing listens at this port. */
    const dead = 'http://127.0.0.1:9'
    const proxies = { HTTP_PROXY: dead, http_proxy: dead, HTTPS_PROXY: dead, https_proxy: dead }

    test('later steps still reach the emulator', async () => {
      const started = await step('emulator', shop, { ...region, ...proxies })
      running.push(started)
      const environment = { ...region, ...proxies, ...started.variables }
      const taken = await step('.', { 'disk-name': 'shop-data', 'wait-timeout': '10s' }, environment)
      expect([taken.exitCode, taken.outputs['state']]).toEqual([0, 'completed'])
    })

    const usesProxy =
      'fetch(process.env.AWS_ENDPOINT_URL_LIGHTSAIL).then(({ status }) => console.log(status))'
    const client = (variables: Variables) =>
      promisify(execFile)(actionNode, ['--eval', usesProxy], {
        env: { NODE_USE_ENV_PROXY: '1', ...variables },
      })

    test('so does a client that follows the proxy variables', async () => {
      const started = await step('emulator', shop, { ...region, ...proxies })
      running.push(started)
      const environment = { ...proxies, ...started.variables }
      expect((await client(environment)).stdout).toMatch(/^\d{3}\n$/)
      await expect(client({ ...environment, NO_PROXY: '', no_proxy: '' })).rejects.toThrow('ECONNREFUSED')
    })

    const withCli = spawnSync('aws', ['--version']).status === 0 ? test : test.skip

    withCli('and the AWS CLI', async () => {
      const started = await step('emulator', shop, { ...region, ...proxies })
      running.push(started)
      const { stdout } = await promisify(execFile)(
        'aws',
        ['lightsail', 'get-disk', '--disk-name', 'shop-data'],
        {
          env: { PATH: process.env['PATH'], AWS_MAX_ATTEMPTS: '1', ...proxies, ...started.variables },
        },
      )
      expect(stdout).toContain('shop-data')
    })
  })

  test('sets no commit status, and is named in each section of the summary', async () => {
    const { results } = await job({}, [
      ['.', { 'disk-name': 'shop-data', 'commit-status': 'snapshot', 'github-token': 'the-token' }],
    ])
    const [result] = results
    expect(result?.lines).toContain('Rehearsal: the commit status "snapshot" is not set to success')
    expect(result?.summary).toMatch(/^### :white_check_mark: Rehearsal: Lightsail snapshot complete: 32 GB/)
  })

  test('can be started only once in a job', async () => {
    const started = await step('emulator', shop, region)
    running.push(started)
    const second = await step('emulator', shop, { ...region, ...started.variables })
    expect(second).toMatchObject({ exitCode: 1, variables: {}, saved: {} })
    expect(second.lines.join('\n')).toContain(
      '::error title=Lightsail disk snapshot::A rehearsal has already been started in this job',
    )
  })

  test('shows at its end what went wrong on the way', async () => {
    const { results, ended } = await job({ faults: 'CreateDiskSnapshot:1:internal-error' }, [takeAndKeepOne])
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0])
    expect(ended.summary).toContain('| CreateDiskSnapshot | 2 | 1 ServiceException |')
  })

  test('takes as long for a snapshot as it is told', async () => {
    const { results } = await job({ 'snapshot-takes': '20m' }, [
      ['.', { 'disk-name': 'shop-data', 'wait-timeout': '2s' }],
    ])
    expect(results).toMatchObject([{ exitCode: 1, outputs: { state: 'pending' } }])
  })

  test('accepts requests with its own credentials only, whatever a later step has', async () => {
    const started = await step('emulator', shop, region)
    running.push(started)
    const others = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' }
    const environment = { ...region, ...started.variables, ...others, LIGHTSAIL_REHEARSAL: '' }
    const { exitCode, outputs, lines } = await step('.', { 'disk-name': 'shop-data' }, environment)
    expect([exitCode, outputs['state']]).toEqual([1, 'error'])
    expect(lines.join('\n')).toContain('This is an emulator of Lightsail for a rehearsal')
  })

  test.each<[string, Inputs]>([
    ['.', { 'disk-name': 'shop-data' }],
    ['wait', { 'snapshot-name': 'any' }],
    ['prune', { 'disk-name': 'shop-data', 'keep-last': '1' }],
    ['restore', { 'disk-name': 'shop-data' }],
  ])('stops every step that finds other credentials: %s', async (action, inputs) => {
    const started = await step('emulator', shop, region)
    running.push(started)
    for (const [name, value] of [
      ['AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE'],
      ['AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/deploy'],
    ] as const) {
      const environment = { ...region, ...started.variables, [name]: value }
      const { exitCode, outputs, lines } = await step(action, inputs, environment)
      expect([exitCode, outputs]).toEqual([1, {}])
      expect(lines.join('\n')).toContain(
        `::error title=Lightsail disk snapshot::This job has AWS credentials (${name})`,
      )
    }
  })

  test.each([
    ['AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE'],
    ['AWS_PROFILE', 'deploy'],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', '/token'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://127.0.0.1/'],
    ['AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/deploy'],
  ])('does not start in a job that has AWS credentials: %s', async (name, value) => {
    const environment = { ...region, [name]: value }
    const refused = await step('emulator', shop, environment)
    expect(refused).toMatchObject({ exitCode: 1, variables: {}, saved: {} })
    expect(refused.lines.join('\n')).toContain(
      `::error title=Lightsail disk snapshot::This job has AWS credentials (${name})`,
    )
    const ended = await step('emulator', shop, environment, refused.saved)
    expect(ended).toMatchObject({ exitCode: 0, summary: '' })
  })

  test('reports every problem of every input at once', async () => {
    const wrong = {
      disks: 'data:big\nx:8:nowhere:9',
      scenario: 'doom',
      'snapshot-takes': '5',
      faults: 'A:1:b',
    }
    const { exitCode, lines } = await step('emulator', wrong, { AWS_REGION: 'Frankfurt' })
    expect(exitCode).toBe(1)
    const error = lines.join('\n')
    for (const words of [
      'aws-region: "Frankfurt"',
      'disks: "data:big" has no size',
      'disks: "x:8:nowhere:9" has too many parts',
      'scenario: "doom" is not a scenario: good, snapshot-fails',
      'snapshot-takes: "5" is a number without a unit',
      'faults: "A:1:b" names no operation',
    ]) {
      expect(error.replaceAll('%25', '%')).toContain(words)
    }
  })

  test.each([
    [{ disks: '', instances: '' }, 'disks: is missing, and so is instances'],
    [{ disks: 'one:8\none:8', instances: '' }, "can't all exist"],
    [{ disks: 'one:8:nowhere', instances: '' }, "can't all exist"],
  ])('refuses %j', async (inputs, words) => {
    const { exitCode, lines } = await step('emulator', { ...shop, ...inputs }, region)
    expect([exitCode, lines.join('\n').includes(words)]).toEqual([1, true])
  })
})
