import { Failure } from '../basics/failure.js'
import { isSourceName } from '../lightsail/names.js'
import type { Source, Tag } from '../lightsail/types.js'
import { readRetention } from '../prune/inputs.js'
import type { Retention } from '../prune/rule.js'
import { readCommit } from '../shared/commit.js'
import { readStatusPlan, type StatusPlan } from '../shared/commit-status.js'
import { readRegion } from '../shared/region.js'
import { readSources, repeated } from '../shared/sources.js'
import { ownTags, readUserTags, tagWarnings } from '../shared/tags.js'
import { parseTemplate, renderName, type Template, type TemplateValues } from '../shared/template.js'
import type { Step } from '../workflow/door.js'
import { InputReader } from '../workflow/inputs.js'
import { type Parsed, parseList, right, wrong } from '../workflow/parse.js'
import type { Run } from '../workflow/run.js'
import { type IfExists, ifExistsChoices } from './claim.js'
import { inputDefaults } from './interface.js'

/** One snapshot to take. */
export interface PlannedSnapshot {
  readonly source: Source
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}

/** Everything that a step is going to do, decided before anything is requested. */
export interface Plan {
  readonly snapshots: readonly PlannedSnapshot[]
  /** Whether the disks attached to the instances have to be looked up and added. */
  readonly attachedDisks: boolean
  readonly region: string
  readonly commitSha: string
  readonly wait: boolean
  readonly waitTimeoutMs: number
  readonly pollIntervalMs: number
  readonly ifExists: IfExists
  readonly dryRun: boolean
  /** Undefined: nothing is deleted. */
  readonly retention: Retention | undefined
  readonly status: StatusPlan | undefined
  /** What is legal and yet looks like a mistake. */
  readonly warnings: readonly string[]
  /** The same plan for other sources, in their order. */
  withSources(sources: readonly Source[]): Plan
}

type Inputs = InputReader<typeof inputDefaults>

/** Makes the plan from the inputs and the run. Throws one Failure that lists every problem of every input. */
export function planSnapshots({ input, environment, run, clock }: PlanParts): Plan {
  const inputs = new InputReader(input, inputDefaults)
  const sources = readSources(inputs)
  const commitSha = readCommit(inputs, run)
  const naming = readNaming(inputs, run, commitSha, new Date(clock.now()))
  // The name of a source that can't be one is noted already; what it would make of the template says nothing more.
  const { planned, problems } = planEach(
    sources.filter(({ name }) => isSourceName(name)),
    naming,
  )
  const template = inputs.text('snapshot-name')
  for (const problem of problems) inputs.problem('snapshot-name', template, problem)
  const retention = readRetention(inputs)
  const wait = inputs.boolean('wait')
  if (retention !== undefined && !wait) {
    inputs.missing(
      'wait',
      'must be true with keep-last or keep-within: nothing old goes before the new one is good',
    )
  }
  const plan: Plan = {
    retention,
    status: readStatusPlan(inputs, input, commitSha),
    wait,
    snapshots: planned,
    attachedDisks: readAttachedDisks(inputs, sources),
    region: readRegion(inputs, environment),
    commitSha,
    waitTimeoutMs: inputs.duration('wait-timeout'),
    pollIntervalMs: inputs.duration('poll-interval'),
    ifExists: inputs.read('if-exists', parseIfExists, 'fail'),
    dryRun: inputs.boolean('dry-run'),
    warnings: tagWarnings(inputs.text('tags')),
    withSources: (more) => planMore(plan, more, naming, template),
  }
  inputs.finish()
  return plan
}

function parseIfExists(text: string): Parsed<IfExists> {
  const choice = ifExistsChoices.find((known) => known === text)
  return choice === undefined ? wrong(`is not known: use ${ifExistsChoices.join(' or ')}`) : right(choice)
}

/** The plan for these sources instead, which were looked up. Throws a Failure where a name isn't possible. */
function planMore(plan: Plan, sources: readonly Source[], naming: Naming, template: string): Plan {
  const { planned, problems } = planEach(sources, naming)
  if (problems.length > 0) {
    throw new Failure(
      problems.map((problem) => `snapshot-name: ${JSON.stringify(template)} ${problem}.`).join('\n'),
      'Change snapshot-name so that each disk gets a name of its own. No snapshot was taken.',
    )
  }
  return { ...plan, snapshots: planned }
}

function readAttachedDisks(inputs: Inputs, sources: readonly Source[]): boolean {
  const attached = inputs.boolean('attached-disks')
  if (attached && sources.some(({ type }) => type === 'disk')) {
    inputs.problem('attached-disks', 'true', 'goes with instance-name, not with disk-name')
  }
  return attached
}

type PlanParts = Pick<Step, 'input' | 'environment' | 'run' | 'clock'>

/** What names and tags are made of; undefined parts have been noted as problems. */
function readNaming(inputs: Inputs, run: Run, commitSha: string, time: Date): Naming {
  const tags = [...ownTags({ ...run, commitSha }), ...readTags(inputs)]
  const template = inputs.read('snapshot-name', parseTemplate, undefined)
  // A wrong commit doesn't keep a wrong name from being noted: it is filled up with zeros, and the plan is thrown away.
  return { template, values: { ...run, sha: commitSha || '0'.repeat(40), time }, tags }
}

interface Naming {
  readonly template: Template | undefined
  readonly values: Omit<TemplateValues, 'source'>
  readonly tags: readonly Tag[]
}

/** Name and tags of each source's snapshot, with what is wrong with the names. */
function planEach(
  sources: readonly Source[],
  { template, values, tags }: Naming,
): { planned: PlannedSnapshot[]; problems: string[] } {
  if (template === undefined) return { planned: [], problems: [] }
  const rendered = sources.map((source) => {
    const name = renderName(template, { ...values, source: source.name })
    const namesake = name.ok ? sources.find((other) => other.name === name.value) : undefined
    return { source, name: namesake === undefined ? name : wrong(namesakeProblem(namesake)) }
  })
  const planned = rendered.flatMap(({ source, name }) =>
    name.ok ? [{ source, snapshotName: name.value, tags }] : [],
  )
  const names = planned.map(({ snapshotName }) => snapshotName)
  return {
    planned,
    problems: [
      ...new Set(rendered.flatMap(({ name }) => (name.ok ? [] : [name.problem]))),
      ...repeated(names).map(
        (name) => `makes the name ${JSON.stringify(name)} for more than one source: put {{source}} into it`,
      ),
    ],
  }
}

function namesakeProblem({ type, name }: Source): string {
  return `makes ${JSON.stringify(name)}, which is the name of the ${type} itself`
}

function readTags(inputs: Inputs): Tag[] {
  const items = inputs.read('tags', (text) => parseList(text, { commas: false }), [])
  const { tags, problems } = readUserTags(items)
  for (const { item, problem } of problems) inputs.problem('tags', item, problem)
  return tags
}
