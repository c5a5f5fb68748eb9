// The built action, started as the runner starts it, against the emulator.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { usualBehaviour } from '../../emulator/service/behaviour.js'
import type { Emulator } from '../../emulator/service/server.js'
import type { DiskSnapshot } from '../../emulator/service/wire.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'

const sha = '6d2f1a0c9b8e7d6c5b4a39281706f5e4d3c2b1a0'
const diskSnapshotName = 'shop-data-6d2f1a0-1658821493-1'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startFilledEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => {
  for (const snapshot of snapshots()) emulator.region(region).removeSnapshot(snapshot.name)
  emulator.requests.length = 0
  emulator.faults.clear()
  Object.assign(emulator.behaviour, usualBehaviour, { snapshotDurationMs: 0 })
})

/** Every snapshot in the account in its final state. */
function snapshots(): DiskSnapshot[] {
  return emulator.region(region).allSnapshots(Number.MAX_SAFE_INTEGER)
}

function tagsOf(snapshot: DiskSnapshot | undefined): Record<string, string | undefined> {
  return Object.fromEntries((snapshot?.tags ?? []).map(({ key, value }) => [key, value]))
}

/** The operations requested so far. */
function requested(): string[] {
  return emulator.requests.map(({ operation }) => operation)
}

const run = (inputs: Record<string, string>, options: Parameters<typeof runBuiltAction>[2] = {}) =>
  runBuiltAction(emulator, inputs, options)

