// The outcomes as text: one line per fault, and tables in which faults with the same outcomes share a row.
import { count } from '../../src/basics/text.js'
import type { ScenarioResult } from './account-scenarios.js'
import {
  type Cell,
  type CellResult,
  type FaultKind,
  faultKinds,
  faultsOf,
  kindOf,
  type TestedStep,
} from './fault-matrix.js'

/** The operation ids in a step's outputs. */
export function idsOf({ result: { outputs } }: CellResult): string[] {
  const snapshots: { operationId: string | null }[] = JSON.parse(outputs['snapshots'] || '[]')
  return snapshots.flatMap(({ operationId }) => operationId ?? [])
}

/** The snapshots that the step created. */
export function createdSnapshots({ left }: CellResult): CellResult['left'] {
  return left.filter(({ name }) => !name.startsWith('day-'))
}

function exitText(exitCode: number | null): string {
  if (exitCode === 0) return 'succeeds'
  return exitCode === 1 ? 'fails' : `ends with exit code ${exitCode}`
}

/** What the step's outputs say of the snapshots. */
function stateText({ result: { outputs } }: CellResult): string {
  return outputs['state'] ? `\`${outputs['state']}\`` : 'no state'
}

function instanceText({ step, attached: [disk], restored, instanceState }: CellResult): string {
  if (step.ofInstance && disk === undefined) return 'static IP attached to nothing'
  if (step.ofInstance && disk !== undefined)
    return `static IP at the ${restored.includes(disk) ? 'restored' : 'previous'} instance, ${instanceState}`
  if (disk === undefined) return `instance ${instanceState} without a data disk`
  return `instance ${instanceState} with the ${restored.includes(disk) ? 'restored' : 'previous'} disk`
}

/** The outcome, with the details that matter for the kind of step. */
function outcomeOf(cell: CellResult): string {
  const { step, left, restored, result } = cell
  const exit = exitText(result.exitCode)
  if (step.folder === 'prune') return `${exit}, ${left.length} left`
  if (step.folder === 'restore') {
    const kind = step.ofInstance ? 'instance' : 'disk'
    return `${exit}, ${count(restored.length, kind)} restored, ${instanceText(cell)}`
  }
  if (step.folder === 'wait') return `${exit}, ${stateText(cell)}`
  const created = createdSnapshots(cell)
  const ids = idsOf(cell)
  const isKnown = created.every(({ operationId }) => ids.includes(operationId))
  return [
    exit,
    count(created.length, 'new snapshot'),
    stateText(cell),
    ...(isKnown ? [] : ['id unknown']),
    ...(step.prunes ? [`${left.length - created.length} older left`] : []),
  ].join(', ')
}

/** A fault at a request, and its two outcomes. */
interface Pair extends Pick<Cell, 'step' | 'request' | 'fault'> {
  readonly once: string
  readonly always: string
}

function pairsOf(results: readonly CellResult[]): Pair[] {
  return results.flatMap((cell) => {
    if (cell.times !== 'once') return []
    const { step, request, fault } = cell
    const other = results.find(
      (each) =>
        each.step === step && each.request === request && each.fault === fault && each.times === 'every time',
    )
    return [{ step, request, fault, once: outcomeOf(cell), always: other ? outcomeOf(other) : 'missing' }]
  })
}

/** Every outcome: one line per fault and request, and one per scenario. `results` are in the order of `cells()`. */
export function everyOutcome(results: readonly CellResult[], ends: readonly ScenarioResult[]): string {
  const lines = pairsOf(results).map(({ step, request, fault, once, always }) =>
    [step.title, request, fault, `once: ${once}`, `every time: ${always}`].join(' | '),
  )
  const scenarioLines = ends.map((end) => [end.scenario.title, ...endTexts(end)].join(' | '))
  return `${[...lines, '', ...scenarioLines].join('\n')}\n`
}

