// The built action when something else is broken.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../emulator/service/behaviour.js'
import { usualBehaviour } from '../../emulator/service/behaviour.js'
import type { FaultName } from '../../emulator/service/faults.js'
import type { Emulator } from '../../emulator/service/server.js'
import { withService } from '../support/answering-service.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { testWithSignals } from '../support/signals.js'

let emulator: Emulator
let runs = 0
beforeAll(async () => {
  emulator = await startFilledEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => {
  emulator.requests.length = 0
  emulator.faults.clear()
  Object.assign(emulator.behaviour, usualBehaviour, { snapshotDurationMs: 0 })
})

/** The operations requested so far. */
function requested(): string[] {
  return emulator.requests.map(({ operation }) => operation)
}

function run(inputs: Record<string, string> = {}, options: Parameters<typeof runBuiltAction>[2] = {}) {
  runs += 1
  const environment = { GITHUB_RUN_ID: String(runs), ...options.environment }
  return runBuiltAction(emulator, { 'disk-name': 'shop-data', ...inputs }, { ...options, environment })
}

describe('a refusal of the service', () => {
  test.each<[FaultName, string, string]>([
    [
      'access-denied',
      'Not allowed: lightsail:CreateDiskSnapshot for disk "shop-data"',
      'lightsail:TagResource',
    ],
    ['invalid-token', 'did not accept the AWS credentials', 'aws-actions/configure-aws-credentials'],
    ['expired-token', 'had expired', 'aws-actions/configure-aws-credentials'],
    ['account-setup', 'account is still being set up', 'Open the Lightsail console once'],
    ['region-setup', 'still setting up eu-central-1', 'Wait a few minutes'],
    ['operation-failure', 'OperationFailureException', "Fix what Lightsail's message reports"],
  ])('%s: one sentence on what happened, one on what to do', async (fault, what, advice) => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault, occurrences: [1] })
    const { exitCode, errors, outputs, summary } = await run()
    expect(exitCode).toBe(1)
    expect(errors).toEqual([expect.stringContaining(what)])
    expect(errors[0]).toContain(advice)
    expect(errors[0]).not.toContain('    at ')
    expect(outputs['state']).toBe('error')
    expect(summary).toContain('**What to do:**')
    expect(requested()).toEqual(['GetDisk', 'CreateDiskSnapshot'])
  })

  test.each<[FaultName, string, string]>([
    ['internal-error', 'returned a server error for CreateDiskSnapshot', 'may have been started anyway'],
    ['drop-before', 'connection to Lightsail in eu-central-1 broke', 'may have been started anyway'],
    ['wrong-content-type', 'did not come from Lightsail', 'a proxy'],
    ['clock-skew', 'the clock of this runner is wrong', "Synchronize the runner's clock"],
  ])('%s, again and again: the same once time runs out', async (fault, what, advice) => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault, occurrences: 'all' })
    const { exitCode, errors, outputs } = await run({ 'wait-timeout': '2s' })
    expect(exitCode).toBe(1)
    expect(errors).toEqual([expect.stringContaining(what)])
    expect(errors[0]).toContain(advice)
    expect(outputs['state']).toBe('error')
    expect(requested().filter((operation) => operation === 'CreateDiskSnapshot').length).toBeGreaterThan(1)
  })

  test('a disk that does not exist', async () => {
    const { exitCode, errors } = await run({ 'disk-name': 'shop-dota' })
    expect(exitCode).toBe(1)
    expect(errors[0]).toMatch(
      /^There is no disk "shop-dota" in eu-central-1.*\nCheck the spelling and aws-region/,
    )
  })

  test('throttling is retried', async () => {
    emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'throttle', occurrences: [1] })
    const { exitCode } = await run({ wait: 'false' })
    expect([exitCode, requested()]).toEqual([0, ['GetDisk', 'CreateDiskSnapshot', 'CreateDiskSnapshot']])
  })
})

