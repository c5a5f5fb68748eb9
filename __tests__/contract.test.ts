// action.yml, the constants in the code, the READMEs and the guides name the same things.

import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { type ActionMetadata, readActionMetadata } from '../dev/demo/runner.js'
import { readmeTables, withTables } from '../dev/tools/readme-tables.js'
import { swapInContainer } from '../src/actions/restore/inputs.js'
import { elsewhere } from '../src/actions/shared/connect.js'
import { unknownOperations } from '../src/actions/wait/action.js'
import { Failure } from '../src/basics/failure.js'
import { detachedText, replacementText } from '../src/domain/lineage.js'
import { templateVariables } from '../src/domain/name-template.js'
import { ownTagKeys } from '../src/domain/tags.js'
import { cancelled, credentialsEnded, judge, timedOut, unread } from '../src/domain/verdict.js'
import { actionMetadata } from '../src/github/action-metadata.js'
import { setCommitStatus } from '../src/github/commit-status.js'
import { InputReader } from '../src/github/inputs.js'
import { exportVariable, Outputs, saveState } from '../src/github/job.js'
import { proxyAgents } from '../src/github/proxy.js'
import { credentialSource } from '../src/lightsail/credentials.js'
import { classesByCode, classesByName } from '../src/lightsail/error-classes.js'
import { errorTable } from '../src/lightsail/error-table.js'
import { explain, explainCredentials } from '../src/lightsail/errors.js'
import type { Operation } from '../src/lightsail/types.js'
import { changed, tooLate } from '../src/rollback/exchange.js'
import { instanceSiteText } from '../src/rollback/instance-site.js'
import { siteLines } from '../src/rollback/site.js'
import { failureOf } from './support/failure.js'
import { exampleStep } from './support/step.js'