describe('a step with disk-name', () => {
  test('takes a snapshot of the disk, waits until it is complete and sets every output', async () => {
    emulator.behaviour.snapshotDurationMs = 1500
    const { exitCode, outputs, standardError } = await run({ 'disk-name': 'shop-data' })
    const [made] = snapshots()
    expect([exitCode, standardError]).toEqual([0, ''])
    expect(made).toMatchObject({ name: diskSnapshotName, fromDiskName: 'shop-data' })
    const operationId = outputs['operation-id'] ?? ''
    const operation = emulator
      .region(region)
      .allOperations(Date.now())
      .find(({ id }) => id === operationId)
    expect(operation).toMatchObject({ resourceType: 'DiskSnapshot', resourceName: diskSnapshotName })
    expect(outputs).toEqual({
      consistency: 'crash',
      'deleted-snapshots': '[]',
      'operation-id': operationId,
      'operation-ids': JSON.stringify([operationId]),
      'snapshot-name': diskSnapshotName,
      'snapshot-names': JSON.stringify([diskSnapshotName]),
      'snapshot-arn': made?.arn,
      'snapshot-arns': JSON.stringify([made?.arn]),
      state: 'completed',
      snapshots: expect.any(String),
    })
    expect(JSON.parse(outputs['snapshots'] ?? '')).toEqual([
      {
        sourceType: 'disk',
        snapshotType: 'disk',
        sourceName: 'shop-data',
        requestedName: 'shop-data',
        snapshotName: diskSnapshotName,
        operationId,
        state: 'completed',
        consistency: 'crash',
        progress: '100%',
        sizeInGb: 32,
        createdAt: new Date((made?.createdAt ?? 0) * 1000).toISOString(),
        region,
        adopted: false,
      },
    ])
  })

  test('tags the snapshot with the commit and the run, in the create request itself', async () => {
    await run(
      { 'disk-name': 'shop-data', wait: 'false' },
      { environment: { GITHUB_ACTOR: 'dependabot[bot]' } },
    )
    expect(tagsOf(snapshots()[0])).toEqual({
      'commit-sha': sha,
      repository: 'octo-org/web-shop',
      ref: 'refs/heads/main',
      workflow: 'Deploy',
      'run-id': '1658821493',
      'run-attempt': '1',
      actor: 'dependabot_bot_',
      'managed-by': 'lightsail-disk-snapshot',
      'client-token': expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    })
    expect(requested()).toEqual(['GetDisk', 'CreateDiskSnapshot'])
  })

  test('logs what was started and where to look before the wait, then progress, and the result', async () => {
    emulator.behaviour.snapshotDurationMs = 2500
    const { log } = await run({ 'disk-name': 'shop-data' })
    const places = [
      '▼ 1 snapshot to take in eu-central-1',
      `"${diskSnapshotName}" of disk "shop-data"`,
      `Started snapshot "${diskSnapshotName}" of disk "shop-data", operation `,
      'In the Lightsail console: https://lightsail.aws.amazon.com/',
      `${diskSnapshotName}: pending, `,
      `${diskSnapshotName}: completed, 100% (`,
      `Snapshot "${diskSnapshotName}" is complete: 32 GB in `,
    ].map((words) => log.indexOf(words))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  test('writes a job summary with source, name, state, size, duration and the linked commit', async () => {
    const { summary } = await run({ 'disk-name': 'shop-data' })
    expect(summary).toContain('| Source | Snapshot | State | Size | Duration | Commit |')
    expect(summary).toMatch(
      /\| disk shop-data \| \[shop-data-\S+\]\(<https:\S+>\) \| completed \| 32 GB \| \ds \|/,
    )
    expect(summary).toContain(`[6d2f1a0](<https://github.com/octo-org/web-shop/commit/${sha}>)`)
  })
})

describe('an input', () => {
  test("instance-name: the instance's system disk is captured", async () => {
    const { exitCode, outputs } = await run({ 'instance-name': 'wordpress' })
    expect(exitCode).toBe(0)
    expect(snapshots()[0]).toMatchObject({ fromInstanceName: 'wordpress', sizeInGb: 60 })
    expect(JSON.parse(outputs['snapshots'] ?? '')).toMatchObject([
      { sourceType: 'instance', sourceName: 'wordpress' },
    ])
  })

  test('snapshot-name: the name is made from the template', async () => {
    const { outputs } = await run({
      'disk-name': 'shop-data',
      wait: 'false',
      'snapshot-name': '{{repository}}-{{ ref_name }}_{{job}}',
    })
    expect(outputs['snapshot-name']).toBe('web-shop-main_deploy')
    expect(snapshots()[0]?.name).toBe('web-shop-main_deploy')
  })

  test("tags: the user's tags are added to the action's own", async () => {
    await run({ 'disk-name': 'shop-data', wait: 'false', tags: 'stage=production\n\nquery=a=b\nkeep' })
    expect(tagsOf(snapshots()[0])).toMatchObject({ stage: 'production', query: 'a=b', 'commit-sha': sha })
    expect(snapshots()[0]?.tags).toContainEqual({ key: 'keep' })
  })

  test('commit-sha: the snapshot is tagged with this one instead', async () => {
    const other = 'f'.repeat(40)
    const { outputs } = await run({ 'disk-name': 'shop-data', wait: 'false', 'commit-sha': other })
    expect(tagsOf(snapshots()[0])['commit-sha']).toBe(other)
    expect(outputs['snapshot-name']).toContain('-fffffff-')
  })

  test.each([
    ['pull_request', { pull_request: { head: { sha: 'a'.repeat(40) } } }, 'a'.repeat(40)],
    ['workflow_run', { workflow_run: { head_sha: 'b'.repeat(40) } }, 'b'.repeat(40)],
    ['schedule', {}, sha],
  ])('commit-sha: without it, the commit of a %s event', async (event, payload, commit) => {
    await run(
      { 'disk-name': 'shop-data', wait: 'false' },
      { event: payload, environment: { GITHUB_EVENT_NAME: event } },
    )
    expect(tagsOf(snapshots()[0])['commit-sha']).toBe(commit)
  })

  test('wait: with false the step looks up the disk, requests the snapshot, and ends while it is pending', async () => {
    emulator.behaviour.snapshotDurationMs = 3_600_000
    const { exitCode, outputs } = await run({ 'disk-name': 'shop-data', wait: 'false' })
    expect(exitCode).toBe(0)
    expect(outputs).toMatchObject({
      state: 'pending',
      'snapshot-arn': '',
      'snapshot-arns': '[]',
      'snapshot-name': diskSnapshotName,
    })
    expect(requested()).toEqual(['GetDisk', 'CreateDiskSnapshot'])
  })

  test('wait-timeout: the step fails, deletes nothing, and leaves its outputs', async () => {
    emulator.behaviour.snapshotEnd = 'stuck'
    const { exitCode, errors, outputs, summary } = await run({
      'disk-name': 'shop-data',
      'wait-timeout': '2s',
    })
    expect(exitCode).toBe(1)
    expect(errors).toEqual([
      expect.stringContaining(`Timed out after 2s: snapshot "${diskSnapshotName}" is not complete (pending`),
    ])
    expect(errors[0]).toContain('nothing was deleted')
    expect(outputs).toMatchObject({ state: 'pending', 'operation-id': expect.stringMatching(/.+/) })
    expect(snapshots()).toHaveLength(1)
    expect(summary).toMatch(/^### :x: The Lightsail snapshot is not complete\n[\s\S]*\| pending/)
    expect(summary).toContain('**What to do:**')
    expect(summary).toContain(`operation-id: "${outputs['operation-id']}"\n`)
  })

  test('poll-interval: no pause is longer', async () => {
    emulator.behaviour.snapshotEnd = 'stuck'
    await run({ 'disk-name': 'shop-data', 'wait-timeout': '4s', 'poll-interval': '1s' })
    const polls = emulator.requests.filter(({ operation }) => operation === 'GetDiskSnapshot')
    expect(polls.length).toBeGreaterThanOrEqual(4)
  })

  test.each([
    [{ 'disk-name': 'shop-data' }, 'GetDisk', 'shop-data'],
    [{ 'instance-name': 'wordpress' }, 'GetInstance', 'wordpress'],
  ])('dry-run: %j is looked up, and nothing is changed', async (source, operation, name) => {
    const { exitCode, outputs, log, summary } = await run({ ...source, 'dry-run': 'true' })
    expect([exitCode, requested()]).toEqual([0, [operation]])
    expect(snapshots()).toEqual([])
    expect(log).toContain(`"${name}" exists; its snapshot would be named "${name}-6d2f1a0-1658821493-1"`)
    expect(summary).toContain('dry run')
    expect(outputs).toEqual({
      consistency: '',
      'deleted-snapshots': '[]',
      'operation-id': '',
      'operation-ids': '[]',
      'snapshot-name': `${name}-6d2f1a0-1658821493-1`,
      'snapshot-names': `["${name}-6d2f1a0-1658821493-1"]`,
      'snapshot-arn': '',
      'snapshot-arns': '[]',
      state: '',
      snapshots: '[]',
    })
  })

  test('dry-run: a source that does not exist is an error', async () => {
    const { exitCode, errors } = await run({ 'disk-name': 'nothing', 'dry-run': 'true' })
    expect([exitCode, errors]).toEqual([
      1,
      [expect.stringContaining('There is no disk "nothing" in eu-central-1')],
    ])
  })

  test('aws-region: takes precedence over AWS_REGION, and that over AWS_DEFAULT_REGION', async () => {
    const asked = async (inputs: Record<string, string>, environment: Record<string, string>) => {
      await run({ 'disk-name': 'nothing', ...inputs }, { environment })
      return emulator.requests.at(-1)?.region
    }
    expect(await asked({ 'aws-region': 'us-east-1' }, { AWS_REGION: 'eu-west-1' })).toBe('us-east-1')
    expect(await asked({}, { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' })).toBe('eu-west-1')
    expect(await asked({}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' })).toBe('eu-west-2')
  })
})

describe('bad input', () => {
  test('is reported in one error, and nothing is requested', async () => {
    const { exitCode, errors } = await run({
      'disk-name': 'a\nb b',
      'snapshot-name': '{{sauce}}',
      tags: 'actor=me',
      'commit-sha': 'main',
      wait: 'ja',
      'wait-timeout': '90',
      'poll-interval': 'soon',
      'dry-run': '',
      'aws-region': 'Frankfurt',
    })
    expect([exitCode, emulator.requests]).toEqual([1, []])
    expect(errors).toHaveLength(1)
    for (const words of [
      'disk-name: "b b" is not a name',
      'snapshot-name: "{{sauce}}" has the unknown variable',
      'tags: "actor=me" has the key actor',
      'commit-sha: "main" is not a commit SHA',
      'wait: "ja" is not a boolean',
      'wait-timeout: "90" is a number without a unit',
      'poll-interval: "soon" is not a duration',
      'dry-run: "" is not a boolean',
      'aws-region: "Frankfurt" is not a Region',
      'Nothing has been requested from AWS',
    ]) {
      expect(errors[0]).toContain(words)
    }
  })

  test('includes a step without a source, and one with two', async () => {
    expect((await run({})).errors[0]).toContain('give exactly one of the two')
    expect((await run({ 'disk-name': 'a1', 'instance-name': 'b1' })).errors[0]).toContain('give exactly one')
    expect(emulator.requests).toEqual([])
  })
})

test('a typo in the name of an input takes no snapshot, and is corrected', async () => {
  const environment = { 'INPUT_ATTACHED-DISK': 'true' }
  const { exitCode, errors } = await run({ 'instance-name': 'shop' }, { environment })
  expect([exitCode, snapshots()]).toEqual([1, []])
  expect(errors[0]).toContain('attached-disk: is not an input of this action: did you mean attached-disks?')
})

test.each<[string, string, Record<string, string>, string]>([
  ['a runner without attempts', '{{source}}-a{{run_attempt}}', { GITHUB_RUN_ATTEMPT: '' }, 'shop-data-a1'],
  ['a bot', '{{source}}-{{actor}}', { GITHUB_ACTOR: 'dependabot[bot]' }, 'shop-data-dependabot-bot'],
  ['an emoji', '{{source}}-{{workflow}}', { GITHUB_WORKFLOW: 'Deploy 🚀' }, 'shop-data-Deploy'],
  ['a value that is all emoji', '{{workflow}}-{{source}}-x', { GITHUB_WORKFLOW: '🚀' }, 'shop-data-x'],
  ['a long branch', '{{ref_name}}', { GITHUB_REF_NAME: 'x'.repeat(240) }, 'x'.repeat(100)],
])('%s never breaks the name of a snapshot', async (_, template, environment, name) => {
  const inputs = { 'disk-name': 'shop-data', 'snapshot-name': template, wait: 'false' }
  const { errors } = await run(inputs, { environment })
  expect([errors, snapshots().map((snapshot) => snapshot.name)]).toEqual([[], [name]])
})

test.each([
  [true, 'b'.repeat(40)],
  [false, 'a'.repeat(40)],
])('a pull request (merged: %s) is tagged with a commit that is on a branch', async (merged, commit) => {
  const event = { pull_request: { merged, merge_commit_sha: 'b'.repeat(40), head: { sha: 'a'.repeat(40) } } }
  const environment = { GITHUB_EVENT_NAME: 'pull_request' }
  await run({ 'disk-name': 'shop-data', wait: 'false' }, { event, environment })
  expect(tagsOf(snapshots()[0])['commit-sha']).toBe(commit)
})

test('a masked account id withholds only the ARNs from other jobs', async () => {
  const { outputs } = await run({ 'disk-name': 'shop-data' })
  const withAccount = Object.keys(outputs).filter((name) => outputs[name]?.includes('123456789012'))
  expect(withAccount.sort()).toEqual(['snapshot-arn', 'snapshot-arns'])
})