describe('a name that an earlier attempt of the run has taken for the same commit', () => {
  const shared = { 'snapshot-name': '{{source}}-{{sha7}}-{{run_id}}' }
  const attempt = (number: number) => ({
    environment: { GITHUB_RUN_ID: 'the-run', GITHUB_RUN_ATTEMPT: String(number) },
  })

  test('is adopted, with a notice, and waited for', async () => {
    const first = await run({ ...shared, wait: 'false' }, attempt(1))
    const { exitCode, log, outputs } = await run(shared, attempt(2))
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(outputs['operation-id']).toBe(first.outputs['operation-id'])
    expect(JSON.parse(outputs['snapshots'] ?? '')).toMatchObject([{ adopted: true }])
    expect(log).toMatch(
      /Notice: .*run the-run \(attempt 1\) took it for the same commit\. Using it instead of taking another\./,
    )
  })

  test('is an error with if-exists: fail, and for another commit', async () => {
    const fail = await run({ ...shared, 'if-exists': 'fail' }, attempt(2))
    expect([fail.exitCode, fail.errors]).toEqual([1, [expect.stringContaining('and if-exists is fail')]])
    const inputs = { 'snapshot-name': 'shop-data-6d2f1a0-the-run', 'commit-sha': 'f'.repeat(40) }
    const other = await run(inputs, attempt(2))
    expect([other.exitCode, other.errors]).toEqual([1, [expect.stringContaining('for commit 6d2f1a0')]])
  })
})

describe('the way to the service', () => {
  test('an endpoint at which nothing listens', async () => {
    const { exitCode, errors } = await run(
      { 'wait-timeout': '2s' },
      { environment: { AWS_ENDPOINT_URL_LIGHTSAIL: 'http://127.0.0.1:1' } },
    )
    expect(exitCode).toBe(1)
    expect(errors).toEqual([expect.stringContaining('could not be reached for GetDisk: ECONNREFUSED')])
    expect(errors[0]).toContain('Check that Lightsail is available in the Region')
  })

  test('no credentials', async () => {
    const environment = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }
    const { exitCode, errors } = await run({}, { environment })
    expect(exitCode).toBe(1)
    expect(errors).toEqual([
      expect.stringMatching(
        /^There are no complete AWS credentials in this job\.\nPut aws-actions\/configure-aws-credentials before/,
      ),
    ])
    expect(emulator.requests).toEqual([])
  })

  test('no Region', async () => {
    const { errors } = await run({}, { environment: { AWS_REGION: undefined } })
    expect(errors[0]).toContain(
      'aws-region: is not given, and neither AWS_REGION nor AWS_DEFAULT_REGION is set',
    )
  })

  test("an event file that isn't JSON, and a place that isn't a job", async () => {
    expect((await run({}, { event: '{"pull' })).errors[0]).toContain(
      "event of this workflow run can't be read",
    )
    const nowhere = await run({}, { environment: { GITHUB_REPOSITORY: undefined } })
    expect(nowhere.errors[0]).toContain('GITHUB_REPOSITORY is not set')
  })
})

