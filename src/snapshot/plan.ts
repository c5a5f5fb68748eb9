import { isRegion, isSourceName } from '../lightsail/names.js'
import type { Source, SourceType, Tag } from '../lightsail/types.js'
import type { Step } from '../workflow/door.js'
import { InputReader } from '../workflow/inputs.js'
import { parseList } from '../workflow/parse.js'
import type { Environment, Run } from '../workflow/run.js'
import { inputDefaults } from './interface.js'
import { ownTags, readUserTags } from './tags.js'
import { parseTemplate, renderName, type TemplateValues } from './template.js'

/** One snapshot to take. */
export interface PlannedSnapshot {
  readonly source: Source
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}

/** Everything that a step is going to do, decided before anything is requested. */
export interface Plan {
  readonly snapshots: readonly PlannedSnapshot[]
  readonly region: string
  readonly commitSha: string
  readonly wait: boolean
  readonly waitTimeoutMs: number
  readonly pollIntervalMs: number
  readonly dryRun: boolean
}

type Inputs = InputReader<typeof inputDefaults>

/** Makes the plan from the inputs and the run. Throws one Failure that lists every problem of every input. */
export function planSnapshots({ input, environment, run, clock }: PlanParts): Plan {
  const inputs = new InputReader(input, inputDefaults)
  const sources = readSources(inputs)
  const commitSha = readCommit(inputs, run)
  const snapshots = planEach(inputs, sources, run, commitSha, new Date(clock.now()))
  const plan: Plan = {
    snapshots,
    region: readRegion(inputs, environment),
    commitSha,
    wait: inputs.boolean('wait'),
    waitTimeoutMs: inputs.duration('wait-timeout'),
    pollIntervalMs: inputs.duration('poll-interval'),
    dryRun: inputs.boolean('dry-run'),
  }
  inputs.finish()
  return plan
}

type PlanParts = Pick<Step, 'input' | 'environment' | 'run' | 'clock'>

function readSources(inputs: Inputs): Source[] {
  const [disks, instances] = [
    readNames(inputs, 'disk-name', 'disk'),
    readNames(inputs, 'instance-name', 'instance'),
  ]
  // A text that is no list has been noted as that; it isn't missing.
  if (disks === undefined || instances === undefined) return []
  if (disks.length > 0 && instances.length > 0) {
    inputs.missing('disk-name', 'is given together with instance-name: give exactly one of the two')
  }
  if (disks.length + instances.length === 0) {
    inputs.missing('disk-name', 'is missing, and so is instance-name: give exactly one of the two')
  }
  return [...disks, ...instances]
}

function readNames(
  inputs: Inputs,
  input: 'disk-name' | 'instance-name',
  type: SourceType,
): Source[] | undefined {
  const names = inputs.read(input, (text) => parseList(text, { commas: true }), undefined)
  for (const name of (names ?? []).filter((candidate) => !isSourceName(candidate))) {
    inputs.problem(
      input,
      name,
      `is not a name that ${type === 'disk' ? 'a disk' : 'an instance'} can have: 2 to 255 letters, digits, ".", "_" and "-"`,
    )
  }
  if (names !== undefined && names.length > 1) {
    inputs.problem(
      input,
      names.join(', '),
      `names ${names.length} ${type}s: give one a step, in a step for each`,
    )
  }
  return names?.map((name) => ({ type, name }))
}

const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

function readCommit(inputs: Inputs, run: Run): string {
  const given = inputs.text('commit-sha')
  const sha = (given || run.commit || '').toLowerCase()
  if (commitPattern.test(sha)) return sha
  if (given !== '')
    inputs.problem('commit-sha', given, 'is not a commit SHA: it has 40 or 64 hexadecimal digits')
  else
    inputs.missing(
      'commit-sha',
      `is not given, and the event ${run.event || '(none)'} names no commit: give one`,
    )
  return sha
}

function readRegion(inputs: Inputs, environment: Environment): string {
  const given = inputs.text('aws-region')
  const region = given || environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || ''
  if (region === '') {
    inputs.missing(
      'aws-region',
      'is not given, and neither AWS_REGION nor AWS_DEFAULT_REGION is set: give the Region of the disk, such as eu-central-1',
    )
  } else if (!isRegion(region)) {
    inputs.problem('aws-region', region, `is not a Region: it reads like eu-central-1${zoneHint(region)}`)
  }
  return region
}

function zoneHint(region: string): string {
  const zone = /^(.*\d)[a-z]$/.exec(region)?.[1]
  return zone !== undefined && isRegion(zone) ? `; this is an Availability Zone of ${zone}` : ''
}

/**
 * Name and tags of each source's snapshot. A wrong commit doesn't keep a wrong name from being noted: it is filled up
 * with zeros for that, and the plan is thrown away.
 */
function planEach(
  inputs: Inputs,
  sources: readonly Source[],
  run: Run,
  commitSha: string,
  time: Date,
): PlannedSnapshot[] {
  const tags = [...ownTags({ ...run, commitSha }), ...readTags(inputs)]
  const template = inputs.read('snapshot-name', parseTemplate, undefined)
  if (template === undefined) return []
  const values: Omit<TemplateValues, 'source'> = { ...run, sha: commitSha || '0'.repeat(40), time }
  return sources.map((source) => {
    const render = () => renderName(template, { ...values, source: source.name })
    return { source, snapshotName: inputs.read('snapshot-name', render, ''), tags }
  })
}

function readTags(inputs: Inputs): Tag[] {
  const items = inputs.read('tags', (text) => parseList(text, { commas: false }), [])
  const { tags, problems } = readUserTags(items)
  for (const { item, problem } of problems) inputs.problem('tags', item, problem)
  return tags
}
