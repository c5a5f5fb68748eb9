import { Failure } from '../../basics/failure.js'
import { repeated } from '../../basics/text.js'
import {
  namesSource,
  parseTemplate,
  renderName,
  type Template,
  type TemplateValues,
} from '../../domain/name-template.js'
import { type PlannedSnapshot, type PlannedSource, sourceAsNamed } from '../../domain/planned-snapshot.js'
import { ownTags, readUserTags, tagWarnings } from '../../domain/tags.js'
import { readStatusPlan, type StatusPlan } from '../../github/commit-status.js'
import type { Step } from '../../github/entry-point.js'
import { InputReader } from '../../github/inputs.js'
import { parseList, wrong } from '../../github/parse.js'
import { isSourceName } from '../../lightsail/names.js'
import { type SnapshotType, type Source, subjectOf, type Tag } from '../../lightsail/types.js'
import type { PausePlan } from '../../pause/connect.js'
import type { Retention } from '../../retention/policy.js'
import { type IfExists, ifExistsChoices } from '../../take/claim.js'
import { readCommit } from '../shared/commit.js'
import { readRegion } from '../shared/region.js'
import { readRetention } from '../shared/retention.js'
import { readSnapshotType } from '../shared/snapshot-type.js'
import { readSources } from '../shared/sources.js'
import { readPause } from './pause-inputs.js'

/** Everything that a step will do, decided before anything is requested. */
export interface Plan {
  readonly snapshotType: SnapshotType
  readonly snapshots: readonly PlannedSnapshot[]
  /** Whether to add the disks attached to the instances. */
  readonly attachedDisks: boolean
  readonly region: string
  readonly commitSha: string
  readonly wait: boolean
  readonly waitTimeoutMs: number
  readonly pollIntervalMs: number
  readonly ifExists: IfExists
  /** Undefined: the instance isn't paused. */
  readonly pause: PausePlan | undefined
  readonly dryRun: boolean
  /** Undefined: nothing is deleted. */
  readonly retention: Retention | undefined
  readonly status: StatusPlan | undefined
  /** Inputs that are valid but look like a mistake. */
  readonly warnings: readonly string[]
  /** Returns the same plan for other sources, in their order. */
  withSources(sources: readonly PlannedSource[]): Plan
}

/** Returns the plan for the inputs and the run. Throws one Failure that lists every problem of every input. */
export function planSnapshots(step: PlanParts): Plan {
  const { input, environment, run, clock, newId } = step
  const inputs = new InputReader(step, 'snapshot')
  const sources = readSources(inputs)
  const snapshotType = readSnapshotType(inputs, sources)
  const commitSha = readCommit(inputs, run)
  const naming = readNaming(inputs, {
    run,
    snapshotType,
    commitSha,
    time: new Date(clock.now()),
    newId,
  })
  // Invalid source names have been noted; their template would only repeat that.
  const { planned, problems } = planEach(
    sources.filter(({ name }) => isSourceName(name)).map(sourceAsNamed),
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
    snapshotType,
    retention,
    status: readStatusPlan(inputs, input, commitSha),
    wait,
    snapshots: planned,
    attachedDisks: readAttachedDisks(inputs, sources, snapshotType),
    region: readRegion(inputs, environment),
    commitSha,
    waitTimeoutMs: inputs.duration('wait-timeout'),
    pollIntervalMs: inputs.duration('poll-interval'),
    ifExists: inputs.choice('if-exists', ifExistsChoices),
    pause: readPause(inputs, sources),
    dryRun: inputs.boolean('dry-run'),
    warnings: tagWarnings(inputs.text('tags')),
    withSources: (more) => planMore(plan, more, naming, template),
  }
  inputs.finish()
  return plan
}

/** Returns the plan for these sources instead. Throws a Failure if a snapshot can't be named. */
function planMore(plan: Plan, sources: readonly PlannedSource[], naming: Naming, template: string): Plan {
  const { planned, problems } = planEach(sources, naming)
  if (problems.length > 0) {
    throw new Failure(
      problems.map((problem) => `snapshot-name: ${JSON.stringify(template)} ${problem}.`).join('\n'),
      'Change snapshot-name so that each disk gets a name of its own. No snapshot was taken.',
    )
  }
  return { ...plan, snapshots: planned }
}

