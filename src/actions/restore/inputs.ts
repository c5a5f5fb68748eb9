import { parseTemplate, renderName, type Template, type TemplateValues } from '../../domain/name-template.js'
import { ownTagKeys, readUserTags, tagLimits, tagWarnings } from '../../domain/tags.js'
import type { Step } from '../../github/entry-point.js'
import { type InputName, InputReader } from '../../github/inputs.js'
import { type Parsed, parseList, right, wrong } from '../../github/parse.js'
import { isRegion, isSourceName } from '../../lightsail/names.js'
import type { SnapshotType, Source, Tag } from '../../lightsail/types.js'
import type { Attachment, RestoreInputs } from '../../rollback/plan.js'
import { mostRestoreTags, restoreTagKeys } from '../../rollback/swap-tags.js'
import { parseCommit } from '../shared/commit.js'
import { isContainerJob } from '../shared/container-job.js'
import { readRegion } from '../shared/region.js'
import { readSnapshotType } from '../shared/snapshot-type.js'

/** The warning of a swap in a `container:` job. */
export const swapInContainer =
  "This job runs in a container, where a cancellation doesn't reach this step: the swap can be cut off, and the site stays down. Use swap in a job without `container:`."

/** Reads every input. Throws one Failure that lists every problem of all of them. */
export function readInputs(step: Step): RestoreInputs {
  const { environment, run, clock } = step
  const inputs = new InputReader(step, 'restore')
  const snapshotName = readName(inputs, 'snapshot-name', 'a snapshot')
  const source = readSource(inputs)
  const commitSha = inputs.text('commit-sha') && inputs.read('commit-sha', parseCommit, '')
  checkSelection(inputs)
  const region = readRegion(inputs, environment)
  const snapshotType = readSnapshotType(inputs, source === undefined ? [] : [source])
  const misplaced = { disk: misplacedWith(inputs, 'disk'), instance: misplacedWith(inputs, 'instance') }
  if (snapshotName === undefined || snapshotType === 'instance') {
    for (const name of misplaced[snapshotType])
      inputs.problem(name, inputs.text(name), misplacedText(snapshotType))
  }
  const templates = {
    disk: inputs.read('restored-disk-name', parseTemplate, undefined),
    instance: inputs.read('restored-instance-name', parseTemplate, undefined),
  }
  const time = new Date(clock.now())
  const swap = readSwap(inputs, snapshotType)
  const nameFrom =
    (template: Template | undefined) => (values: Parameters<RestoreInputs['nameFor']['disk']>[0]) =>
      template === undefined ? wrong('') : renderName(template, { ...run, time, ...values })
  const read: RestoreInputs = {
    snapshotName,
    source,
    commitSha: commitSha || undefined,
    snapshotType,
    nameFor: { disk: nameFrom(templates.disk), instance: nameFrom(templates.instance) },
    misplaced,
    availabilityZone: readZone(inputs, region),
    sizeInGb: inputs.text('size-in-gb') === '' ? undefined : inputs.read('size-in-gb', parseSize, undefined),
    bundleId: inputs.text('bundle-id') || undefined,
    attach: readAttachment(inputs),
    swap,
    timeoutMs: inputs.duration('wait-timeout'),
    dryRun: inputs.boolean('dry-run'),
    region,
    userTags: readTags(inputs),
    warnings: [
      ...tagWarnings(inputs.text('tags')),
      ...(swap && isContainerJob(environment) ? [swapInContainer] : []),
    ],
  }
  checkName(inputs, templates[snapshotType], read, { ...run, time })
  inputs.finish()
  return read
}

/** Returns one name; undefined if none or an invalid one is given. */
function readName(inputs: InputReader, input: InputName, kind: string): string | undefined {
  const names = inputs.read(input, (text) => parseList(text, { commas: true }), [])
  const [name, ...others] = names
  if (others.length > 0) {
    inputs.problem(input, inputs.text(input), `is ${names.length} names: give only the name of ${kind}`)
    return undefined
  }
  if (name === undefined || isSourceName(name)) return name
  inputs.problem(
    input,
    name,
    `is not a name that ${kind} can have: 2 to 255 letters, digits, ".", "_" and "-"`,
  )
  return undefined
}

function readSource(inputs: InputReader): Source | undefined {
  const disk = readName(inputs, 'disk-name', 'a disk')
  const instance = readName(inputs, 'instance-name', 'an instance')
  if (disk !== undefined) return { type: 'disk', name: disk }
  return instance === undefined ? undefined : { type: 'instance', name: instance }
}

/** Which inputs go together: one rule per line, with the input that it is noted for. */
function checkSelection(inputs: InputReader): void {
  const has = (name: InputName) => inputs.text(name) !== ''
  const rules: readonly (readonly [boolean, InputName, string])[] = [
    [
      !has('snapshot-name') && !has('disk-name') && !has('instance-name'),
      'snapshot-name',
      'is missing, and so are disk-name and instance-name: give a snapshot, or the disk or instance whose newest snapshot is meant',
    ],
    [
      has('disk-name') && has('instance-name'),
      'disk-name',
      'is given together with instance-name: give one of the two at most',
    ],
    [
      has('commit-sha') && has('snapshot-name'),
      'commit-sha',
      'is given together with snapshot-name, which names the snapshot already: give one of the two',
    ],
    [
      has('attach-to') && !has('disk-path'),
      'disk-path',
      'is missing: attach-to needs a path that is free on the instance, such as /dev/xvdf',
    ],
    [
      has('disk-path') && !has('attach-to'),
      'attach-to',
      'is missing: disk-path goes with the instance that the disk is attached to',
    ],
  ]
  for (const [isBroken, name, problem] of rules) if (isBroken) inputs.missing(name, problem)
}

