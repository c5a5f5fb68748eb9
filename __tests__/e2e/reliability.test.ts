// Every fault at every request of every action, once and every time: the built action, a process a cell. What comes out is
// the table of docs/reliability.md; `npm run reliability` writes it anew.
import { readFile, writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { mapBounded } from '../../src/basics/parallel.js'
import { type Cell, type CellResult, cells, runCell, type Way, ways } from '../support/fault-matrix.js'

const file = 'docs/reliability.md'
const mark = '<!-- matrix -->'

let results: readonly CellResult[]
beforeAll(async () => {
  // Most of the time they wait.
  const all = cells()
  const isLong = ({ way, times }: Cell) => way.isPatient === true && times === 'every time'
  const [long, short] = await Promise.all([
    mapBounded(all.filter(isLong), 40, runCell),
    mapBounded(
      all.filter((cell) => !isLong(cell)),
      20,
      runCell,
    ),
  ])
  results = [...long, ...short]
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
    expect(failing((cell) => cell.way.isPatient !== true || isTrue(cell))).toEqual([])
  })

  test('a roll-back never makes a second disk, keeps the one before, and succeeds only with the instance running', () => {
    const isTrue = ({ restored, attached, instanceState, result }: CellResult) => {
      if (restored.length > 1) return false
      const isSwapped = instanceState === 'running' && attached.length === 1 && attached[0] === restored[0]
      return result.exitCode !== 0 || isSwapped
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
    expect(
      failing(
        ({ way, times, result }) =>
          result.milliseconds < (way.isPatient || times === 'once' ? 90_000 : 13_000),
      ),
    ).toEqual([])
  })

  test('the table in docs/reliability.md is what came out', async () => {
    const text = await readFile(file, 'utf8')
    const [before = '', , after = ''] = text.split(mark)
    const now = [before, `\n${ways.map(section).join('\n\n')}\n`, after].join(mark)
    // What npm calls the script that it runs: the one word for all shells.
    if (process.env['npm_lifecycle_event'] === 'reliability') await writeFile(file, now)
    else expect(text).toBe(now)
  })
})

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
  if (way.isPatient) parts.push(`${made.length - ones.length} older left`)
  return parts.join(', ')
}
