// The built action behind a proxy: a separate process, and the only way to the hosts of these tests.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { withService } from '../support/answering-service.js'
import { runBuiltAction } from '../support/built-action.js'
import { startFilledEmulator } from '../support/emulated.js'
import { startGitHub } from '../support/github.js'
import {
  type Certificate,
  makeCertificate,
  type ProxyProcess,
  startProxy,
  startTlsFront,
  type TlsFront,
} from '../support/proxy.js'

let emulator: Emulator
let certificate: Certificate
let front: TlsFront
let proxy: ProxyProcess
let runs = 0

beforeAll(async () => {
  emulator = await startFilledEmulator()
  certificate = await makeCertificate()
  front = await startTlsFront(emulator.url, certificate)
  proxy = await startProxy()
})
afterAll(async () => {
  proxy.stop()
  await emulator.close()
  await front.close()
  await certificate.remove()
})
beforeEach(() => {
  proxy.seen.length = 0
  emulator.requests.length = 0
})

const address = (port = proxy.port, login = '') => `http://${login}127.0.0.1:${port}`

/** Runs a step whose service is `https://lightsail.test`; with `plain`, `http://lightsail.test`. */
function run(
  environment: Record<string, string | undefined>,
  { plain = false, waitTimeout = '2s', inputs = {} } = {},
) {
  runs += 1
  const service = plain
    ? `http://lightsail.test:${new URL(emulator.url).port}`
    : `https://lightsail.test:${front.port}`
  return runBuiltAction(
    emulator,
    { 'disk-name': 'shop-data', 'wait-timeout': waitTimeout, ...inputs },
    {
      environment: {
        GITHUB_RUN_ID: String(runs),
        AWS_ENDPOINT_URL_LIGHTSAIL: service,
        NODE_EXTRA_CA_CERTS: certificate.file,
        ...environment,
      },
    },
  )
}

const tunnel = () => `CONNECT lightsail.test:${front.port}`

describe('a proxy', () => {
  test.each(['HTTPS_PROXY', 'https_proxy'])(
    'in %s carries requests to the service, with TLS through its tunnel',
    async (name) => {
      const { exitCode, outputs } = await run({ [name]: address() }, { waitTimeout: '1m' })
      expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
      expect(new Set(proxy.seen)).toEqual(new Set([tunnel()]))
      // The requests of a step share a connection.
      expect(proxy.seen.length).toBeLessThan(emulator.requests.length)
    },
  )

  test.each(['HTTP_PROXY', 'http_proxy'])(
    'in %s carries requests to an endpoint without TLS',
    async (name) => {
      const { exitCode, log } = await run({ [name]: address() }, { plain: true, waitTimeout: '1m' })
      expect([exitCode, log.includes('Retrying')]).toEqual([0, false])
      expect(new Set(proxy.seen)).toEqual(new Set([`forward lightsail.test:${new URL(emulator.url).port}`]))
    },
  )

  test('needs no scheme, as for curl and the AWS CLI', async () => {
    const { exitCode, log } = await run(
      { HTTP_PROXY: `127.0.0.1:${proxy.port}`, AWS_SESSION_TOKEN: 'the-token' },
      { plain: true, waitTimeout: '1m' },
    )
    expect(exitCode).toBe(0)
    expect(new Set(proxy.seen)).toEqual(new Set([`forward lightsail.test:${new URL(emulator.url).port}`]))
    expect(log).toMatch(/Warning: .*The requests travel unencrypted, the session token included/)
  })

  test('in HTTP_PROXY is not used for requests with TLS', async () => {
    const { exitCode } = await run({ HTTP_PROXY: address() })
    expect([exitCode, proxy.seen]).toEqual([1, []])
  })

  test.each([
    ['*', {}],
    ['lightsail.test', {}],
    ['.test', {}],
    ['test', {}],
    ['elsewhere.example, LIGHTSAIL.TEST', {}],
    ['lightsail.test', { name: 'no_proxy' }],
  ])('is bypassed for hosts in NO_PROXY: %s %j', async (value, { name = 'NO_PROXY' }: { name?: string }) => {
    const { exitCode, errors } = await run({ HTTPS_PROXY: address(), [name]: value })
    expect(proxy.seen).toEqual([])
    // This host can't be reached without the proxy.
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('could not be reached for GetDisk')
  })

  test('is bypassed for a port that NO_PROXY names, and for no other', async () => {
    expect((await run({ HTTPS_PROXY: address(), NO_PROXY: `lightsail.test:${front.port}` })).exitCode).toBe(1)
    expect(proxy.seen).toEqual([])
    expect((await run({ HTTPS_PROXY: address(), NO_PROXY: 'lightsail.test:1' })).exitCode).toBe(0)
  })

  test.each(['elsewhere.test', 'ightsail.test', ''])('is not bypassed for %j', async (value) => {
    expect((await run({ HTTPS_PROXY: address(), NO_PROXY: value })).exitCode).toBe(0)
    expect(proxy.seen).toContain(tunnel())
  })

  test('carries requests to the security token service as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'token-'))
    await writeFile(join(folder, 'token'), 'the-token')
    const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey>
      <SessionToken>C</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
      </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
    const { exitCode, errors } = await withService({ type: 'text/xml', body }, async (url) => {
      const tokens = await startTlsFront(url, certificate)
      try {
        return await run({
          HTTPS_PROXY: address(),
          AWS_ACCESS_KEY_ID: undefined,
          AWS_SECRET_ACCESS_KEY: undefined,
          AWS_ENDPOINT_URL_STS: `https://sts.test:${tokens.port}`,
          AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/deploy',
          AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
        })
      } finally {
        await tokens.close()
      }
    })
    await rm(folder, { recursive: true })
    expect([exitCode, errors]).toEqual([0, []])
    expect(proxy.seen).toContainEqual(expect.stringMatching(/^CONNECT sts\.test:/))
  })
})

