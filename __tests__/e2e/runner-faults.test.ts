// The built action on a misconfigured runner: each fault is named before anything is sent.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { type StandardAnswer, withService } from '../support/answering-service.js'
import { runBuiltAction } from '../support/built-action.js'
import { startFilledEmulator } from '../support/emulated.js'
import { makeCertificate, startTlsFront } from '../support/proxy.js'

type Variables = Readonly<Record<string, string | undefined>>

let emulator: Emulator
let folder: string
let runs = 0
beforeAll(async () => {
  emulator = await startFilledEmulator()
  folder = await mkdtemp(join(tmpdir(), 'runner-'))
  await writeFile(join(folder, 'config'), profiles)
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  emulator.requests.length = 0
})

const profiles = `[profile keys]
aws_access_key_id = AKIAPROFILE
aws_secret_access_key = secret
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 123456789012
sso_role_name = deploy
[profile process]
credential_process = sh -c 'echo "vault: token=hvs.CAESIJ is no longer valid" >&2; exit 3' --pass s3cret
`

const noKeys = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }

/** Runs a step with these variables. A fault that it took for a broken network would be retried for an hour. */
function run(environment: Variables) {
  runs += 1
  const ids = { GITHUB_RUN_ID: String(runs), AWS_CONFIG_FILE: join(folder, 'config') }
  const inputs = { 'disk-name': 'shop-data', wait: 'false' }
  return runBuiltAction(emulator, inputs, { environment: { ...ids, ...environment } })
}

/** Expects that the step failed before it sent anything, with this error. */
async function expectNothingSent(environment: Variables, error: RegExp): Promise<void> {
  const { exitCode, errors, milliseconds } = await run(environment)
  expect([exitCode, emulator.requests]).toEqual([1, []])
  expect(errors).toEqual([expect.stringMatching(error)])
  expect(errors[0]).not.toContain('may have been started')
  expect(milliseconds).toBeLessThan(10_000)
}

describe('access keys in the environment', () => {
  test.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])(
    'that end with a line break are refused by name: %s',
    (name) =>
      expectNothingSent(
        { [name]: 'AKIAEXAMPLE\n' },
        new RegExp(`^${name}: the value contains a line end.*\\nStore the secret again.*Nothing was sent`),
      ),
  )

  test('win over a profile, as they do for the AWS CLI, and a notice says so', async () => {
    const { exitCode, log } = await run({ AWS_PROFILE: 'keys' })
    expect(exitCode).toBe(0)
    expect(new Set(emulator.requests.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['emulated']))
    expect(log).toContain(
      'Notice: Using the access key in the environment (AWS_ACCESS_KEY_ID), not profile "keys"',
    )
  })

  test('that are incomplete leave it to the profile', async () => {
    const { exitCode, log } = await run({ AWS_SECRET_ACCESS_KEY: undefined, AWS_PROFILE: 'keys' })
    expect(exitCode).toBe(0)
    expect(new Set(emulator.requests.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['AKIAPROFILE']))
    expect(log).not.toContain('not profile')
  })
})

describe('a credential source that fails is named, with its message', () => {
  test('a profile whose SSO session has ended', () =>
    expectNothingSent(
      { ...noKeys, AWS_PROFILE: 'sso' },
      /fetched from profile "sso" \(AWS_PROFILE\): .*run aws sso login.*\nCheck the profile/,
    ))

  test('a credential process that fails, without its secrets', async () => {
    const environment = { ...noKeys, AWS_PROFILE: 'process' }
    await expectNothingSent(
      environment,
      /fetched from profile "process" \(AWS_PROFILE\): its command failed: vault: token=\*\*\* is no longer valid\.\n/,
    )
    const { log, summary } = await run(environment)
    expect(`${log}${summary}`).not.toMatch(/hvs\.|s3cret/)
  })

  test('a profile that does not exist', () =>
    expectNothingSent(
      { ...noKeys, AWS_PROFILE: 'deploi' },
      /fetched from profile "deploi" \(AWS_PROFILE\): Could not resolve credentials using profile: \[deploi\]/,
    ))

  test('a container that responds with an error', () =>
    withService({ status: 500, body: 'no role' }, (url) =>
      expectNothingSent(
        { ...noKeys, AWS_CONTAINER_CREDENTIALS_FULL_URI: url },
        /fetched from the runner's container \(AWS_CONTAINER_CREDENTIALS_FULL_URI\): it gave none\.\nCheck the role/,
      ),
    ))

  test.each([
    ['is not there', 'no-token', 'ENOENT'],
    ['is a folder', '', 'EISDIR'],
  ])('a token file that %s', (_, file, code) =>
    expectNothingSent(
      { ...noKeys, AWS_ROLE_ARN: 'arn:aws:iam::1:role/x', AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, file) },
      new RegExp(
        `from the token in \\S+ \\(AWS_WEB_IDENTITY_TOKEN_FILE\\): ${code}.*\\nNothing was sent\\. Check that the file exists`,
      ),
    ),
  )
})

