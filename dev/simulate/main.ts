// Carries out random schedules in a simulated world, and shows each that breaks an invariant, shortened.
//   npm run simulate -- --seed 1 --schedules 1000
//   npm run simulate -- --seed 1 --seconds 60    as many as there is time for
//   npm run simulate -- --seed 17 --keep 0,3,4   one schedule, with only these of its decisions
//   npm run simulate -- --seed 17 --log          one schedule: every event, and the hash of all of them
import { argv, cpuUsage, env, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { drawSchedule } from './draw.js'
import { eventLine } from './events.js'
import { shortened, tryAll, tryOut } from './search.js'
import { hashOf, prepare } from './simulate.js'
import { story, verdict } from './story.js'

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seed: { type: 'string', default: '1' },
    schedules: { type: 'string', default: 'Infinity' },
    seconds: { type: 'string', default: 'Infinity' },
    keep: { type: 'string' },
    log: { type: 'boolean', default: false },
    /** After how many failing schedules to stop. */
    failures: { type: 'string', default: '1' },
  },
})

const say = (lines: readonly string[]) => stdout.write(`${lines.join('\n')}\n`)

/** Shows one schedule. Returns whether it breaks nothing. */
async function showOne(seed: number): Promise<boolean> {
  const drawn = drawSchedule(seed)
  const kept = values.keep?.split(',').map(Number)
  const decisions = drawn.decisions.filter((_, index) => kept?.includes(index) ?? true)
  const { trace, violations } = await tryOut({ ...drawn, decisions })
  say([
    ...(values.log ? trace.world.events.map(eventLine) : story(trace)),
    ...violations.flatMap(verdict),
    `${trace.world.requests} requests, ${hashOf(trace)}`,
  ])
  return violations.length === 0
}

/** Carries out many schedules. Returns whether they break nothing. */
async function search(first: number): Promise<boolean> {
  const startedAt = performance.now()
  const busyBefore = cpuUsage()
  const seconds = () => (performance.now() - startedAt) / 1000
  const sum = { schedules: 0, requests: 0, steps: 0, green: 0, failures: 0 }
  for await (const { schedule, trace, violations } of tryAll(first, Number(values.schedules))) {
    sum.schedules += 1
    sum.requests += trace.world.requests
    sum.steps += trace.steps.length
    sum.green += trace.steps.filter(({ outcome }) => outcome === 'green').length
    const [violation] = violations
    if (violation !== undefined) {
      sum.failures += 1
      const short = await shortened(schedule, violation)
      say([
        '',
        ...short.schedule.decisions.map((decision) => `decided: ${JSON.stringify(decision)}`),
        ...story(short.trace),
        ...short.violations.flatMap(verdict),
        `Again: npm run simulate -- --seed ${schedule.seed} --keep ${short.kept.join(',')}`,
      ])
    }
    if (sum.failures >= Number(values.failures) || seconds() >= Number(values.seconds)) break
  }
  const { user, system } = cpuUsage(busyBefore)
  const rate = Math.round((sum.requests * 1_000_000) / (user + system))
  say([
    `${sum.schedules} schedules with ${sum.steps} steps (${sum.green} green) and ${sum.requests} requests in ${Math.round(seconds())} s, ${rate} requests per second of processor time`,
    `${sum.failures} of them broke an invariant`,
  ])
  return sum.failures === 0
}

const isOne = values.log || values.keep !== undefined
if (isOne || values.schedules !== 'Infinity' || values.seconds !== 'Infinity') {
  await prepare(env)
  const isGood = await (isOne ? showOne : search)(Number(values.seed))
  process.exitCode = isGood ? 0 : 1
} else {
  say(['Say how many: --schedules N or --seconds N'])
  process.exitCode = 2
}
