import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { planSnapshots } from '../../../src/actions/snapshot/inputs.js'
import { Failure } from '../../../src/basics/failure.js'
import { failureOf } from '../../support/failure.js'
import { exampleRun, exampleSha, exampleStep } from '../../support/step.js'

async function problemsOf(
  inputs: Record<string, string>,
  changes: Parameters<typeof exampleStep>[1] = {},
): Promise<string> {
  return (await failureOf(() => planSnapshots(exampleStep(inputs, changes)))).message
}

describe('the plan of a step', () => {
  test('has the defaults of all other inputs if only disk-name is given', () => {
    const plan = planSnapshots(exampleStep({ 'disk-name': 'shop-data' }))
    expect(plan).toEqual({
      snapshotType: 'disk',
      snapshots: [
        {
          source: { type: 'disk', name: 'shop-data' },
          requestedName: 'shop-data',
          arn: undefined,
          lineage: undefined,
          snapshotType: 'disk',
          snapshotName: 'shop-data-0123456-1658821493-1',
          tags: expect.arrayContaining([{ key: 'commit-sha', value: exampleSha }]),
        },
      ],
      region: 'eu-central-1',
      commitSha: exampleSha,
      wait: true,
      waitTimeoutMs: 3_600_000,
      pollIntervalMs: 15_000,
      ifExists: 'adopt',
      retention: undefined,
      status: undefined,
      dryRun: false,
      attachedDisks: false,
      warnings: [],
      withSources: expect.any(Function),
    })
  })

  test("has a snapshot of the instance's system disk with instance-name", () => {
    const [planned] = planSnapshots(exampleStep({ 'instance-name': 'wordpress' })).snapshots
    expect(planned?.source).toEqual({ type: 'instance', name: 'wordpress' })
  })

  test('has a snapshot of each disk, in order', () => {
    const { snapshots } = planSnapshots(exampleStep({ 'disk-name': 'data\nlogs, shop.data' }))
    expect(snapshots.map(({ source, snapshotName }) => [source.name, snapshotName])).toEqual([
      ['data', 'data-0123456-1658821493-1'],
      ['logs', 'logs-0123456-1658821493-1'],
      ['shop.data', 'shop-data-0123456-1658821493-1'],
    ])
  })

  test('follows every input', () => {
    const plan = planSnapshots(
      exampleStep({
        'disk-name': '["shop.data"]',
        'snapshot-name': '{{source}}-{{date}}-{{time}}',
        tags: 'stage=production\npinned',
        'commit-sha': 'ABCDEF'.padEnd(64, '0'),
        wait: 'False',
        'wait-timeout': '1h30m',
        'poll-interval': '20s',
        'dry-run': 'TRUE',
        'aws-region': 'us-gov-west-1',
      }),
    )
    expect(plan).toMatchObject({
      snapshots: [{ snapshotName: 'shop-data-20261122-080910' }],
      region: 'us-gov-west-1',
      commitSha: 'abcdef'.padEnd(64, '0'),
      wait: false,
      waitTimeoutMs: 5_400_000,
      pollIntervalMs: 20_000,
      dryRun: true,
    })
    expect(plan.snapshots[0]?.tags).toEqual(
      expect.arrayContaining([
        { key: 'commit-sha', value: 'abcdef'.padEnd(64, '0') },
        { key: 'stage', value: 'production' },
        { key: 'pinned', value: undefined },
      ]),
    )
  })

  test.each([
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-1' }, 'us-east-1'],
    [{ AWS_REGION: ' eu-west-1\n', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
    [{ AWS_REGION: ' \t', AWS_DEFAULT_REGION: ' us-east-1 ' }, 'us-east-1'],
  ])('takes the Region from %j without aws-region', (environment, region) => {
    expect(planSnapshots(exampleStep({ 'disk-name': 'data' }, { environment })).region).toBe(region)
  })
})

describe('a valid tag', () => {
  test.each([
    'stage: production',
    '- stage=production',
    '- keep',
    'stage=production team=web',
    'stage=production team=web owner=ops',
    'stage = production team = web',
  ])('gets a warning if it looks like a mistake: %j', (tags) => {
    expect(planSnapshots(exampleStep({ 'disk-name': 'data', tags })).warnings).toEqual([
      expect.stringContaining(`${JSON.stringify(tags)} is taken as it is`),
    ])
  })

  test.each([
    'stage=production',
    'url=https://x',
    'at=12: 30',
    'keep',
    'query=a=b',
    'note=two words',
    'stage=production\nteam=web',
    '["stage=production", "team=web"]',
  ])('gets no warning: %j', (tags) => {
    expect(planSnapshots(exampleStep({ 'disk-name': 'data', tags })).warnings).toEqual([])
  })
})

describe('a wrong input', () => {
  test('is reported together with all the others', async () => {
    const inputs = {
      'disk-name': 'a b',
      'instance-name': '-',
      'snapshot-name': '{{nope}}',
      tags: 'actor=x\n=y',
      'commit-sha': 'main',
      wait: 'yes',
      'wait-timeout': '60',
      'poll-interval': '0s',
      'dry-run': '',
      'aws-region': 'eu-central-1a',
    }
    const message = await problemsOf(inputs)
    for (const [name, value] of Object.entries(inputs)) {
      expect(message).toContain(`- ${name}: `)
      expect(message).toContain(JSON.stringify(value.split('\n')[0]))
    }
  })

  test.each([
    [{}, 'disk-name: is missing, and so is instance-name: give exactly one'],
    [{ 'disk-name': 'data', 'instance-name': 'web' }, 'together with instance-name: give exactly one'],
    [{ 'disk-name': 'data\nlogs, data' }, '"data" is given more than once'],
    [
      { 'disk-name': 'data, logs', 'snapshot-name': 'x-{{sha7}}' },
      'makes the name "x-0123456" for more than one',
    ],
    [
      { 'disk-name': 'a.b, logs, a-b' },
      `makes the name "a-b-0123456-1658821493-1" for disk "a.b" and disk "a-b", which differ only in what a name can't hold: take each in a step with its own snapshot-name`,
    ],
    [{ 'instance-name': '_web, web' }, 'for instance "_web" and instance "web", which differ only in'],
    [
      { 'disk-name': 'data', 'snapshot-name': '{{source}}' },
      'makes "data", which is the name of the disk itself',
    ],
    [
      { 'disk-name': 'shop.data, shop-data-x', 'snapshot-name': '{{source}}-x' },
      'makes "shop-data-x", which is the name of the disk itself',
    ],
    [{ 'disk-name': 'data', 'attached-disks': 'true' }, 'attached-disks: "true" goes with instance-name'],
    [{ 'disk-name': '["data"' }, 'is not a JSON array of strings'],
    [{ 'disk-name': 'd' }, '"d" is not a name that a disk can have'],
    [{ 'instance-name': 'a/b' }, '"a/b" is not a name that an instance can have'],
    [{ 'disk-name': 'x'.repeat(256) }, 'is not a name that a disk can have'],
    [{ 'disk-name': 'data', tags: '["a"' }, 'tags: "[\\"a\\"" opens like a JSON array'],
    [{ 'disk-name': 'data', 'snapshot-name': '{{source}}-' }, 'makes the name "data-"'],
    [{ 'disk-name': 'data', 'commit-sha': 'a'.repeat(41) }, 'it has 40 or 64 hexadecimal digits'],
    [
      { 'disk-name': 'data', 'aws-region': 'Frankfurt' },
      '"Frankfurt" is not a Region: write one like eu-central-1',
    ],
    [{ 'disk-name': 'data', 'aws-region': 'eu-central-1a' }, 'an Availability Zone of eu-central-1'],
    [{ 'disk-name': 'data', 'aws-region': 'x.example/?a-1' }, 'is not a Region'],
  ])('%j: %s', async (inputs, problem) => {
    expect(await problemsOf(inputs)).toContain(problem)
  })

  test('is reported if the Region is neither given nor set', async () => {
    expect(await problemsOf({ 'disk-name': 'data' }, { environment: {} })).toContain(
      'aws-region: is not given, and neither AWS_REGION nor AWS_DEFAULT_REGION is set',
    )
  })

  test('is reported with its variable if it is a Region from the environment', async () => {
    const environment = { AWS_REGION: 'Frankfurt' }
    expect(await problemsOf({ 'disk-name': 'data' }, { environment })).toContain(
      '"Frankfurt" (from AWS_REGION) is not a Region',
    )
  })

  test('is reported if the commit is neither given nor known from the event', async () => {
    const run = exampleRun({ commit: undefined, event: 'pull_request' })
    const message = await problemsOf({ 'disk-name': 'data', 'snapshot-name': '{{source}}-' }, { run })
    expect(message).toContain('commit-sha: is not given, and the event pull_request names no commit')
    expect(message).toContain('makes the name "data-"')
  })

  test('throws only a Failure, whatever the inputs', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('data', 'true', '1h', '{{sha}}', '[]'),
    )
    const inputs = fc.record({
      'disk-name': text,
      'instance-name': text,
      'snapshot-name': text,
      tags: text,
      'commit-sha': text,
      wait: text,
      'wait-timeout': text,
      'aws-region': text,
    })
    fc.assert(
      fc.property(inputs, (given) => {
        try {
          planSnapshots(exampleStep(given))
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure)
        }
      }),
      { numRuns: 10_000 },
    )
  })
})
