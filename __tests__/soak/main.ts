// Runs the actions under random schedules of faults, and checks the rules of docs/reliability.md after each.
// Sleeping only advances a fake clock; requests go over HTTP. Run it with `npm run soak`.
import { parseArgs } from 'node:util'
import { Random } from '../../dev/bench/random.js'
import { faultOf } from '../../emulator/service/faults.js'
import { startEmulator } from '../../emulator/service/server.js'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import { waitForSnapshots } from '../../src/actions/wait/action.js'
import { realTimeLimit, type TimeLimit } from '../../src/basics/clock.js'
import { Failure } from '../../src/basics/failure.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import { clientEnvironment, region } from '../support/emulated.js'
import { FakeClock } from '../support/fake-clock.js'
import { exampleRun, exampleStep, type KeptStep } from '../support/step.js'
import { checks, type StepTrace, type Trace } from './rule.js'
import { makeSchedule, type Schedule } from './schedule.js'

const { values } = parseArgs({
  options: {
    /** The same seed makes the same schedules. */
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** The maximum number of schedules. */
    schedules: { type: 'string', default: '3000' },
    /** No schedule starts after this many seconds. */
    seconds: { type: 'string', default: '600' },
    /** Only the schedule with this number. */
    only: { type: 'string' },
  },
})

/** How long (real ms) a request may hang before it is abandoned, whatever its time limit. */
const hangMs = 30

/** A fake clock with short time limits for requests that hang. It cancels the step in the n-th pause. */
class SoakClock extends FakeClock {
  readonly #cancel: AbortController
  readonly #cancelledAt: number | undefined

  constructor(cancel: AbortController, cancelledAt: number | undefined) {
    super()
    this.#cancel = cancel
    this.#cancelledAt = cancelledAt
  }

  override timeLimit(): TimeLimit {
    return realTimeLimit(hangMs)
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.sleeps.length + 1 === this.#cancelledAt) this.#cancel.abort()
    await super.sleep(ms, signal)
    // Lets other pending work run.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function traceOf(recipe: (step: KeptStep) => Promise<void>, step: KeptStep): Promise<StepTrace> {
  const { outputs, log } = step
  try {
    await recipe(step)
    return { succeeded: true, outputs, log: log.lines, unexpected: undefined }
  } catch (thrown) {
    const unexpected = thrown instanceof Failure ? undefined : thrown
    return { succeeded: false, outputs, log: log.lines, unexpected }
  }
}

async function run(schedule: Schedule): Promise<Trace> {
  const cancel = new AbortController()
  const clock = new SoakClock(cancel, schedule.cancelledAt)
  const emulator = await startEmulator({ behaviour: schedule.behaviour, now: () => clock.now() })
  Object.assign(process.env, clientEnvironment(emulator))
  try {
    const account = emulator.region(region)
    account.addInstance('server', 20, clock.now())
    for (let index = 0; index < schedule.disks; index += 1) {
      account.addDisk(`disk-${index}`, 8, clock.now(), 'server')
    }
    const step = (inputs: Readonly<Record<string, string>>, runAttempt: string, signal = cancel.signal) => ({
      ...exampleStep(inputs, { run: exampleRun({ runAttempt }), signal }),
      clock,
    })
    if (schedule.takenBefore) {
      const before = { ...schedule.inputs, wait: 'false' }
      await traceOf(takeSnapshots, step(before, '1', new AbortController().signal))
    }
    for (const fault of schedule.faults) emulator.faults.add(fault)
    const taking = await traceOf(takeSnapshots, step(schedule.inputs, '2'))
    const ids = taking.outputs['operation-ids'] ?? ''
    const inputs = { ...actionMetadata.wait.inputs, 'operation-id': ids, 'wait-timeout': '10h' }
    const goesOn = schedule.thenWait && taking.succeeded && !ids.includes('null')
    const wait = goesOn ? await traceOf(waitForSnapshots, step(inputs, '2')) : undefined
    // By then every snapshot and operation has become visible.
    const later = clock.now() + 120_000
    const operations = account.allOperations(later)
    const made = account.allSnapshots(later).map(({ name, fromDiskName = '' }) => ({
      name,
      source: fromDiskName,
      state: account.snapshot(name, clock.now() + 60_000).state,
      operationId: operations.find(({ resourceName }) => resourceName === name)?.id ?? '',
    }))
    const answerLost = schedule.faults.some(
      (rule) => ['*', 'CreateDiskSnapshot'].includes(rule.operation) && faultOf(rule).works,
    )
    return { schedule, made, answerLost, step: taking, wait }
  } finally {
    await emulator.close()
  }
}

const seed = Number(values.seed)
const [first, last] =
  values.only === undefined ? [1, Number(values.schedules)] : [Number(values.only), Number(values.only)]
const startedAt = performance.now()
const seconds = () => Math.round((performance.now() - startedAt) / 1000)
process.stdout.write(`Soak: seed ${seed}, up to ${last - first + 1} schedules in ${values.seconds}s\n`)

let broken = 0
let done = 0
for (let number = first; number <= last && seconds() < Number(values.seconds); number += 1) {
  const schedule = makeSchedule(seed, number)
  // The jitter of retries and polls comes from the schedule's seed too.
  Math.random = new Random(seed + number).next
  const trace = await run(schedule)
  done += 1
  for (const [name, holds] of checks.filter(([, holds]) => !holds(trace))) {
    broken += 1
    void holds
    process.stdout.write(`\nNot so: ${name}\nAgain: npm run soak -- --seed ${seed} --only ${number}\n`)
    process.stdout.write(`${JSON.stringify(trace, undefined, 2)}\n`)
  }
}
process.stdout.write(
  `${done} schedules in ${seconds()}s, ${broken} of ${done * checks.length} checks broken\n`,
)
process.exitCode = broken > 0 || done === 0 ? 1 : 0
