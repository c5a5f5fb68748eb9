// The built action with each source of credentials in the AWS SDK's default chain. `dist` has the parts of the SDK for them in
// a chunk of its own, put together by dev/tools/bundle.
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'

let emulator: Emulator
/** Stands in for every service that gives out credentials. */
let issuer: Server
let issuerUrl: string
let home: string
let runs = 0

const inAYear = new Date(Date.now() + 365 * 24 * 3600 * 1000).toISOString()
const startUrl = 'https://example.awsapps.com/start'
const loginSession = 'arn:aws:sts::123456789012:assumed-role/deploy/me'

const hash = (algorithm: string, value: string) => createHash(algorithm).update(value).digest('hex')
const keysAsJson = (accessKeyId: string) =>
  JSON.stringify({
    Code: 'Success',
    AccessKeyId: accessKeyId,
    SecretAccessKey: 's',
    Token: 't',
    Expiration: inAYear,
  })

/** The responses of the services that give out credentials, by the start of the path. */
const responses: readonly (readonly [path: string, body: string])[] = [
  ['/container', keysAsJson('CONTAINER')],
  ['/latest/api/token', 'metadata-token'],
  ['/latest/meta-data/iam/security-credentials/runner', keysAsJson('MACHINE')],
  ['/latest/meta-data/iam/security-credentials', 'runner'],
  [
    '/federation/credentials',
    JSON.stringify({
      roleCredentials: {
        accessKeyId: 'SSO',
        secretAccessKey: 's',
        sessionToken: 't',
        expiration: Date.parse(inAYear),
      },
    }),
  ],
  ['/token', JSON.stringify({ accessToken: 'renewed', expiresIn: 3600, refreshToken: 'r' })],
  [
    '/v1/token',
    JSON.stringify({
      accessToken: { accessKeyId: 'LOGIN', secretAccessKey: 's', sessionToken: 't' },
      tokenType: 'aws_sigv4',
      expiresIn: 900,
      refreshToken: 'r',
    }),
  ],
  [
    '/',
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>${inAYear}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  ],
]

const config = (folder: string) => `[profile keys]
aws_access_key_id = KEYS
aws_secret_access_key = s
[profile role]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = keys
[profile role-of-container]
role_arn = arn:aws:iam::123456789012:role/deploy
credential_source = EcsContainer
[profile process]
credential_process = "${process.execPath}" "${join(folder, 'print-keys.mjs')}"
[profile sso]
sso_start_url = ${startUrl}
sso_region = ${region}
sso_account_id = 123456789012
sso_role_name = deploy
[profile sso-session]
sso_session = mine
sso_account_id = 123456789012
sso_role_name = deploy
[sso-session mine]
sso_start_url = ${startUrl}
sso_region = ${region}
[profile login]
login_session = ${loginSession}
`

const processKeys = JSON.stringify({ Version: 1, AccessKeyId: 'PROCESS', SecretAccessKey: 's' })

/** Writes the profiles, and the tokens that `aws sso login` and `aws login` leave: a valid one, and two that have to be renewed. */
async function writeTokens(): Promise<void> {
  const sso = { accessToken: 'a', expiresAt: inAYear, region, startUrl }
  const expired = new Date(0).toISOString()
  const client = { clientId: 'c', clientSecret: 's', registrationExpiresAt: inAYear, refreshToken: 'r' }
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const login = {
    accessToken: {
      accessKeyId: 'OLD',
      secretAccessKey: 's',
      sessionToken: 't',
      accountId: '123456789012',
      expiresAt: expired,
    },
    clientId: 'c',
    refreshToken: 'r',
    dpopKey: privateKey,
  }
  await mkdir(join(home, '.aws/sso/cache'), { recursive: true })
  await mkdir(join(home, '.aws/login/cache'), { recursive: true })
  await writeFile(join(home, '.aws/config'), config(home))
  await writeFile(join(home, 'print-keys.mjs'), `console.log(${JSON.stringify(processKeys)})`)
  await writeFile(join(home, `.aws/sso/cache/${hash('sha1', startUrl)}.json`), JSON.stringify(sso))
  await writeFile(
    join(home, `.aws/sso/cache/${hash('sha1', 'mine')}.json`),
    JSON.stringify({ ...sso, ...client, expiresAt: expired }),
  )
  await writeFile(join(home, `.aws/login/cache/${hash('sha256', loginSession)}.json`), JSON.stringify(login))
}

