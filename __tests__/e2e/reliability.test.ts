// Every fault at every request of every action, once and every time, and what accounts do beside: the built action, a process
// a step. What comes out are the tables of docs/reliability.md; `npm run reliability` writes them anew.
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

const file = 'docs/reliability.md'

let results: readonly CellResult[]
let ends: readonly ScenarioResult[]
beforeAll(async () => {
  // Most of the time they wait.
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

/** The snapshots that were not there before. */
function newOnes({ made }: CellResult): CellResult['made'] {
  return made.filter(({ name }) => !name.startsWith('day-'))
}

/** The names of the cells of which this isn't true. */
function failing(isTrue: (cell: CellResult) => boolean): string[] {
  return results.filter((cell) => !isTrue(cell)).map(nameOf)
}

/**
 * A lost answer whose snapshot can't be looked up, however often: the service won't say whose it is, or what made it. No other
 * cell may lack the operation id of a snapshot that was made.
 */
function isUnanswerable({ way, request, times }: CellResult): boolean {
  return (
    way.prepare !== undefined &&
    /lost|same/.test(way.title) &&
    times === 'every time' &&
    request !== 'GetOperationsForResource'
  )
}

describe('whatever fault meets whatever request', () => {
  test('every fault is met', () => {
    expect(failing(({ isMet }) => isMet)).toEqual([])
  })

  test('a source never has more than one new snapshot', () => {
    expect(
      failing((cell) => new Set(newOnes(cell).map(({ source }) => source)).size === newOnes(cell).length),
    ).toEqual([])
  })

  test('retention never takes the newest, and says truly what it took', () => {
    const isTrue = (cell: CellResult) => {
      const deleted: string[] = JSON.parse(cell.result.outputs['deleted-snapshots'] || '[]')
      const left = cell.made.map(({ name }) => name)
      const isNewestLeft = cell.way.folder === 'prune' ? left.includes('day-1') : newOnes(cell).length === 1
      return isNewestLeft && deleted.every((name) => !left.includes(name))
    }
    expect(failing((cell) => cell.way.prunes !== true || isTrue(cell))).toEqual([])
  })

  test('a roll-back never makes a second disk, keeps the one before, and succeeds only with the instance running', () => {
    const isTrue = ({ restored, attached, instanceState, result }: CellResult) => {
      if (restored.length > 1) return false
      const isSwapped = instanceState === 'running' && attached.length === 1 && attached[0] === restored[0]
      return result.exitCode !== 0 || isSwapped
    }
    expect(failing((cell) => cell.way.folder !== 'restore' || isTrue(cell))).toEqual([])
  })

  test('the instance runs with its disk after a roll-back, or the first words say that the site is down', () => {
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

  test('the operation id of every snapshot that was made is in the outputs', () => {
    const isKnown = (cell: CellResult) =>
      cell.way.folder !== undefined ||
      newOnes(cell).every(({ operationId }) => idsOf(cell).includes(operationId))
    expect(failing((cell) => isKnown(cell) || isUnanswerable(cell))).toEqual([])
  })

  test('its name is in the outputs, also where the operation id can not be known', () => {
    const isNamed = (cell: CellResult) =>
      cell.way.folder !== undefined ||
      newOnes(cell).every(({ name }) => (cell.result.outputs['snapshot-names'] ?? '').includes(`"${name}"`))
    expect(failing(isNamed)).toEqual([])
  })

  test('a step ends within five seconds after its time', () => {
    // The machine has other processes to start meanwhile.
    const isInTime = (cell: CellResult) => cell.result.milliseconds < longestMs(cell) + 5000 + 5000
    expect(failing(isInTime)).toEqual([])
  })
})

describe('whatever an account does beside', () => {
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

test('the tables in docs/reliability.md are what came out', async () => {
  const text = await readFile(file, 'utf8')
  const withMatrix = replaced(text, '<!-- matrix -->', ways.map(section).join('\n\n'))
  const now = replaced(withMatrix, '<!-- behaviour -->', behaviourTable())
  // What npm calls the script that it runs: the one word for all shells.
  if (process.env['npm_lifecycle_event'] === 'reliability') await writeFile(file, now)
  else expect(text).toBe(now)
})

/** The text with this between the two marks. */
function replaced(text: string, mark: string, content: string): string {
  const [before = '', , after = ''] = text.split(mark)
  return [before, `\n${content}\n`, after].join(mark)
}

/** The table of what accounts do: a row for each scenario. */
function behaviourTable(): string {
  const rows = ends.map(({ scenario, exits, left, live }) => {
    const exit = scenario.end.exits === undefined ? 'either' : exits?.join(', then ')
    const site = ['stopped', 'no disk'].includes(live) ? live : `"${live}"`
    return `| ${scenario.title} | ${exit} | ${left.join(', ')} | ${site} |`
  })
  return ['| what happens | exit | snapshots left | live |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** The table of one way. */
function section(way: Way): string {
  const tables = way.requests.map((request) => {
    const rows = results.filter((cell) => cell.way === way && cell.request === request)
    const faults = [...new Set(rows.map(({ fault }) => fault))]
    const lines = faults.map((fault) => {
      const at = (times: string) => rows.find((cell) => cell.fault === fault && cell.times === times)
      return `| \`${fault}\` | ${[at('once'), at('every time')].map(outcome).join(' | ')} |`
    })
    return [`\`${request}\``, '', '| fault | once | every time |', '| --- | --- | --- |', ...lines].join('\n')
  })
  return `### ${way.title}\n\n${tables.join('\n\n')}`
}

/** Which disk the instance has in the end, and whether it runs. */
function machineText({ restored, attached, instanceState }: CellResult): string {
  const [disk] = attached
  const which = disk === undefined ? 'no disk' : restored.includes(disk) ? 'restored disk' : 'previous disk'
  return `${restored.length} disk${restored.length === 1 ? '' : 's'} made, instance ${instanceState} with ${which}`
}

/** The exit code, then for `prune/` what is left, for the others the snapshots made, the state, whether the ids are known. */
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
    parts.push(isKnown ? 'id set' : 'id not known')
  }
  if (way.prunes) parts.push(`${made.length - ones.length} older left`)
  return parts.join(', ')
}