test('credentials that renew themselves bring no warning that they expire', async () => {
  const Expiration = new Date(Date.now() + 600_000).toISOString()
  const body = JSON.stringify({ AccessKeyId: 'A', SecretAccessKey: 'B', Token: 'C', Expiration })
  const { exitCode, log } = await withService({ body }, (url) =>
    runBuiltAction(
      emulator,
      { 'disk-name': 'shop-data' },
      { environment: { ...noKeys, AWS_CONTAINER_CREDENTIALS_FULL_URI: url, GITHUB_RUN_ID: 'container' } },
    ),
  )
  expect(exitCode).toBe(0)
  expect(log).not.toContain('expire')
})

describe('the way to Lightsail', () => {
  test.each<[string, string, RegExp]>([
    ['HTTPS_PROXY', 'http://deploy:p%ss@proxy.test:3128', /^HTTPS_PROXY is not the address of an HTTP proxy/],
    ['https_proxy', 'http://deploy:p%ss@proxy.test:port', /^https_proxy is not the address of an HTTP proxy/],
    ['HTTP_PROXY', 'socks5://deploy:p%ss@proxy.test', /^HTTP_PROXY is not the address of an HTTP proxy/],
  ])('a proxy that cannot be read is named, without its password: %s=%s', async (name, value, error) => {
    await expectNothingSent({ [name]: value }, error)
    const { log, summary } = await run({ [name]: value })
    expect(`${log}${summary}`).not.toContain('p%ss')
  })

  test('a certificate that is not valid yet means that the clock is behind', async () => {
    const certificate = await makeCertificate('in a year')
    const front = await startTlsFront(emulator.url, certificate)
    await expectNothingSent(
      {
        AWS_ENDPOINT_URL_LIGHTSAIL: `https://localhost:${front.port}`,
        NODE_EXTRA_CA_CERTS: certificate.file,
      },
      /^The clock of this runner is behind: .*CERT_NOT_YET_VALID.*\nNothing was sent\. Synchronize/,
    )
    await front.close()
    await certificate.remove()
  })

  test("TLS to something that doesn't speak it", () =>
    expectNothingSent(
      { AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url.replace('http:', 'https:') },
      /^No TLS connection to Lightsail in eu-central-1 for GetDisk: .*\nNothing was sent\. Check that HTTPS_PROXY/,
    ))

  test('an endpoint that is not a valid address', () =>
    expectNothingSent(
      { AWS_ENDPOINT_URL_LIGHTSAIL: 'lightsail' },
      /^A setting of this job is malformed, .*\nNothing was sent\. .*AWS_ENDPOINT_URL/,
    ))

  test.each<StandardAnswer>([
    { status: 403, type: 'text/html', body: '<html>Blocked</html>' },
    { status: 403, body: '' },
    { status: 404, body: '' },
    { status: 400, body: '{}' },
  ])('a response that is not from Lightsail: %j', (answer) =>
    withService(answer, async (url) => {
      const inputs = { 'disk-name': 'shop-data', 'wait-timeout': '1s' }
      const { exitCode, errors } = await runBuiltAction(emulator, inputs, {
        environment: { AWS_ENDPOINT_URL_LIGHTSAIL: url },
      })
      expect(exitCode).toBe(1)
      expect(errors).toEqual([
        expect.stringMatching(
          /^The response to GetDisk from eu-central-1 did not come from Lightsail.*\nCheck what is between/,
        ),
      ])
      expect(errors[0]).not.toMatch(/Unknown|credentials/)
    }),
  )
})

describe('requests that do not go to AWS', () => {
  test('are named in a warning and in the summary', async () => {
    const { exitCode, log, summary } = await run({
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ENDPOINT_URL_LIGHTSAIL: undefined,
    })
    expect(exitCode).toBe(0)
    const words = `This step talks to ${emulator.url} (AWS_ENDPOINT_URL), not to AWS`
    expect(log).toContain(`Warning: ${words}`)
    expect(log).not.toContain('unencrypted')
    expect(summary).toMatch(/:warning: This step talks to .*not to AWS/)
  })

  test('are reported with the access key of an ended rehearsal', async () => {
    const { log } = await run({
      AWS_ACCESS_KEY_ID: 'REHEARSAL',
      AWS_SECRET_ACCESS_KEY: 'REHEARSAL',
      LIGHTSAIL_REHEARSAL: '',
    })
    expect(log).toMatch(/Warning: This step .*The access key is that of a rehearsal\./)
  })

  test('cause no warning in a rehearsal', async () => {
    const { log } = await run({
      AWS_ACCESS_KEY_ID: 'REHEARSAL',
      AWS_SECRET_ACCESS_KEY: 'REHEARSAL',
      LIGHTSAIL_REHEARSAL: 'true',
    })
    expect(log).not.toContain('This step talks to')
  })
})