function readAttachedDisks(inputs: InputReader, sources: readonly Source[], type: SnapshotType): boolean {
  const attached = inputs.boolean('attached-disks')
  if (attached && sources.some((source) => source.type === 'disk')) {
    inputs.problem('attached-disks', 'true', 'goes with instance-name, not with disk-name')
  }
  if (attached && type === 'instance') {
    inputs.problem(
      'attached-disks',
      'true',
      'does not go with snapshot-type: instance, which includes these disks',
    )
  }
  return attached
}

type PlanParts = Pick<Step, 'input' | 'environment' | 'log' | 'run' | 'clock' | 'newId'>

interface NamingParts extends Pick<Step, 'run' | 'newId'> {
  readonly snapshotType: SnapshotType
  readonly commitSha: string
  readonly time: Date
}

/** Returns what names and tags are made of. Undefined parts have been noted as problems. */
function readNaming(inputs: InputReader, { run, snapshotType, commitSha, time, newId }: NamingParts): Naming {
  const userTags = readTags(inputs)
  const template = inputs.read('snapshot-name', parseTemplate, undefined)
  return {
    snapshotType,
    template,
    // Filled up, so that a wrong commit doesn't hide a problem of the name. The plan isn't used then.
    values: { ...run, sha: commitSha || '0'.repeat(40), time },
    tagsFor: (planned) => {
      const own = ownTags({ ...run, commitSha, clientToken: newId(), lineage: originalOf(planned) })
      return [...own, ...userTags]
    },
  }
}

/** The original that the source replaced; undefined if it is an original itself. */
function originalOf({ source, arn, lineage }: PlannedSource): string | undefined {
  // A replacement may have the name of a deleted original.
  const isOriginal = lineage?.name === source.name && lineage.arn === arn
  return isOriginal ? undefined : lineage?.name
}

interface Naming {
  readonly snapshotType: SnapshotType
  readonly template: Template | undefined
  readonly values: Omit<TemplateValues, 'source'>
  readonly tagsFor: (source: PlannedSource) => readonly Tag[]
}

/** Returns the name and tags of each source's snapshot, and the problems of the names. */
function planEach(
  sources: readonly PlannedSource[],
  { snapshotType, template, values, tagsFor }: Naming,
): { planned: PlannedSnapshot[]; problems: string[] } {
  if (template === undefined) return { planned: [], problems: [] }
  const rendered = sources.map((planned) => {
    const name = renderName(template, { ...values, source: planned.requestedName })
    const namesake = name.ok ? sources.find(({ source }) => source.name === name.value) : undefined
    return { planned, name: namesake === undefined ? name : wrong(namesakeProblem(namesake.source)) }
  })
  const planned = rendered.flatMap(({ planned, name }) =>
    name.ok ? [{ ...planned, snapshotType, snapshotName: name.value, tags: tagsFor(planned) }] : [],
  )
  const names = planned.map(({ snapshotName }) => snapshotName)
  return {
    planned,
    problems: [
      ...new Set(rendered.flatMap(({ name }) => (name.ok ? [] : [name.problem]))),
      ...repeated(names).map((name) => {
        const sharers = planned.filter(({ snapshotName }) => snapshotName === name)
        return repeatedName(name, sharers, namesSource(template))
      }),
    ],
  }
}

function repeatedName(name: string, sharers: readonly PlannedSnapshot[], hasSource: boolean): string {
  const made = `makes the name ${JSON.stringify(name)} for`
  if (!hasSource) return `${made} more than one source: put {{source}} into it`
  const subjects = sharers.map(({ source, requestedName }) => subjectOf({ ...source, name: requestedName }))
  return `${made} ${subjects.join(' and ')}, which differ only in what a name can't hold: take each in a step with its own snapshot-name`
}

function namesakeProblem({ type, name }: Source): string {
  return `makes ${JSON.stringify(name)}, which is the name of the ${type} itself`
}

function readTags(inputs: InputReader): Tag[] {
  const items = inputs.read('tags', (text) => parseList(text, { commas: false }), [])
  const { tags, problems } = readUserTags(items)
  for (const { item, problem } of problems) inputs.problem('tags', item, problem)
  return tags
}