const sections: readonly { readonly heading: string; readonly has: (step: TestedStep) => boolean }[] = [
  { heading: 'Take a snapshot', has: ({ folder, prunes }) => folder === undefined && prunes !== true },
  { heading: 'Wait for a snapshot', has: ({ folder }) => folder === 'wait' },
  { heading: 'Delete old snapshots', has: ({ prunes }) => prunes === true },
  { heading: 'Roll back', has: ({ folder }) => folder === 'restore' },
]

/** The faults of each kind, then a table for each kind of step. */
export function faultTables(results: readonly CellResult[]): string {
  const pairs = pairsOf(results)
  const kinds = faultKinds.map((kind) => `- **${kind}**: ${codes(faultsOf(kind))}`)
  const tables = sections.flatMap(({ heading, has }) => [
    '',
    `### ${heading}`,
    '',
    '| step | request: faults | once | every time |',
    '| --- | --- | --- | --- |',
    ...rowsOf(pairs.filter(({ step }) => has(step))),
  ])
  return [...kinds, ...tables].join('\n')
}

/** The rows of a section, by step: only the first row of a step has its title. */
function rowsOf(ofSection: readonly Pair[]): string[] {
  return [...groupBy(ofSection, ({ step }) => step.sharedTitle ?? step.title)].flatMap(([title, pairs]) => {
    const groups = groupBy(pairs, ({ once, always }) => `${once} | ${once === always ? 'the same' : always}`)
    return [...groups].map(
      ([outcomes, group], index) =>
        `| ${index === 0 ? title : ''} | ${faultsText(group, pairs)} | ${outcomes} |`,
    )
  })
}

/** The faults of a group, by request: `` `GetDisk`, `GetDisks`: temporary errors``. */
function faultsText(group: readonly Pair[], pairs: readonly Pair[]): string {
  const requests = [...new Set(group.map(({ request }) => request))]
  const byFaults = groupBy(requests, (request) => {
    const faultsAt = (list: readonly Pair[]) => list.filter((pair) => pair.request === request)
    return kindsText(faultsAt(group), faultsAt(pairs))
  })
  return [...byFaults].map(([faults, names]) => `${codes(names)}: ${faults}`).join('; ')
}

/** Some of the faults at a request, by kind: `temporary errors`, ``refusals except `access-denied` ``. */
function kindsText(some: readonly Pair[], all: readonly Pair[]): string {
  const others = all.filter((pair) => !some.includes(pair)).map(({ fault }) => fault)
  if (others.length === 0) return 'every fault'
  if (others.length < 3) return `every fault except ${codes(others)}`
  return faultKinds
    .flatMap((kind) => {
      const ofKind = (list: readonly Pair[]) =>
        list.map(({ fault }) => fault).filter((fault) => kindOf(fault) === kind)
      return kindText(kind, ofKind(some), ofKind(all)) ?? []
    })
    .join(', ')
}

function kindText(kind: FaultKind, some: readonly string[], all: readonly string[]): string | undefined {
  if (some.length === 0) return undefined
  const others = all.filter((fault) => !some.includes(fault))
  if (others.length === 0) return kind
  return others.length < some.length ? `${kind} except ${codes(others)}` : codes(some)
}

/** Map.groupBy, which Node.js 20 lacks. */
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function exitsText(exits: readonly number[]): string {
  if (exits.length > 1 && exits.every((code) => code === 0)) {
    return exits.length === 2 ? 'both succeed' : 'all succeed'
  }
  return exits.map(exitText).join(', then ')
}

/** The account in the end, as the cells of a row. */
function endTexts({ scenario, exits, left, live }: ScenarioResult): string[] {
  const data = ['stopped', 'no disk'].includes(live) ? live : `\`${live}\``
  return [scenario.end.exits === undefined ? 'each may fail' : exitsText(exits ?? []), codes(left), data]
}

/** The table of the scenarios; those with the same row and the same end share one. */
export function scenarioTable(ends: readonly ScenarioResult[]): string {
  const rows = ends.map(
    (end) => `| ${[end.scenario.row ?? end.scenario.title, ...endTexts(end)].join(' | ')} |`,
  )
  return [
    '| what happens | steps | snapshots left | data in use |',
    '| --- | --- | --- | --- |',
    ...new Set(rows),
  ].join('\n')
}
