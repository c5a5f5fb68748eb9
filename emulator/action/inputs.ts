import { readRegion } from '../../src/actions/shared/region.js'
import { refuseRealCredentials } from '../../src/actions/shared/rehearsal.js'
import { textMember } from '../../src/basics/member.js'
import type { Step } from '../../src/github/entry-point.js'
import { InputReader, type InputTools } from '../../src/github/inputs.js'
import { parseList } from '../../src/github/parse.js'
import type { FaultRule } from '../service/faults.js'
import { Region } from '../service/region.js'
import { isScenarioName, type ScenarioName, scenarios } from '../service/scenarios.js'
import { type Content, fill, parseDisk, parseFault, parseInstance, type Spec } from '../service/spec.js'

/** What to emulate, as read from the inputs. */
export interface EmulatorSettings extends Content {
  readonly region: string
  readonly scenario: ScenarioName
  /** The repository of the job, `OWNER/NAME`. */
  readonly repository: string
  /** How long (ms) a snapshot takes, and every other change except a deletion. */
  readonly snapshotMs: number
  /** Faults in addition to the scenario. */
  readonly faults: readonly FaultRule[]
}

/** What a Region starts with. */
type Beginning = Content & Pick<EmulatorSettings, 'scenario' | 'repository'>

/** Puts what the inputs ask for into a Region, as if created at `now` (milliseconds since the epoch). */
export function beginWith(beginning: Beginning, region: Region, now: number): void {
  fill(region, beginning, now)
  scenarios[beginning.scenario].prepare(region, { repository: beginning.repository, now })
}

type ListName = 'disks' | 'instances' | 'faults'

/** Reads every input. Throws a Failure that lists every problem. */
export function readSettings(step: InputTools & Pick<Step, 'clock'>): EmulatorSettings {
  const { environment, clock } = step
  refuseRealCredentials(environment)
  const inputs = new InputReader(step, 'emulator')
  const region = readRegion(inputs, environment)
  const content = {
    disks: readItems(inputs, 'disks', parseDisk),
    instances: readItems(inputs, 'instances', parseInstance),
  }
  if (inputs.text('disks') === '' && inputs.text('instances') === '') {
    inputs.missing(
      'disks',
      'is missing, and so is instances: name the disks or instances that your workflow uses',
    )
  }
  const scenario = readScenario(inputs)
  const repository = environment['GITHUB_REPOSITORY'] ?? ''
  const conflict = conflictOf({ ...content, scenario, repository }, clock.now())
  if (conflict !== undefined) inputs.problem('disks', inputs.text('disks'), `can't all exist. ${conflict}`)
  const settings = {
    region,
    ...content,
    scenario,
    repository,
    snapshotMs: inputs.duration('snapshot-takes'),
    faults: readItems(inputs, 'faults', parseFault),
  }
  inputs.finish()
  return settings
}

function readItems<T>(inputs: InputReader, name: ListName, parse: (text: string) => Spec<T>): T[] {
  const items = inputs.read(name, (text) => parseList(text, { commas: true }), [])
  return items.flatMap((item) => {
    const spec = parse(item)
    if (spec.ok) return [spec.value]
    inputs.problem(name, item, spec.problem)
    return []
  })
}

function readScenario(inputs: InputReader): ScenarioName {
  const name = inputs.text('scenario')
  if (isScenarioName(name)) return name
  inputs.problem('scenario', name, `is not a scenario: ${Object.keys(scenarios).join(', ')}`)
  return 'good'
}

/** Returns why no Region could hold all of it: a name used twice, an instance that is missing. */
function conflictOf(beginning: Beginning, now: number): string | undefined {
  try {
    beginWith(beginning, new Region('eu-central-1'), now)
    return undefined
  } catch (thrown) {
    return textMember(thrown, 'message').replace(/\.$/, '')
  }
}
