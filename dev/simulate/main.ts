// Carries out random schedules in a simulated world, and shows each that breaks an invariant, shortened.
//   npm run simulate -- --seed 1 --schedules 1000
//   npm run simulate -- --seed 17 --keep 0,3,4   one schedule, with only these decisions
//   npm run simulate -- --seed 17 --log          every event, and the hash of all of them
import { argv, env, exitCode, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import type { Decision, Schedule } from './decisions.js'
import { drawSchedule } from './draw.js'
import { eventLine } from './events.js'
import { type Violation, violationsIn } from './invariants/all.js'
import { shrink } from './shrink.js'
import { hashOf, prepare, simulate, type Trace } from './simulate.js'
import { story, verdict } from './story.js'

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seed: { type: 'string', default: '1' },
    schedules: { type: 'string', default: '1' },
    keep: { type: 'string' },
    log: { type: 'boolean', default: false },
    most: { type: 'string', default: '1' },
  },
})

const say = (lines: readonly string[]) => stdout.write(`${lines.join('\n')}\n`)

async function failing(schedule: Schedule): Promise<{ trace: Trace; violations: readonly Violation[] }> {
  const trace = await simulate(schedule)
  return { trace, violations: violationsIn(trace) }
}

/** Shows the shortest schedule that breaks the same invariant. */
async function show(schedule: Schedule, { invariant }: Violation): Promise<void> {
  const breaks = async (decisions: readonly Decision[]) =>
    (await failing({ ...schedule, decisions })).violations.some((other) => other.invariant === invariant)
  const decisions = await shrink(schedule.decisions, breaks)
  const { trace, violations } = await failing({ ...schedule, decisions })
  const kept = schedule.decisions.flatMap((decision, index) => (decisions.includes(decision) ? [index] : []))
  say([
    '',
    ...decisions.map((decision) => `decided: ${JSON.stringify(decision)}`),
    ...story(trace),
    ...violations.flatMap(verdict),
    `Again: npm run simulate -- --seed ${schedule.seed} --keep ${kept.join(',')}`,
  ])
}

await prepare(env)
const first = Number(values.seed)
const count = Number(values.schedules)
if (values.log || values.keep !== undefined) {
  const drawn = drawSchedule(first)
  const kept = values.keep?.split(',').map(Number)
  const decisions = drawn.decisions.filter((_, index) => kept?.includes(index) ?? true)
  const { trace, violations } = await failing({ ...drawn, decisions })
  say([
    ...(values.log ? trace.world.events.map(eventLine) : story(trace)),
    ...violations.flatMap(verdict),
    `${trace.world.requests} requests, ${hashOf(trace)}`,
  ])
} else {
  const startedAt = performance.now()
  let requests = 0
  let steps = 0
  let green = 0
  let broken = 0
  for (let seed = first; seed < first + count; seed += 1) {
    const schedule = drawSchedule(seed)
    const { trace, violations } = await failing(schedule)
    requests += trace.world.requests
    steps += trace.steps.length
    green += trace.steps.filter(({ outcome }) => outcome === 'green').length
    const [violation] = violations
    if (violation === undefined) continue
    broken += 1
    await show(schedule, violation)
    if (broken >= Number(values.most)) break
  }
  const seconds = (performance.now() - startedAt) / 1000
  say([
    `${requests} requests of ${steps} steps (${green} green) in ${seconds.toFixed(1)} s, ${Math.round(requests / seconds)} a second; ${broken} schedules broke an invariant`,
  ])
  process.exitCode = broken > 0 ? 1 : exitCode
}