describe('a wait', () => {
  test.each<[string, Partial<Behaviour>]>([
    ['an operation that succeeds before its snapshot is complete', { operationLagMs: -1200 }],
    ['a snapshot that is complete before its operation', { operationLagMs: 60_000 }],
    ['an operation that ends as Completed', { operationEnd: 'Completed' }],
    ['a state that is unknown for a while', { unknownMs: 1000 }],
    ['a new snapshot that is not found at first', { invisibleMs: 1000 }],
    ['no progress', { progress: 'none' }],
    ["operations that come with the source's first", { firstOperation: 'source' }],
  ])('ends well with %s', async (_, behaviour) => {
    Object.assign(emulator.behaviour, { snapshotDurationMs: 1500 }, behaviour)
    const { exitCode, outputs } = await run()
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    const operation = emulator
      .region(region)
      .allOperations(Date.now())
      .find(({ id }) => id === outputs['operation-id'])
    expect(operation?.resourceType).toBe('DiskSnapshot')
  })

  test.each<[string, Partial<Behaviour>, string]>([
    [
      'a snapshot in error with a failed operation',
      { snapshotEnd: 'error', operationEnd: 'Failed' },
      'SnapshotCreationFailed: The snapshot could not be created',
    ],
    [
      'a snapshot in error, whatever its operation says',
      { snapshotEnd: 'error' },
      'Lightsail gave no reason',
    ],
  ])('fails at once with %s', async (_, behaviour, words) => {
    Object.assign(emulator.behaviour, { snapshotDurationMs: 500 }, behaviour)
    const { exitCode, errors, outputs, summary } = await run()
    expect(exitCode).toBe(1)
    expect(errors).toEqual([expect.stringContaining(words)])
    expect(outputs).toMatchObject({ state: 'error', 'operation-id': expect.stringMatching(/.+/) })
    expect(summary).toContain('| error |')
  })

  test('survives a poll that is throttled, fails or breaks', async () => {
    emulator.behaviour.snapshotDurationMs = 1000
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'internal-error', occurrences: [1] })
    emulator.faults.add({ operation: 'GetOperation', fault: 'drop-before', occurrences: [1] })
    const { exitCode, outputs } = await run()
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
  })

  test('that outlasts the credentials says how to continue with wait/, and the outputs are set', async () => {
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'expired-token', occurrences: 'all' })
    const AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + 600_000).toISOString()
    const { exitCode, errors, log, outputs } = await run({}, { environment: { AWS_CREDENTIAL_EXPIRATION } })
    expect(exitCode).toBe(1)
    expect(log).toMatch(
      /The AWS credentials of this job expire in (?:10m|9m59s), before wait-timeout \(1h\) runs out/,
    )
    expect(errors).toEqual([
      expect.stringMatching(/expired after \ds, before snapshot "shop-data-\S+" was complete/),
    ])
    expect(errors[0]).toMatch(/It may still be running in Lightsail.*to this action's wait\//)
    expect(outputs).toMatchObject({ state: 'pending', 'operation-id': expect.stringMatching(/.+/) })
  })

  test('ends if it may not read, with the outputs set', async () => {
    emulator.faults.add({ operation: 'GetDiskSnapshot', fault: 'access-denied', occurrences: 'all' })
    const { exitCode, errors, outputs } = await run()
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('Add lightsail:GetDiskSnapshot to the policy')
    expect(outputs).toMatchObject({ state: 'pending', 'operation-id': expect.stringMatching(/.+/) })
  })
})

