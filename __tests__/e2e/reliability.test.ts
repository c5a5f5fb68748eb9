// Every fault at every request of every action, once and every time, and what else happens in an account: the built action, one
// process per step. The result of every cell is in reliability-matrix.txt, and in docs/reliability.md faults with the same
// outcome share a row. `npm run reliability` rewrites both.
import { readFile, writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { mapBounded } from '../../src/basics/parallel.js'
import { type End, runScenario, type ScenarioResult, scenarios } from '../support/account-scenarios.js'
import type { BuiltStepResult } from '../support/built-action.js'
import {
  type CellResult,
  cells,
  isPatient,
  longestMs,
  runCell,
  type Way,
  ways,
} from '../support/fault-matrix.js'

const document = 'docs/reliability.md'
const matrix = '__tests__/e2e/reliability-matrix.txt'

let results: readonly CellResult[]
let ends: readonly ScenarioResult[]
beforeAll(async () => {
  // Mostly they wait.
  const all = cells()
  const [long, short, scenarioEnds] = await Promise.all([
    mapBounded(
      all.filter(isPatient).sort((a, b) => longestMs(b) - longestMs(a)),
      40,
      runCell,
    ),
    mapBounded(
      all.filter((cell) => !isPatient(cell)),
      20,
      runCell,
    ),
    mapBounded(scenarios, 4, runScenario),
  ])
  results = [...long, ...short]
  ends = scenarioEnds
}, 900_000)

/** The operation ids of a step's outputs. */
function idsOf({ result: { outputs } }: CellResult): string[] {
  const snapshots: { operationId: string | null }[] = JSON.parse(outputs['snapshots'] || '[]')
  return snapshots.flatMap(({ operationId }) => operationId ?? [])
}

function nameOf({ way, request, fault, times }: CellResult): string {
  return `${way.title}: ${fault} at ${request}, ${times}`
}

/** The snapshots that the step created. */
function newOnes({ made }: CellResult): CellResult['made'] {
  return made.filter(({ name }) => !name.startsWith('day-'))
}

/** The names of the cells for which this isn't true. */
function failing(isTrue: (cell: CellResult) => boolean): string[] {
  return results.filter((cell) => !isTrue(cell)).map(nameOf)
}

/**
 * Whether the response was lost and the snapshot or its operation can never be looked up. No other cell may lack the operation id
 * of a snapshot that was created.
 */
function isUnanswerable({ way, request, times }: CellResult): boolean {
  return (
    way.prepare !== undefined &&
    /lost|same/.test(way.title) &&
    times === 'every time' &&
    request !== 'GetOperationsForResource'
  )
}

describe('whatever fails at whatever request', () => {
  test('every fault occurs', () => {
    expect(failing(({ isMet }) => isMet)).toEqual([])
  })

  test('a source never has more than one new snapshot', () => {
    expect(
      failing((cell) => new Set(newOnes(cell).map(({ source }) => source)).size === newOnes(cell).length),
    ).toEqual([])
  })

  test('retention never deletes the newest, and its output is true', () => {
    const isTrue = (cell: CellResult) => {
      const deleted: string[] = JSON.parse(cell.result.outputs['deleted-snapshots'] || '[]')
      const left = cell.made.map(({ name }) => name)
      const isNewestLeft = cell.way.folder === 'prune' ? left.includes('day-1') : newOnes(cell).length === 1
      return isNewestLeft && deleted.every((name) => !left.includes(name))
    }
    expect(failing((cell) => cell.way.prunes !== true || isTrue(cell))).toEqual([])
  })

  test('a roll-back never creates a second disk, keeps the previous one, and succeeds only with the instance running', () => {
    const isTrue = ({ restored, attached, instanceState, result }: CellResult) => {
      if (restored.length > 1) return false
      const isSwapped = instanceState === 'running' && attached.length === 1 && attached[0] === restored[0]
      return result.exitCode !== 0 || isSwapped
    }
    expect(failing((cell) => cell.way.folder !== 'restore' || isTrue(cell))).toEqual([])
  })

  test('the instance runs with its disk after a roll-back, or the error says first that the site is down', () => {
    const isTrue = ({ instanceState, live, result: { exitCode, errors } }: CellResult) => {
      if (exitCode === 0) return instanceState === 'running' && live === 'good'
      const isUp = instanceState === 'running' && live !== undefined
      return isUp || /^The site (?:is down|may not work)/.test(errors[0] ?? '')
    }
    expect(failing((cell) => cell.way.folder !== 'restore' || isTrue(cell))).toEqual([])
  })

  test('a step succeeds only when every snapshot is complete', () => {
    const isSound = (cell: CellResult) => {
      const { way, result, made, completed } = cell
      const count = way.folder === undefined || way.folder === 'wait' ? newOnes(cell).length : made.length
      return result.exitCode !== 0 || (count === way.snapshots && completed === made.length)
    }
    expect(failing(isSound)).toEqual([])
    const isSaid = ({ way, result }: CellResult) =>
      result.exitCode !== 0 ||
      way.snapshots === 0 ||
      way.folder === 'prune' ||
      result.outputs['state'] === 'completed'
    expect(failing(isSaid)).toEqual([])
  })

  test('a step that fails has exit code 1 and one error with what to do', () => {
    const isOrderly = ({ result: { exitCode, errors, standardError } }: CellResult) =>
      exitCode === 0 ||
      (exitCode === 1 && errors.length === 1 && /\n/.test(errors[0] ?? '') && standardError === '')
    expect(failing(isOrderly)).toEqual([])
  })

  test('the operation id of every new snapshot is in the outputs', () => {
    const isKnown = (cell: CellResult) =>
      cell.way.folder !== undefined ||
      newOnes(cell).every(({ operationId }) => idsOf(cell).includes(operationId))
    expect(failing((cell) => isKnown(cell) || isUnanswerable(cell))).toEqual([])
  })

  test('its name is in the outputs, even if the operation id is unknown', () => {
    const isNamed = (cell: CellResult) =>
      cell.way.folder !== undefined ||
      newOnes(cell).every(({ name }) => (cell.result.outputs['snapshot-names'] ?? '').includes(`"${name}"`))
    expect(failing(isNamed)).toEqual([])
  })

  test('a step ends within five seconds after its time has run out', () => {
    // Other processes are started meanwhile.
    const isInTime = (cell: CellResult) => cell.result.milliseconds < longestMs(cell) + 5000 + 5000
    expect(failing(isInTime)).toEqual([])
  })
})

describe('whatever else happens in the account', () => {
  const titles = (isTrue: (end: ScenarioResult) => boolean) =>
    ends.filter((end) => !isTrue(end)).map(({ scenario }) => scenario.title)

  test('the right snapshots are left, and the right data is live', () => {
    const text = ({ exits, left, live }: End) => ({ exits, left, live })
    const expected = scenarios.map(({ title, end }) => ({ title, ...text(end) }))
    const found = ends.map(({ scenario, ...end }) => {
      const { exits } = scenario.end
      return { title: scenario.title, ...text(end), ...(exits === undefined ? { exits } : {}) }
    })
    expect(found).toEqual(expected)
  })

  test('a step that fails has exit code 1 and one error with what to do', () => {
    const isOrderly = ({ exitCode, errors, standardError }: BuiltStepResult) =>
      standardError === '' &&
      (exitCode === 0 || (exitCode === 1 && errors.length === 1 && /\n/.test(errors[0] ?? '')))
    expect(titles(({ steps }) => steps.every(isOrderly))).toEqual([])
  })

  test('an error says first that the site is down, or may not work', () => {
    const isSaid = ({ live, steps }: ScenarioResult) =>
      !['stopped', 'no disk'].includes(live) ||
      /^The site (?:is down|may not work)/.test(steps.at(-1)?.errors[0] ?? '')
    expect(titles(isSaid)).toEqual([])
  })

  test('the outputs name as deleted only what is gone, and nothing as both deleted and kept', () => {
    const isTrue = ({ left, steps }: ScenarioResult) =>
      steps.every(({ outputs }) => {
        const deleted: string[] = JSON.parse(outputs['deleted-snapshots'] || '[]')
        const kept: string[] = JSON.parse(outputs['kept-snapshots'] || '[]')
        return deleted.every((name) => !left.includes(name) && !kept.includes(name))
      })
    expect(titles(isTrue)).toEqual([])
  })
})

test('every cell has the outcome that it had, and docs/reliability.md says so: npm run reliability', async () => {
  const text = await readFile(document, 'utf8')
  const written = {
    [matrix]: `${ways.flatMap(linesOf).join('\n')}\n`,
    [document]: replaced(
      replaced(text, '<!-- matrix -->', matrixTable()),
      '<!-- behavior -->',
      behaviorTable(),
    ),
  }
  for (const [file, now] of Object.entries(written)) {
    // The name of the npm script that is running.
    if (process.env['npm_lifecycle_event'] === 'reliability') await writeFile(file, now)
    else expect(await readFile(file, 'utf8')).toBe(now)
  }
})

/** The text with this between the two marks. */
function replaced(text: string, mark: string, content: string): string {
  const [before = '', , after = ''] = text.split(mark)
  return [before, `\n${content}\n`, after].join(mark)
}

/** The table of what else happens in an account, a row for each scenario. */
function behaviorTable(): string {
  const rows = ends.map(({ scenario, exits, left, live }) => {
    const exit = scenario.end.exits === undefined ? 'either' : exits?.join(', then ')
    const site = ['stopped', 'no disk'].includes(live) ? live : `"${live}"`
    return `| ${scenario.title} | ${exit} | ${left.join(', ')} | ${site} |`
  })
  return ['| what happens | exit | snapshots left | live |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** A fault at a request of a way, and its two outcomes. */
interface Pair {
  readonly request: string
  readonly fault: string
  readonly once: string
  readonly always: string
}

function pairsOf(way: Way): Pair[] {
  const cellsOfWay = results.filter((cell) => cell.way === way)
  return way.requests.flatMap((request) => {
    const ofRequest = cellsOfWay.filter((cell) => cell.request === request)
    return [...new Set(ofRequest.map(({ fault }) => fault))].map((fault) => {
      const at = (times: string) =>
        outcome(ofRequest.find((cell) => cell.fault === fault && cell.times === times))
      return { request, fault, once: at('once'), always: at('every time') }
    })
  })
}

function linesOf(way: Way): string[] {
  return pairsOf(way).map(
    ({ request, fault, once, always }) => `${way.title} | ${request} | ${fault} | ${once} | ${always}`,
  )
}

/** The table of the whole matrix: faults with the same outcomes share a row. */
function matrixTable(): string {
  const rows = ways.flatMap((way) => {
    const pairs = pairsOf(way)
    const groups = new Map<string, Pair[]>()
    for (const pair of pairs) {
      const outcomes = `${pair.once || '-'} | ${pair.always || '-'}`
      groups.set(outcomes, [...(groups.get(outcomes) ?? []), pair])
    }
    return [...groups].map(
      ([outcomes, group]) => `| ${way.title} | ${faultsText(group, pairs)} | ${outcomes} |`,
    )
  })
  return [
    '| what the step does | request and faults | once | every time |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** The faults of a group, by request: `` `GetDisk`: all except `throttle` ``. */
function faultsText(group: readonly Pair[], pairs: readonly Pair[]): string {
  const requests = [...new Set(group.map(({ request }) => request))]
  return requests
    .map((request) => {
      const ofRequest = (list: readonly Pair[]) =>
        list.filter((pair) => pair.request === request).map(({ fault }) => fault)
      const faults = ofRequest(group)
      const others = ofRequest(pairs).filter((fault) => !faults.includes(fault))
      const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
      if (others.length === 0) return `\`${request}\`: every fault`
      if (others.length <= 4 && faults.length > others.length) {
        return `\`${request}\`: all except ${code(others)}`
      }
      return `\`${request}\`: ${code(faults)}`
    })
    .join('; ')
}

/** The instance's disk in the end, and whether it runs. */
function machineText({ restored, attached, instanceState }: CellResult): string {
  const [disk] = attached
  const which = disk === undefined ? 'no disk' : restored.includes(disk) ? 'restored disk' : 'previous disk'
  return `${restored.length} disk${restored.length === 1 ? '' : 's'} created, instance ${instanceState} with ${which}`
}

/** The exit code, then what is left (prune/), or the new snapshots, the state, and whether the ids are outputs. */
function outcome(cell: CellResult | undefined): string {
  if (cell === undefined) return ''
  const { way, made, result } = cell
  const exit = `exit ${result.exitCode}`
  if (way.folder === 'prune') return `${exit}, ${made.length} left`
  if (way.folder === 'restore') return `${exit}, ${machineText(cell)}`
  const state = result.outputs['state'] || 'no state'
  if (way.folder === 'wait') return `${exit}, ${state}`
  const ones = newOnes(cell)
  const parts = [exit, `${ones.length} snapshot${ones.length === 1 ? '' : 's'}`, state]
  if (ones.length > 0) {
    const isKnown = ones.every(({ operationId }) => idsOf(cell).includes(operationId))
    parts.push(isKnown ? 'id set' : 'id unknown')
  }
  if (way.prunes) parts.push(`${made.length - ones.length} older left`)
  return parts.join(', ')
}
