// No reader or writer of text from outside takes more than linear time: a long text would hold the process, and a cancelled step
// would not even hear its signal.
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { awkward, type Handler, handlers, longText, mostAwkward, timeOf } from '../dev/bench/long-texts.js'
import { readInputs as readPruneInputs } from '../src/actions/prune/inputs.js'
import { readInputs as readRestoreInputs } from '../src/actions/restore/inputs.js'
import { planSnapshots } from '../src/actions/snapshot/inputs.js'
import { readInputs as readWaitInputs } from '../src/actions/wait/inputs.js'
import { Failure } from '../src/basics/failure.js'
import { actionMetadata } from '../src/github/action-metadata.js'
import { runnerLog } from '../src/github/log.js'
import { exampleStep } from './support/step.js'

/**
 * How many times as long as one pass over the text a handler may take. The slowest takes 30 times as long; a quadratic pattern takes
 * 700 times as long already for 100 kB.
 */
const bound = 100

let msPerCharacter: number
beforeAll(async () => {
  const text = 'a'.repeat(100_000)
  const onePass = () => text.replace(/./g, (character) => character)
  msPerCharacter = (await timeOf(onePass, 10)) / text.length
})

/** How many times as long as one pass over the text, with a call for each character, the handler takes. */
async function passes(handle: Handler, text: string): Promise<number> {
  const passMs = text.length * msPerCharacter
  let least = Number.POSITIVE_INFINITY
  // The time of the processor isn't that of this handler alone: the garbage collector takes some.
  for (let attempt = 0; attempt < 3 && least > bound; attempt += 1) {
    // More than that is no accident.
    if (attempt > 0 && least > 3 * bound) break
    least = Math.min(least, (await timeOf(() => handle(text), 1)) / passMs)
  }
  return least
}

/** The first of the units of which a text of this length takes too long. */
async function slowUnit(
  handle: Handler,
  units: readonly string[],
  length: number,
  ends?: readonly [string, string],
): Promise<string | undefined> {
  for (const unit of units) {
    if ((await passes(handle, longText(unit, length, ends))) > bound) return unit
  }
  return undefined
}

// The runner's log writes to standard output.
beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true)
  process.env['RUNNER_DEBUG'] = '1'
})
afterEach(() => {
  jest.restoreAllMocks()
  delete process.env['RUNNER_DEBUG']
})

const readers = {
  snapshot: planSnapshots,
  wait: readWaitInputs,
  prune: readPruneInputs,
  restore: readRestoreInputs,
} as const

/** Reads the inputs of an action, each of which is the text. */
function inputsOf(action: keyof typeof readers): Handler {
  return (text) => {
    const inputs = Object.keys(actionMetadata[action].inputs).map((name) => [name, text] as const)
    const step = exampleStep(Object.fromEntries(inputs), { environment: { AWS_REGION: text } })
    expect(() => readers[action](step)).toThrow(Failure)
  }
}

const logs: readonly (readonly [string, Handler])[] = [
  ['a line of the log', runnerLog.info],
  ['a group', (text) => runnerLog.group(text, [text])],
  ['an annotation', runnerLog.error],
  ['debug lines', runnerLog.debug],
]

const all: readonly (readonly [string, Handler])[] = [
  ...handlers,
  ...logs,
  ...(['snapshot', 'wait', 'prune', 'restore'] as const).map(
    (name) => [`inputs: ${name}`, inputsOf(name)] as const,
  ),
]

describe.each(all)('a long text takes linear time: %s', (_, handle) => {
  test('100 kB of each awkward character between others', async () => {
    expect(await slowUnit(handle, awkward, 100_000)).toBeUndefined()
  })

  test('1 MB', async () => {
    expect(await slowUnit(handle, mostAwkward, 1_000_000)).toBeUndefined()
  })

  test('a mixture', async () => {
    const unit = fc
      .array(fc.constantFrom(...awkward), { minLength: 1, maxLength: 4 })
      .map((all) => all.join(''))
    await fc.assert(
      fc.asyncProperty(unit, unit, unit, async (start, middle, end) => {
        expect(await slowUnit(handle, [middle], 20_000, [start, end])).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })
})

test.each([
  ['a run before words', /\s*Deserialization error/, ' ', ['a', 'b']],
  ['a run at the end', /\.+$/, '.', ['a', 'b']],
  ['two runs in a row', /^\s*%?\s*$/, ' ', ['', 'b']],
  ['a text in two parts', /^(?:- .*|[^=]*: [^=]*)$/, ': ', ['', '=']],
] as const)('a pattern that is quadratic is found: %s', async (_, pattern, unit, ends) => {
  expect(await slowUnit((text) => pattern.test(text), [unit], 30_000, ends)).toBe(unit)
})
