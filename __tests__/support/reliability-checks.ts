// What must hold for every fault at every request of every action, once and every time, and for every scenario.
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { mapBounded } from '../../src/basics/parallel.js'
import { type End, runScenario, type ScenarioResult, scenarios } from './account-scenarios.js'
import type { StartAccount, StepEnd } from './emulated-account.js'
import {
  type Cell,
  type CellResult,
  cells,
  longestMs,
  mostlyWaits,
  runCell,
  waitingCells,
} from './fault-matrix.js'
import { createdSnapshots, everyOutcome, faultTables, idsOf, scenarioTable } from './reliability-tables.js'

/** The results of the whole matrix. */
export interface MatrixResults {
  results: readonly CellResult[]
  ends: readonly ScenarioResult[]
}

/** Where the matrix is run. */
interface MatrixOptions {
  readonly start: StartAccount
  /** How many steps may run at once. */
  readonly atOnce: { readonly scenarios: number; readonly waiting: number; readonly others: number }
  /** How late (ms) a step may end, because other processes start at the same time. */
  readonly slackMs: number
}

/** Runs the matrix before the tests of the file, adds the tests of its cells and scenarios, and returns the results. */
export function checkMatrix({ start, atOnce, slackMs }: MatrixOptions): MatrixResults {
  const found: MatrixResults = { results: [], ends: [] }
  beforeAll(async () => {
    const all = cells()
    const done = new Map<Cell, CellResult>()
    const run = async (cell: Cell) => void done.set(cell, await runCell(cell, start))
    const others = all.filter((cell) => !mostlyWaits(cell))
    const [ends] = await Promise.all([
      mapBounded(scenarios, atOnce.scenarios, (scenario) => runScenario(scenario, start)),
      mapBounded(waitingCells(all), atOnce.waiting, run),
      mapBounded(others, atOnce.others, run),
    ])
    found.results = all.flatMap((cell) => done.get(cell) ?? [])
    found.ends = ends
  }, 900_000)

  checkCells(found, slackMs)
  checkScenarios(found)
  return found
}

function nameOf({ step, request, fault, times }: CellResult): string {
  return `${step.title}: ${fault} at ${request}, ${times}`
}

/**
 * Whether the response was lost and the snapshot or its operation can't be looked up. Only in these cells may the operation id of
 * a new snapshot be unknown.
 */
function mayBeUnknown({ step, request, times }: CellResult): boolean {
  return step.losesResponse === true && times === 'every time' && request !== 'GetOperationsForResource'
}