describe('text from outside', () => {
  test('starts no workflow command in the log, and forges nothing in the summary', async () => {
    const hostile = '::error::x\n::add-mask::a ##[error]b | c | <img>'
    const environment = {
      GITHUB_WORKFLOW: hostile,
      GITHUB_ACTOR: '##[error]actor',
      GITHUB_REF: 'refs/heads/::error::x',
    }
    const { exitCode, lines, summary } = await run({}, { environment })
    expect(exitCode).toBe(0)
    const commands = lines.filter((line) => line.trimStart().startsWith('::') || line.includes('##['))
    // The warning says that requests go to the emulator.
    expect(commands.map((line) => line.split('::')[1])).toEqual([
      'warning title=Lightsail disk snapshot',
      'group',
      'endgroup',
    ])
    expect(summary.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(3)
  })

  test('from the service does neither', async () => {
    const message = 'no\n::set-output name=state::completed\n| a | ##[error] [b](https://x)'
    const body = JSON.stringify({ __type: 'InvalidInputException', message })
    const { exitCode, lines, outputs, summary } = await withService({ status: 400, body }, (url) =>
      run({}, { environment: { AWS_ENDPOINT_URL_LIGHTSAIL: url } }),
    )
    expect([exitCode, outputs['state']]).toEqual([1, 'error'])
    const others = lines.filter((line) => /^\s*::(?!group|endgroup|error)/.test(line))
    expect(others).toEqual([
      expect.stringMatching(
        /^::warning title=Lightsail disk snapshot::This step talks to [^:]+:[^:]+:\d+ \(/,
      ),
    ])
    expect(summary.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(3)
    expect(summary).not.toContain('](https://x)')
  })
})

describe('credentials from the default chain', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'credentials-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }

  test('a profile', async () => {
    const file = join(folder, 'credentials')
    await writeFile(file, '[deploy]\naws_access_key_id = A\naws_secret_access_key = B\n')
    const environment = { ...none, AWS_PROFILE: 'deploy', AWS_SHARED_CREDENTIALS_FILE: file }
    expect((await run({ wait: 'false' }, { environment })).exitCode).toBe(0)
  })

  test('a web identity, exchanged at the security token service', async () => {
    const token = join(folder, 'token')
    await writeFile(token, 'the-token')
    const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey>
      <SessionToken>C</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
      </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
    const { exitCode, errors } = await withService({ type: 'text/xml', body }, (url) => {
      const environment = {
        ...none,
        AWS_ENDPOINT_URL_STS: url,
        AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/deploy',
        AWS_WEB_IDENTITY_TOKEN_FILE: token,
      }
      return run({ wait: 'false' }, { environment })
    })
    expect([exitCode, errors]).toEqual([0, []])
  })
})

test("a role that can't be assumed is not reported as a missing Lightsail permission", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'))
  await writeFile(join(folder, 'token'), 'the-token')
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
    <Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>`
  const { exitCode, errors } = await withService({ status: 403, type: 'text/xml', body }, (url) =>
    run(
      {},
      {
        environment: {
          AWS_ACCESS_KEY_ID: undefined,
          AWS_SECRET_ACCESS_KEY: undefined,
          AWS_ENDPOINT_URL_STS: url,
          AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/deploy',
          AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
        },
      },
    ),
  )
  await rm(folder, { recursive: true })
  expect(exitCode).toBe(1)
  expect(errors[0]).toMatch(
    /^The AWS credentials of this job could not be fetched from the token in \S+ \(AWS_WEB_IDENTITY_TOKEN_FILE\): AccessDenied, Not authorized/,
  )
  expect(errors[0]).toContain('that the role in AWS_ROLE_ARN trusts this repository')
  expect(emulator.requests).toEqual([])
})

describe('a source of credentials that never answers', () => {
  let silent: Server
  let environment: Record<string, string | undefined>
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'token-'))
    await writeFile(join(folder, 'token'), 'the-token')
    silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const at = silent.address()
    environment = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/deploy',
      AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
    }
  })
  afterAll(async () => {
    silent.close()
    await rm(folder, { recursive: true })
  })

  test("doesn't keep a step beyond its time, and is distinguished from a lost response of Lightsail", async () => {
    const { exitCode, errors, outputs, milliseconds } = await run({ 'wait-timeout': '2s' }, { environment })
    expect([exitCode, outputs['state'], outputs['snapshot-name']]).toEqual([1, 'error', ''])
    expect(errors[0]).toContain('The AWS credentials of this job could not be fetched')
    expect(errors[0]).not.toContain('may have been started')
    expect(milliseconds).toBeLessThan(2000 + 5000 + 1000)
  })

  testWithSignals("doesn't keep a step that is cancelled", async () => {
    let cancelledAt = 0
    const { exitCode } = await run(
      {},
      {
        environment,
        onStart: (send) => {
          setTimeout(() => {
            cancelledAt = performance.now()
            send('SIGINT')
          }, 1500)
        },
      },
    )
    expect(exitCode).toBe(1)
    expect(performance.now() - cancelledAt).toBeLessThan(5000)
  })
})

test("the machine's own Node.js runs the action as well", async () => {
  expect((await run({ wait: 'false' }, { node: process.execPath })).exitCode).toBe(0)
})