beforeAll(async () => {
  emulator = await startFilledEmulator()
  home = await mkdtemp(join(tmpdir(), 'home-'))
  await writeTokens()
  issuer = createServer((request, response) => {
    const [, body] = responses.find(([path]) => request.url?.startsWith(path)) ?? []
    const type = body?.startsWith('<') ? 'text/xml' : 'application/json'
    response.writeHead(200, { 'content-type': type, 'x-aws-ec2-metadata-token-ttl-seconds': '60' }).end(body)
  })
  issuerUrl = await listen(issuer)
})
afterAll(async () => {
  await emulator.close()
  issuer.close()
  await rm(home, { recursive: true })
})
beforeEach(() => {
  emulator.requests.length = 0
  runs += 1
})

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

test.each<[string, string, (url: string) => Readonly<Record<string, string | undefined>>]>([
  ['keys in a profile', 'KEYS', () => ({ AWS_PROFILE: 'keys' })],
  ['a role that a profile assumes', 'ROLE', () => ({ AWS_PROFILE: 'role' })],
  [
    "a role that a profile assumes with the container's credentials",
    'ROLE',
    (url) => ({ AWS_PROFILE: 'role-of-container', AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container` }),
  ],
  ['a command in a profile', 'PROCESS', () => ({ AWS_PROFILE: 'process' })],
  ['a token of `aws sso login`', 'SSO', () => ({ AWS_PROFILE: 'sso' })],
  ['an expired token of an SSO session, which is renewed', 'SSO', () => ({ AWS_PROFILE: 'sso-session' })],
  ['an expired token of `aws login`, which is renewed', 'LOGIN', () => ({ AWS_PROFILE: 'login' })],
  [
    "the runner's container",
    'CONTAINER',
    (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container` }),
  ],
  [
    'the machine that the runner is on',
    'MACHINE',
    (url) => ({ AWS_EC2_METADATA_DISABLED: undefined, AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
  ],
])('credentials come from %s', async (_, accessKeyId, variables) => {
  const services = ['STS', 'SSO', 'SSO_OIDC', 'SIGNIN'].map((name) => [`AWS_ENDPOINT_URL_${name}`, issuerUrl])
  const environment = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    HOME: home,
    USERPROFILE: home,
    GITHUB_RUN_ID: String(runs),
    ...Object.fromEntries(services),
    ...variables(issuerUrl),
  }
  const inputs = { 'disk-name': 'shop-data', wait: 'false', 'wait-timeout': '20s' }
  const { exitCode, errors } = await runBuiltAction(emulator, inputs, { environment })
  expect([exitCode, errors]).toEqual([0, []])
  expect(new Set(emulator.requests.map((request) => request.accessKeyId))).toEqual(new Set([accessKeyId]))
})

/** The signature that AWS would compute for a request: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
async function signatureOf(request: IncomingMessage, secret: string): Promise<string> {
  const [, scope = '', headers = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+),/.exec(request.headers.authorization ?? '') ?? []
  const canonical = [
    'POST',
    '/',
    '',
    ...headers.split(';').map((name) => `${name}:${request.headers[name]}`),
    '',
    headers,
    hash('sha256', await text(request)),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash('sha256', canonical)]
  const hmac = (key: string | Buffer, value: string) => createHmac('sha256', key).update(value).digest()
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key, toSign.join('\n')).toString('hex')
}

test('a request is signed as AWS expects it', async () => {
  const signatures: (string | undefined)[][] = []
  const service = createServer(async (request, response) => {
    const sent = /Signature=(\S+)/.exec(request.headers.authorization ?? '')?.[1]
    signatures.push([sent, await signatureOf(request, 'emulated')])
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify({ __type: 'AccessDeniedException' }))
  })
  const environment = { AWS_ENDPOINT_URL_LIGHTSAIL: await listen(service) }
  await runBuiltAction(emulator, { 'disk-name': 'shop-data' }, { environment })
  service.close()
  expect(signatures.length).toBeGreaterThan(0)
  for (const [sent, computed] of signatures) expect(sent).toBe(computed)
})