function checkCells(found: MatrixResults, slackMs: number): void {
  describe('whichever request fails, and however it fails', () => {
    /** The names of the cells for which this doesn't hold. */
    const failing = (isTrue: (cell: CellResult) => boolean) =>
      found.results.filter((cell) => !isTrue(cell)).map(nameOf)

    test('every fault occurs', () => {
      expect(failing(({ hasOccurred }) => hasOccurred)).toEqual([])
    })

    test('a source never has more than one new snapshot', () => {
      expect(
        failing(
          (cell) =>
            new Set(createdSnapshots(cell).map(({ source }) => source)).size ===
            createdSnapshots(cell).length,
        ),
      ).toEqual([])
    })

    test('retention never deletes the newest snapshot, and its outputs name what is gone and what is left', () => {
      const isTrue = (cell: CellResult) => {
        const deleted: string[] = JSON.parse(cell.result.outputs['deleted-snapshots'] || '[]')
        const kept: string[] = JSON.parse(cell.result.outputs['kept-snapshots'] || '[]')
        const left = cell.left.map(({ name }) => name)
        const isNewestLeft =
          cell.step.folder === 'prune' ? left.includes('day-1') : createdSnapshots(cell).length === 1
        return (
          isNewestLeft &&
          deleted.every((name) => !left.includes(name)) &&
          kept.every((name) => left.includes(name))
        )
      }
      expect(failing((cell) => cell.step.prunes !== true || isTrue(cell))).toEqual([])
    })

    test('a roll-back never creates a second disk or instance, keeps the previous one, and succeeds only with the instance running', () => {
      const isTrue = ({ restored, attached, hasPrevious, instanceState, result }: CellResult) => {
        if (restored.length > 1 || !hasPrevious) return false
        const isSwapped = instanceState === 'running' && attached.length === 1 && attached[0] === restored[0]
        return result.exitCode !== 0 || isSwapped
      }
      expect(failing((cell) => cell.step.folder !== 'restore' || isTrue(cell))).toEqual([])
    })

    test('the instance runs with its disk after a roll-back, or the error says first that the site is down', () => {
      const isTrue = ({ instanceState, live, result: { exitCode, errors } }: CellResult) => {
        if (exitCode === 0) return instanceState === 'running' && live === 'good'
        const isUp = instanceState === 'running' && live !== undefined
        return isUp || /^The site (?:is down|may be down|may not work)/.test(errors[0] ?? '')
      }
      expect(failing((cell) => cell.step.folder !== 'restore' || isTrue(cell))).toEqual([])
    })

    test('a step succeeds only when every snapshot is complete', () => {
      const isSound = (cell: CellResult) => {
        const { step, result, left, completed } = cell
        const count =
          step.folder === undefined || step.folder === 'wait' ? createdSnapshots(cell).length : left.length
        return result.exitCode !== 0 || (count === step.snapshots && completed === left.length)
      }
      expect(failing(isSound)).toEqual([])
      const isSaid = ({ step, result }: CellResult) =>
        result.exitCode !== 0 ||
        step.snapshots === 0 ||
        step.folder === 'prune' ||
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
        cell.step.folder !== undefined ||
        createdSnapshots(cell).every(({ operationId }) => idsOf(cell).includes(operationId))
      expect(failing((cell) => isKnown(cell) || mayBeUnknown(cell))).toEqual([])
    })

    test('its name is in the outputs, even if the operation id is unknown', () => {
      const isNamed = (cell: CellResult) =>
        cell.step.folder !== undefined ||
        createdSnapshots(cell).every(({ name }) =>
          (cell.result.outputs['snapshot-names'] ?? '').includes(`"${name}"`),
        )
      expect(failing(isNamed)).toEqual([])
    })

    test('a step ends within five seconds after its time has run out', () => {
      const isInTime = (cell: CellResult) => cell.result.milliseconds < longestMs(cell) + 5000 + slackMs
      expect(failing(isInTime)).toEqual([])
    })
  })
}

function checkScenarios(found: MatrixResults): void {
  describe('whatever else happens in the account', () => {
    const titles = (isTrue: (end: ScenarioResult) => boolean) =>
      found.ends.filter((end) => !isTrue(end)).map(({ scenario }) => scenario.title)

    test('the right snapshots are left, and the right data is live', () => {
      const text = ({ exits, left, live }: End) => ({ exits, left, live })
      const expected = scenarios.map(({ title, end }) => ({ title, ...text(end) }))
      const outcomes = found.ends.map(({ scenario, ...end }) => {
        const { exits } = scenario.end
        return { title: scenario.title, ...text(end), ...(exits === undefined ? { exits } : {}) }
      })
      expect(outcomes).toEqual(expected)
    })

    test('a step that fails has exit code 1 and one error with what to do', () => {
      const isOrderly = ({ exitCode, errors, standardError }: StepEnd) =>
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

    test('the outputs name as deleted only what is gone, and as kept only what is left', () => {
      const isTrue = ({ left, steps }: ScenarioResult) =>
        steps.every(({ outputs }) => {
          const deleted: string[] = JSON.parse(outputs['deleted-snapshots'] || '[]')
          const kept: string[] = JSON.parse(outputs['kept-snapshots'] || '[]')
          return deleted.every((name) => !left.includes(name)) && kept.every((name) => left.includes(name))
        })
      expect(titles(isTrue)).toEqual([])
    })
  })
}

const document = 'docs/reliability.md'
const record = '__tests__/support/reliability-matrix.txt'

/** Returns the record of every outcome and the document that shows it, as they are and as they should be, by their paths. */
export async function recorded({
  results,
  ends,
}: MatrixResults): Promise<Readonly<Record<string, readonly [string, string]>>> {
  const [before, text] = [await readFile(record, 'utf8'), await readFile(document, 'utf8')]
  const withFaults = withBlock(text, '<!-- faults -->', faultTables(results))
  return {
    [record]: [before, everyOutcome(results, ends)],
    [document]: [text, withBlock(withFaults, '<!-- scenarios -->', scenarioTable(ends))],
  }
}

/** Returns the text with this content between its two markers. */
function withBlock(text: string, mark: string, content: string): string {
  const [before = '', , after = ''] = text.split(mark)
  return [before, `\n${content}\n`, after].join(mark)
}
