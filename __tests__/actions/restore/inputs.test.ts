import { describe, expect, test } from '@jest/globals'
import { readInputs, swapInContainer } from '../../../src/actions/restore/inputs.js'
import { failureOf } from '../../support/failure.js'
import { restoreStep } from '../../support/restore.js'
import { exampleRun, exampleSha } from '../../support/step.js'

const read = (inputs: Record<string, string>) => readInputs(restoreStep(inputs))
const problemsOf = async (inputs: Record<string, string>) =>
  (await failureOf(() => read(inputs))).message.split('\n').slice(1)

const named = { 'snapshot-name': 'snap' }
const disk = { 'disk-name': 'shop-data' }

describe('the inputs of restore/', () => {
  test('have these defaults', () => {
    const inputs = read(named)
    expect(inputs).toMatchObject({
      snapshotName: 'snap',
      source: undefined,
      commitSha: undefined,
      availabilityZone: undefined,
      sizeInGb: undefined,
      attach: undefined,
      swap: false,
      timeoutMs: 3_600_000,
      dryRun: false,
      region: 'eu-central-1',
      userTags: [],
      warnings: [],
    })
    const { runAttempt } = exampleRun()
    expect(inputs.nameFor.disk({ source: 'my.disk', sha: exampleSha, runAttempt })).toEqual({
      ok: true,
      value: 'my-disk-restored-1658821493-1',
    })
  })

  test('accept a source, a commit in upper case, and a JSON array with one name', () => {
    expect(read({ 'instance-name': '["blog"]', 'commit-sha': 'A'.repeat(40) })).toMatchObject({
      source: { type: 'instance', name: 'blog' },
      commitSha: 'a'.repeat(40),
    })
    expect(read({ ...named, ...disk }).source).toEqual({ type: 'disk', name: 'shop-data' })
  })

  test('accept an attachment, a size, a zone and tags', () => {
    const attachment = { 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
    const rest = { 'size-in-gb': '64', 'availability-zone': 'eu-central-1c', tags: 'team=shop\nkeep' }
    expect(read({ ...named, ...attachment, ...rest })).toMatchObject({
      attach: { instanceName: 'shop', path: '/dev/xvdg' },
      sizeInGb: 64,
      availabilityZone: 'eu-central-1c',
      userTags: [{ key: 'team', value: 'shop' }, { key: 'keep' }],
    })
  })

  test.each<[Record<string, string>, string]>([
    [{}, 'snapshot-name: is missing, and so are disk-name and instance-name'],
    [{ 'disk-name': 'a1', 'instance-name': 'b1' }, 'disk-name: is given together with instance-name'],
    [{ 'disk-name': 'a1, b1' }, 'disk-name: "a1, b1" is 2 names'],
    [{ 'disk-name': '["a1"' }, 'disk-name: "[\\"a1\\"" opens like a JSON array'],
    [{ 'instance-name': 'a b' }, 'instance-name: "a b" is not a name that an instance can have'],
    [{ 'snapshot-name': 'x' }, 'snapshot-name: "x" is not a name that a snapshot can have'],
    [{ ...named, 'commit-sha': 'a'.repeat(40) }, 'commit-sha: is given together with snapshot-name'],
    [{ ...disk, 'commit-sha': 'abc123' }, 'commit-sha: "abc123" is not a commit SHA'],
    [
      { ...named, 'attach-to': 'shop' },
      'disk-path: is missing: attach-to needs a path that is free on the instance, such as /dev/xvdf',
    ],
    [{ ...named, 'disk-path': '/dev/xvdf' }, 'attach-to: is missing'],
    [
      { ...named, 'attach-to': 'shop', 'disk-path': '/dev/xvda' },
      'disk-path: "/dev/xvda" is not a path for a disk',
    ],
    [
      { ...named, 'attach-to': 'shop', 'disk-path': '/mnt/x' },
      'disk-path: "/mnt/x" is not a path for a disk',
    ],
    [
      { 'instance-name': 'blog', swap: 'true' },
      'swap: "true" goes with disk-name, or with snapshot-type: instance: Lightsail can\'t swap the system disk of an instance. Attach',
    ],
    [
      { ...named, swap: 'true' },
      'swap: "true" goes with disk-name: the disk that the restored one takes the place of',
    ],
    [{ ...named, swap: '' }, 'swap: "" is not a boolean'],
    [{ ...named, 'dry-run': 'yes' }, 'dry-run: "yes" is not a boolean'],
    [
      { ...named, 'availability-zone': 'eu-west-1a' },
      'is not an Availability Zone of eu-central-1: write one like eu-central-1a',
    ],
    [{ ...named, 'availability-zone': 'eu-central-1' }, 'is not an Availability Zone of eu-central-1'],
    [{ ...named, 'size-in-gb': '32.5' }, 'size-in-gb: "32.5" is not a size'],
    [{ ...named, 'size-in-gb': '0' }, 'size-in-gb: "0" is not a size'],
    [{ ...named, 'size-in-gb': '16385' }, 'size-in-gb: "16385" is not a size'],
    [
      { ...named, 'restored-disk-name': '{{nope}}' },
      'restored-disk-name: "{{nope}}" has the unknown variable {{nope}}',
    ],
    [{ ...named, 'restored-disk-name': '-x' }, 'restored-disk-name: "-x" makes the name "-x"'],
    [{ ...named, 'restored-disk-name': 'snap' }, 'makes "snap", a name that is taken'],
    [{ ...disk, 'restored-disk-name': '{{source}}' }, 'makes "shop-data", a name that is taken'],
    [{ ...named, 'wait-timeout': '10' }, 'wait-timeout: "10" is a number without a unit'],
    [{ ...named, tags: 'swap-path=x' }, 'tags: "swap-path" is the key of a tag that this action sets itself'],
    [{ ...named, tags: 'run-id=1' }, 'tags: "run-id=1" has the key run-id'],
    [
      { ...named, tags: Array.from({ length: 38 }, (_, index) => `k${index}`).join('\n') },
      'tags: "38 tags" are too many: a restored disk can have 30',
    ],
    [{ ...named, 'aws-region': 'eu-central-1a' }, 'aws-region: "eu-central-1a" is not a Region'],
  ])('have one problem with %j', async (inputs, problem) => {
    const problems = await problemsOf(inputs)
    expect(problems).toEqual([expect.stringContaining(problem)])
  })

  test("can't combine swap with attach-to and disk-path", async () => {
    const inputs = { ...disk, swap: 'true', 'attach-to': 'shop', 'disk-path': '/dev/xvdg' }
    expect(await problemsOf(inputs)).toEqual([
      expect.stringContaining('attach-to: "shop" does not go with swap'),
      expect.stringContaining('disk-path: "/dev/xvdg" does not go with swap'),
    ])
  })

  test('warn of tags that YAML has folded into one line', () => {
    expect(read({ ...named, tags: 'team: shop' }).warnings).toHaveLength(1)
  })

  test.each([
    ['/__w/_temp', { ...disk, swap: 'true' }, [swapInContainer]],
    ['C:\\__w\\_temp', { ...disk, swap: 'true' }, [swapInContainer]],
    ['/__w/_temp', disk, []],
    ['/home/runner/work/_temp', { ...disk, swap: 'true' }, []],
  ])("warn of a swap in a job's container: %s, %j", (folder, inputs, warnings) => {
    const environment = { AWS_REGION: 'eu-central-1', RUNNER_TEMP: folder }
    expect(readInputs({ ...restoreStep(inputs), environment })).toMatchObject({ warnings })
  })
})