/** The rows of a page's marked table, a list of cells each. */
function table(page: string, name: string): string[][] {
  const [, content = ''] = page.split(new RegExp(`<!-- /?table:${name} -->`))
  const rows = content.trim().split('\n').slice(2)
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const code = (text: string) => `\`${text}\``

const actions = [
  { folder: '.', main: 'dist/snapshot.js' },
  { folder: 'wait', main: '../dist/wait.js' },
  { folder: 'prune', main: '../dist/prune.js' },
  { folder: 'restore', main: '../dist/restore.js' },
  { folder: 'emulator', main: '../dist/emulator.js', post: '../dist/emulator-stop.js' },
] as const

describe.each(actions)('the action in $folder', ({ folder, main, ...more }) => {
  let metadata: ActionMetadata
  beforeAll(async () => {
    metadata = await readActionMetadata(folder)
  })

  test('has its inputs, their defaults and its outputs in the code: npm run generate', () => {
    const { inputs, outputs } = actionMetadata[folder === '.' ? 'snapshot' : folder]
    const declared = Object.entries(metadata.inputs).map(([name, input]) => [name, input.default ?? ''])
    expect(Object.entries(inputs)).toEqual(declared)
    expect([...outputs]).toEqual(Object.keys(metadata.outputs))
  })

  test('is in the README as action.yml has it: npm run generate', async () => {
    const readme = await readFile(`${folder}/README.md`, 'utf8')
    expect(withTables(readme, await readmeTables(folder))).toBe(readme)
  })

  test('describes every input and output, and runs on Node.js 24', () => {
    const declarations = [...Object.values(metadata.inputs), ...Object.values(metadata.outputs)]
    expect(declarations.filter(({ description }) => !/^[A-Za-z`].*\.$/.test(description))).toEqual([])
    expect(metadata.runs).toEqual({ using: 'node24', main, ...more })
  })

  test('has a type for each input and output in action-types.yml, and for nothing else', async () => {
    const types: Record<string, object> = parse(await readFile(`${folder}/action-types.yml`, 'utf8'))
    expect(Object.keys(types)).toEqual(['inputs', 'outputs'])
    expect(Object.keys(types['inputs'] ?? {})).toEqual(Object.keys(metadata.inputs))
    expect(Object.keys(types['outputs'] ?? {})).toEqual(Object.keys(metadata.outputs))
  })
})

let usage: string
beforeAll(async () => {
  usage = await readFile('docs/usage.md', 'utf8')
})

test('the template variables are the same in the code and in docs/usage.md', () => {
  expect(table(usage, 'variables').map(([name]) => name)).toEqual(
    [...templateVariables.keys()].map((name) => code(`{{${name}}}`)),
  )
})

test('the tags are the same in the code and in docs/usage.md', () => {
  expect(table(usage, 'tags').map(([key]) => key)).toEqual([...ownTagKeys.keys()].map(code))
})

test('every dependency has its reason in docs/dependencies.md, and nothing else has', async () => {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(
    await readFile('package.json', 'utf8'),
  )
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies']
  const names = kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}))
  const text = await readFile('docs/dependencies.md', 'utf8')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  const listed = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
  expect(listed.sort()).toEqual(names.sort())
})

/** A message of each kind that the code has. */
function everyMessage(): string[] {
  const named = (name: string, message = '') => Object.assign(new Error(message), { name })
  const about = { operation: 'CreateDiskSnapshot', region: 'eu-central-1' }
  const thrown = [
    ...[...classesByName.keys()].map((name) => named(name)),
    ...[...classesByCode.keys(), 'ESOMETHINGNEW'].map((code) => Object.assign(named('Error'), { code })),
    named('SyntaxError'),
    named('Odd'),
    named('InvalidInputException', 'Some names are already in use: x'),
    named('InvalidSignatureException', 'Signature expired: 1 is now earlier than 2'),
    Object.assign(named('Odd'), { $metadata: { httpStatusCode: 407 } }),
    named('InvalidInputException', 'An automatic snapshot is in progress'),
    named('OperationFailureException', "You can't do this right now"),
    named('OperationFailureException', "You've reached the limit of disks in this account."),
    named('InvalidInputException', 'Your AWS account is pending verification.'),
  ]
  const subjects = ['disk "x"', 'instance "x"', 'snapshot "x"']
  const refusals = subjects.flatMap((subject) => thrown.map((error) => explain(error, { ...about, subject })))
  const failed: Operation = {
    id: 'op',
    resourceType: 'DiskSnapshot',
    resourceName: 'x',
    operationType: 'CreateDiskSnapshot',
    status: 'failed',
    createdAt: null,
    errorCode: null,
    errorDetails: null,
  }
  const snapshot = { type: undefined, name: 'x', region: 'eu-central-1' }
  const verdicts = [
    judge(snapshot, { snapshot: undefined, operation: failed }),
    ...[true, false].map((seenBefore) =>
      judge(
        snapshot,
        { snapshot: undefined, operation: undefined },
        { missingForMs: 100_000, ageMs: 100_000, seenBefore },
      ),
    ),
    unknownOperations(['x'], 'eu-central-1'),
    timedOut(snapshot, 60_000, 'pending'),
    unread(['x'], 60_000, new Failure('no', 'no')),
    cancelled(snapshot, 'pending', true),
    credentialsEnded(['x'], 60_000, new Failure('no', 'no')),
  ]
  const source = credentialSource({ AWS_PROFILE: 'x' })
  const unavailable = ['AccessDenied', 'ThrottlingException'].map((name) =>
    explainCredentials(named(name), { ...about, subject: 'disk "x"' }, source, undefined),
  )
  const ends = [...refusals, ...unavailable, ...verdicts].flatMap((end) =>
    end instanceof Error ? [end.message] : [],
  )
  return [
    ...ends,
    ...messagesOfRestore(),
    detachedText('x'),
    replacementText('x', { name: 'y', attachedTo: 'z' }),
    replacementText('x', { name: 'y' }),
  ]
}

function messagesOfRestore(): string[] {
  const attachment = { instanceName: 'shop', path: '/dev/xvdf' }
  const original = { name: 'x', arn: undefined }
  const swap = { previousDiskName: 'x', wasRunning: true, original, isResumed: false }
  const instance = {
    name: 'shop',
    arn: null,
    state: 'running',
    availabilityZone: null,
    hasStaticIp: false,
    publicAddress: null,
    addressType: null,
    bundleId: null,
    reachability: null,
    tags: [],
    disks: [],
  }
  const ofInstance = { ...swap, previousName: 'x', staticIpName: 'address', address: null }
  const staticIp = { name: 'address', arn: null, address: null, attachedTo: null }
  const nothing = { restored: undefined, previous: undefined, firewall: undefined }
  return [
    instanceSiteText({ instanceName: 'y', swap: ofInstance }, { ...nothing, staticIp }, false) ?? '',
    changed(attachment, ['x']).message,
    tooLate(0, 0, 'of wait-timeout', '').message,
    swapInContainer,
    ...siteLines(undefined, { attachment, swap }, { instance: undefined }, false),
    ...siteLines(undefined, { attachment, swap }, { instance }, true),
  ]
}

/** The errors in the tables of docs/troubleshooting.md; `…` stands for any text. */
async function listedErrors(): Promise<string[]> {
  const page = await readFile('docs/troubleshooting.md', 'utf8')
  const rows = page.matchAll(/^\| (`.*?`) \|/gm)
  return [...rows].flatMap(([, cell = '']) => cell.slice(1, -1).split('`, `'))
}

const isListedAs = (error: string, message: string) =>
  error.split('…').every((words) => message.includes(words.trim()))

/** What is said of the files of the runner if there are none, and of a commit status that GitHub refuses. */
async function unwritten(): Promise<string[]> {
  const variables = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STATE'] as const
  for (const name of variables) process.env[name] = '/nothing/file'
  const outputs = new Outputs(() => {})
  outputs.set('snapshot-name', 'x')
  const failures = [
    ...outputs.failures,
    await failureOf(async () => exportVariable('UNWRITTEN', 'x')),
    await failureOf(async () => saveState('folder', 'x')),
  ]
  for (const name of variables) delete process.env[name]
  const step = exampleStep()
  await setCommitStatus({ context: 'snapshot', token: 'x', sha: 'x' }, 'success', 'x', step)
  return [...failures.map(({ message }) => message), ...step.log.lines]
}

test('every error in docs/troubleshooting.md is one that the action gives', async () => {
  const inputs = new InputReader({ ...exampleStep(), input: () => '' }, 'snapshot')
  inputs.boolean('wait')
  inputs.boolean('dry-run')
  const messages = [
    ...everyMessage(),
    (await failureOf(() => inputs.finish())).message,
    (await failureOf(() => proxyAgents({ HTTPS_PROXY: 'socks://x' }))).message,
    (await failureOf(() => credentialSource({ AWS_ACCESS_KEY_ID: ' ', AWS_SECRET_ACCESS_KEY: ' ' }))).message,
    elsewhere(new URL('http://127.0.0.1'), false, {}),
    ...(await unwritten()),
  ]
  const errors = await listedErrors()
  expect(errors.length).toBeGreaterThan(12)
  const isGiven = (error: string) => messages.some((message) => isListedAs(error, message))
  expect(errors.filter((error) => !isGiven(error))).toEqual([])
})

test('every class of errors has a row in docs/troubleshooting.md', async () => {
  const errors = await listedErrors()
  const request = { operation: 'CreateDiskSnapshot', subject: 'disk "x"', region: 'eu-central-1' }
  const messages = Object.values(errorTable).map(({ message }) => message(request))
  expect(messages.filter((message) => !errors.some((error) => isListedAs(error, message)))).toEqual([])
})
