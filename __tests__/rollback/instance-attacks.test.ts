// Roll-backs of a whole instance that are killed, cancelled, or met by faults and by other people, at each of their requests.
import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { FaultName } from '../../emulator/service/faults.js'
import { restore } from '../../src/actions/restore/action.js'
import { Failure } from '../../src/basics/failure.js'
import { abortError } from '../support/without-network.js'
import { type Interference, type StepChanges, useWordpress } from '../support/wordpress-steps.js'

const wordpress = useWordpress()
const { site, states, holder, roll } = wordpress
const second = { run: { runAttempt: '2' } }
const otherRun = { run: { runId: '7' } }

const running = () => Object.values(states()).filter((state) => state === 'running').length
const instances = () => Object.keys(states()).length

/** Calls `at` with the number of each request. What it returns replaces the handling of the request. */
function each(
  at: (
    number: number,
    handle: () => ReturnType<ReturnType<Interference>['handle']>,
  ) => ReturnType<ReturnType<Interference>['handle']>,
): Interference {
  let number = 0
  return ({ handle }) => ({
    handle: (request, options) => {
      number += 1
      return at(number, async () => handle(request, options))
    },
  })
}

/** How many requests a roll-back sends that nothing disturbs. */
async function requestsOfRoll(behaviour: Partial<Behaviour>): Promise<string[]> {
  Object.assign(wordpress.emulator.behaviour, behaviour)
  await roll()
  return wordpress.emulator.requests.map(({ operation }) => operation)
}

/** Starts anew, and kills a roll-back at this request, before or after the service has carried it out. */
async function killAt(at: number, moment: 'before' | 'after', behaviour: Partial<Behaviour>): Promise<void> {
  wordpress.anew()
  Object.assign(wordpress.emulator.behaviour, behaviour)
  await new Promise<void>((resolve, reject) => {
    const interfere = each(async (number, handle) => {
      if (number < at) return handle()
      if (number === at && moment === 'after') await handle()
      resolve()
      return new Promise(() => {})
    })
    const step = wordpress.step({}, { interfere })
    const never = { signal: new AbortController().signal, lift: () => {} }
    const { clock } = wordpress
    const own = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
      timeLimit: () => never,
    }
    restore({ ...step, clock: own }).then(resolve, reject)
  })
  wordpress.clock.elapsed += 90_000
}

const behaviours: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['as usual', {}],
  ['with tags and instances that are visible late', { tagsLateMs: 20_000, invisibleMs: 20_000 }],
  [
    'with an address that has to be detached first, and changes slowly',
    { movesStaticIps: false, staticIpDurationMs: 5000 },
  ],
]

const moments = ['before', 'after'] as const

/** Does the work after a roll-back was killed at each of its requests in turn. */
async function afterEachKill(
  moment: 'before' | 'after',
  behaviour: Partial<Behaviour>,
  work: (context: string) => Promise<void>,
): Promise<void> {
  const operations = await requestsOfRoll(behaviour)
  const problems: string[] = []
  for (const [index, operation] of operations.entries()) {
    // Killed at a read, or before a change, it leaves the same as killed after the change before it.
    if (operation.startsWith('Get')) continue
    await killAt(index + 1, moment, behaviour)
    const context = `${moment} request ${index + 1}, ${operation}`
    try {
      await work(context)
    } catch (error) {
      problems.push(
        `${context}: ${JSON.stringify(states())} ${holder()} ${error instanceof Error ? error.message : error}`,
      )
    }
  }
  expect(problems.join('\n\n')).toEqual('')
}

describe.each(behaviours)('after a kill at each request, %s,', (_, behaviour) => {
  test.each(['after'] as const)(
    '%s it, the next deploy captures the instance that has the static IP',
    async (moment) => {
      await afterEachKill(moment, behaviour, async (context) => {
        const { outputs } = await wordpress.deploy({}, otherRun)
        const [{ sourceName }] = JSON.parse(outputs['snapshots'] ?? '')
        expect([context, sourceName]).toEqual([context, holder() ?? 'wordpress'])
      })
    },
  )

  test.each(['after'] as const)('%s it, the next attempt rolls back', async (moment) => {
    await afterEachKill(moment, behaviour, async (context) => {
      const [wasMoved, before] = [holder() !== 'wordpress' && holder() !== undefined, instances()]
      await roll({}, second)
      expect([context, site(), running()]).toEqual([context, 'new', 1])
      const needed = wasMoved ? 3 : 2
      expect([context, instances()]).toEqual([context, Math.max(before, needed)])
    })
  })

  test.each(['after'] as const)('%s it, another run rolls back to another snapshot', async (moment) => {
    await afterEachKill(moment, behaviour, async (context) => {
      await roll({ 'snapshot-name': 'old' }, otherRun)
      expect([context, site()]).toEqual([context, 'old'])
      const { outputs } = await wordpress.deploy({}, otherRun)
      const [{ sourceName }] = JSON.parse(outputs['snapshots'] ?? '')
      expect([context, sourceName]).toEqual([context, holder()])
    })
  })
})