// xvda and sda are the system disk's.
const diskPath = /^\/dev\/(?:xvd|sd)[b-z]$/

function readAttachment(inputs: InputReader): Attachment | undefined {
  const instanceName = readName(inputs, 'attach-to', 'an instance')
  const path = inputs.text('disk-path')
  if (path !== '' && !diskPath.test(path)) {
    inputs.problem('disk-path', path, 'is not a path for a disk: write one from /dev/xvdb to /dev/xvdz')
  }
  return instanceName === undefined ? undefined : { instanceName, path }
}

const notWithSystemDisks =
  "goes with disk-name, or with snapshot-type: instance: Lightsail can't swap the system disk of an instance. Attach the restored disk beside it with attach-to and disk-path"

/** The inputs that belong to one type of snapshot only. */
const onlyWith = {
  disk: ['restored-disk-name', 'size-in-gb', 'attach-to', 'disk-path'],
  instance: ['restored-instance-name', 'bundle-id'],
} as const satisfies Record<SnapshotType, readonly InputName[]>

function misplacedWith(inputs: InputReader, type: SnapshotType): InputName[] {
  const others: readonly InputName[] = onlyWith[type === 'disk' ? 'instance' : 'disk']
  return others.filter((name) => inputs.isGiven(name))
}

/** Why an input of the other type is a problem. */
export function misplacedText(type: SnapshotType): string {
  return type === 'instance'
    ? 'does not go with a snapshot of a whole instance'
    : 'goes with snapshot-type: instance, not with a disk snapshot'
}

function readSwap(inputs: InputReader, type: SnapshotType): boolean {
  const swap = inputs.boolean('swap')
  if (!swap) return false
  const isNamed = inputs.text('instance-name') !== ''
  if (type === 'instance') {
    if (!isNamed)
      inputs.problem(
        'swap',
        'true',
        'goes with instance-name: the instance that the restored one takes the place of',
      )
    return true
  }
  if (isNamed) inputs.problem('swap', 'true', notWithSystemDisks)
  else if (inputs.text('disk-name') === '') {
    inputs.problem('swap', 'true', 'goes with disk-name: the disk that the restored one takes the place of')
  }
  for (const name of ['attach-to', 'disk-path'] as const) {
    if (inputs.text(name) === '') continue
    const problem = 'does not go with swap, which attaches the disk where the current one is'
    inputs.problem(name, inputs.text(name), problem)
  }
  return true
}

function readZone(inputs: InputReader, region: string): string | undefined {
  const zone = inputs.text('availability-zone')
  if (zone === '') return undefined
  const belongs = zone.slice(0, -1) === region && /[a-z]$/.test(zone)
  if (isRegion(region) && !belongs) {
    const problem = `is not an Availability Zone of ${region}: write one like ${region}a`
    inputs.problem('availability-zone', zone, problem)
  }
  return zone
}

const largestGb = 16_384

function parseSize(text: string): Parsed<number> {
  const size = Number(text)
  return /^\d+$/.test(text) && size >= 1 && size <= largestGb
    ? right(size)
    : wrong(`is not a size: write a whole number of GB, to ${largestGb}`)
}

function readTags(inputs: InputReader): Tag[] {
  const items = inputs.read('tags', (text) => parseList(text, { commas: false }), [])
  const { tags, problems } = readUserTags(items)
  for (const { item, problem } of problems) inputs.problem('tags', item, problem)
  for (const { key } of tags.filter((tag) => restoreTagKeys.has(tag.key))) {
    inputs.problem('tags', key, 'is the key of a tag that this action sets itself')
  }
  const most = tagLimits.perResource - ownTagKeys.size - mostRestoreTags
  if (problems.length === 0 && tags.length > most) {
    const problem = `are too many: a restored disk can have ${most} in addition to the action's own`
    inputs.problem('tags', `${tags.length} tags`, problem)
  }
  return tags
}

/** Checks the template before the source and the commit are known, with sample values for them. */
function checkName(
  inputs: InputReader,
  template: Template | undefined,
  { snapshotName, source, commitSha, snapshotType }: RestoreInputs,
  values: Omit<TemplateValues, 'source' | 'sha'>,
): void {
  if (template === undefined) return
  const input = `restored-${snapshotType}-name` as const
  const sha = commitSha ?? '0'.repeat(40)
  const name = renderName(template, { ...values, source: source?.name ?? 'source', sha })
  const text = inputs.text(input)
  if (!name.ok) inputs.problem(input, text, name.problem)
  else if (name.value === source?.name || name.value === snapshotName) {
    const problem = `makes ${JSON.stringify(name.value)}, a name that is taken: put {{run_id}} into it`
    inputs.problem(input, text, problem)
  }
}