test('a proxy carries requests to GitHub as well, with TLS through its tunnel', async () => {
  const github = await startGitHub()
  const api = await startTlsFront(github.url, certificate)
  const inputs = { 'commit-status': 'snapshot', 'github-token': 'the-token' }
  const environment = { HTTPS_PROXY: address(), GITHUB_API_URL: `https://github.test:${api.port}/api/v3` }
  const { exitCode, log } = await run(environment, { inputs })
  await api.close()
  await github.close()
  expect([exitCode, log.includes('could not be set')]).toEqual([0, false])
  expect(github.seen.map(({ state }) => state)).toEqual(['pending', 'success'])
  expect(proxy.seen).toContain(`CONNECT github.test:${api.port}`)
})

describe('a proxy that requires a user and a password', () => {
  let locked: ProxyProcess
  beforeAll(async () => {
    locked = await startProxy('deploy:p@ss')
  })
  afterAll(() => locked.stop())

  test('accepts those in its URL', async () => {
    const { exitCode } = await run({ HTTPS_PROXY: address(locked.port, 'deploy:p%40ss@') })
    expect(exitCode).toBe(0)
  })

  test('refuses without them, and the error says what to do', async () => {
    const { exitCode, errors } = await run({ HTTPS_PROXY: address(locked.port) })
    expect(exitCode).toBe(1)
    expect(errors[0]).toContain('The proxy between this runner and Lightsail in eu-central-1 refused')
    expect(errors[0]).toContain('Check HTTPS_PROXY')
    expect(emulator.requests).toEqual([])
  })
})

describe('a proxy that is broken', () => {
  test('and refuses connections is named in the advice', async () => {
    const { exitCode, errors } = await run({ HTTPS_PROXY: 'http://127.0.0.1:1' })
    expect(exitCode).toBe(1)
    expect(errors[0]).toMatch(/could not be reached for GetDisk: ECONNREFUSED.*\n.*HTTPS_PROXY/)
  })

  test("and never responds doesn't keep a step beyond its time", async () => {
    const silent: Server = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const at = silent.address()
    const port = typeof at === 'object' && at !== null ? at.port : 0
    const { exitCode, milliseconds } = await run({ HTTPS_PROXY: address(port) })
    silent.close()
    expect(exitCode).toBe(1)
    expect(milliseconds).toBeLessThan(2000 + 5000 + 1000)
  })

  test('and opens TLS with an unknown certificate is distinguished from a broken connection', async () => {
    const { exitCode, errors } = await run({ HTTPS_PROXY: address(), NODE_EXTRA_CA_CERTS: undefined })
    expect(exitCode).toBe(1)
    expect(errors[0]).toMatch(
      /doesn't trust the certificate.*SELF_SIGNED.*\nNothing was sent.*NODE_EXTRA_CA_CERTS/,
    )
  })
})