/** The end of a step: its failure, or undefined for a green one. */
async function endOf(work: () => Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

/** What is wrong with the site after a step, by what the step says. */
function lie(failure: Failure | undefined): string | undefined {
  const now = site()
  if (failure === undefined)
    return now === 'new' && running() === 1 ? undefined : `green, but ${now}, ${JSON.stringify(states())}`
  const isDown = !['broken', 'new'].includes(now)
  const first = failure.message.split('\n')[0] ?? ''
  if (isDown)
    return /^The site (?:is|may be) down/.test(first) ? undefined : `${now}, but: ${failure.message}`
  if (/^The site is down/.test(first)) return `${now}, but: ${first}`
  if (now === 'new' && !/^The site (?:is rolled back|may be down)/.test(first))
    return `${now}, but: ${failure.message}`
  return undefined
}

/** Rolls back in an account that starts anew, then again without the disturbance. Returns what is wrong after each. */
async function disturbed(
  behaviour: Partial<Behaviour>,
  disturb: () => StepChanges,
  again = second,
): Promise<string[]> {
  wordpress.anew()
  Object.assign(wordpress.emulator.behaviour, behaviour)
  const failure = await endOf(() => roll({ 'wait-timeout': '30m' }, disturb()))
  const wrongAtOnce = lie(failure)
  // What was requested may still take effect; a site that is said to be down may come back by that.
  wordpress.clock.elapsed += 10_000
  const wrong = failure?.message.startsWith('The site is down') ? wrongAtOnce : lie(failure)
  wordpress.emulator.faults.clear()
  wordpress.clock.elapsed += 120_000
  const rerun = lie(await endOf(() => roll({}, again)))
  return [wrong, rerun && `rerun: ${rerun}`].filter((text) => text !== undefined)
}

describe.each(behaviours.filter((_, at) => at !== 1))('a roll-back, %s,', (_, behaviour) => {
  test.each(moments)(
    'that is cancelled at each request, %s it, tells the truth about the site',
    async (moment) => {
      const problems: string[] = []
      for (const [index, operation] of (await requestsOfRoll(behaviour)).entries()) {
        if (isHarmless(operation)) continue
        const controller = new AbortController()
        const interfere = each(async (number, handle) => {
          if (number !== index + 1) return handle()
          if (moment === 'after') await handle()
          controller.abort()
          throw abortError()
        })
        const found = await disturbed(behaviour, () => ({ interfere, signal: controller.signal }))
        problems.push(...found.map((text) => `${index + 1}, ${operation}: ${text}`))
      }
      expect(problems.join('\n\n')).toBe('')
    },
  )

  const faults: readonly FaultName[] = ['access-denied', 'internal-error-after']
  test.each(
    faults.flatMap((fault) => (['once', 'from then on'] as const).map((often) => [fault, often] as const)),
  )('that meets %s at each request, %s, tells the truth about the site', async (fault, often) => {
    const problems: string[] = []
    const operations = await requestsOfRoll(behaviour)
    for (const [index, operation] of operations.entries()) {
      if (isHarmless(operation)) continue
      const first = operations.slice(0, index + 1).filter((other) => other === operation).length
      const more = Array.from({ length: often === 'once' ? 1 : 2000 }, (_, at) => first + at)
      const found = await disturbed(behaviour, () => {
        wordpress.faultAt(operation, fault, more)
        return {}
      })
      problems.push(...found.map((text) => `${operation} ${first}: ${text}`))
    }
    expect(problems.join('\n\n')).toBe('')
  })
})

/** Whether it is a read other than that of the static IP, which nothing depends on once it has begun to move. */
function isHarmless(operation: string): boolean {
  return operation.startsWith('Get') && operation !== 'GetStaticIp'
}
