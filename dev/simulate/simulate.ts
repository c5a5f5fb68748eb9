import { createHash } from 'node:crypto'
import { devNull } from 'node:os'
import type { VirtualClock } from '../bench/virtual-clock.js'
import { decisionsOf, type Schedule } from './decisions.js'
import { eventLine } from './events.js'
import { carryOutRun, rollBackAgain } from './runs.js'
import { type RunAction, runActionHere, type StepTrace } from './step.js'
import { Troubles } from './troubles.js'
import { World } from './world.js'

/** What is left of a schedule that was carried out. */
export interface Trace {
  readonly schedule: Schedule
  readonly world: World
  readonly steps: readonly StepTrace[]
}

/** How long (ms) nothing happens before roll-backs that failed are run again. */
const quietMs = 600_000

/** What carries out a schedule: by default, this process on a virtual clock. */
interface Machinery {
  readonly clock?: VirtualClock
  readonly runAction?: RunAction
}

/** Carries out a schedule. */
export async function simulate(
  schedule: Schedule,
  { clock, runAction = runActionHere }: Machinery = {},
): Promise<Trace> {
  const world = new World(schedule, clock)
  const troubles = new Troubles(schedule)
  const steps: StepTrace[] = []
  const inGroup = queue()
  const context = {
    world,
    troubles,
    seed: schedule.seed,
    runAction,
    inGroup,
    onStep: (step: StepTrace) => void steps.push(step),
  }
  const runs = decisionsOf(schedule, 'run')
  const work = async () => {
    await Promise.all(runs.map((decision) => carryOutRun(decision, context)))
    troubles.end()
    await world.clock.sleep(quietMs)
    for (const decision of runs) await rollBackAgain(decision, steps, context)
  }
  await Promise.race([work(), stuck(world)])
  world.clock.clear()
  world.look()
  return { schedule, world, steps }
}

/** Throws when nothing happens any more. */
function stuck({ clock }: World): Promise<never> {
  return new Promise((_, reject) => {
    clock.onIdle = () => reject(new Error('A step waits for something that never happens.'))
  })
}

/** Returns what does one piece of work after the other, in the order of the calls. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next
    return next
  }
}

/** The hash of everything that happened. */
export function hashOf({ world }: Trace): string {
  const hash = createHash('sha256')
  for (const event of world.events) hash.update(`${eventLine(event)}\n`)
  return hash.digest('hex')
}

/**
 * Keeps the SDK from reading the settings of this machine, and lets it read what it reads only once. Without that, a first request
 * would wait for files while the simulated time advances.
 */
export async function prepare(environment: NodeJS.ProcessEnv): Promise<void> {
  for (const name of Object.keys(environment)) if (name.startsWith('AWS_')) delete environment[name]
  Object.assign(environment, {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  const run = {
    is: 'run',
    run: 1,
    kind: 'prune',
    startsAt: 0,
    deploys: [],
    inputs: { 'keep-last': '1' },
  } as const
  await simulate({ seed: 0, decisions: [run] })
}
