import type { RunDecision } from './decisions.js'
import { diskName } from './place.js'
import { type AttemptContext, commitOf, runStep, type StepTrace } from './step.js'

/** How long (ms) somebody waits before running a failed run again. */
const rerunAfterMs = 45_000
/** How long (ms) a deploy takes; it writes at its beginning and at its end. */
const deployMs = 20_000

/** What a run needs to know of the others. */
export interface RunContext extends Omit<AttemptContext, 'decision' | 'attempt' | 'expiresAt'> {
  /** Does the work when no other run of the concurrency group does any. */
  readonly inGroup: <T>(work: () => Promise<T>) => Promise<T>
  readonly onStep: (trace: StepTrace) => void
}

/** Carries out a run with all of its attempts. */
export async function carryOutRun(decision: RunDecision, context: RunContext): Promise<void> {
  const { world, inGroup } = context
  const attempts = Math.max(1, decision.deploys.length)
  await world.clock.sleep(decision.startsAt * 1000)
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const isAlone = decision.kind === 'deploy' || decision.kind === 'roll-back'
    const work = () => new Attempt(decision, attempt, context).toEnd()
    const isGreen = await (isAlone ? inGroup(work) : work())
    if (isGreen && decision.rerunsGreen !== true) return
    await world.clock.sleep(rerunAfterMs)
  }
}

/** The name of the steps after everything. */
export const againName = 'again'

/** Reruns the last roll-back of a run if it failed, without faults. */
export async function rollBackAgain(
  decision: RunDecision,
  steps: readonly StepTrace[],
  { inGroup: _, onStep, ...context }: RunContext,
): Promise<void> {
  const last = steps.findLast(({ identity, action }) => identity.run === decision.run && action === 'restore')
  if (last === undefined || last.outcome === 'green') return
  const { credentials, ...run } = decision
  const attempt = Math.max(1, decision.deploys.length) + 1
  const expiresAt = context.world.clock.now() + lastingMs
  const again = { ...context, decision: run, attempt, expiresAt }
  onStep(await runStep(againName, 'restore', last.inputs, again))
}

/** How long (ms) credentials last that no step outlives. */
const lastingMs = 1_000_000_000

class Attempt {
  readonly #context: RunContext
  readonly #step: AttemptContext

  constructor(decision: RunDecision, attempt: number, context: RunContext) {
    const { world, troubles, seed, runAction } = context
    const { credentials } = decision
    const lastForMs = credentials === undefined ? lastingMs : credentials.lastFor * 1000
    const expiresAt = world.clock.now() + lastForMs
    this.#context = context
    this.#step = { world, troubles, seed, runAction, decision, attempt, expiresAt }
  }

  /** Returns whether it is green. */
  async toEnd(): Promise<boolean> {
    const { kind, inputs = {} } = this.#step.decision
    const named = { 'disk-name': diskName, ...inputs }
    if (kind === 'deploy') return this.#deploy(named)
    if (kind === 'backup') return isGreen(await this.#run('backup', 'snapshot', named))
    if (kind === 'prune') return isGreen(await this.#run('prune', 'prune', named))
    return isGreen(await this.#run('roll-back', 'restore', { swap: 'true', ...named }))
  }

  async #deploy(inputs: Readonly<Record<string, string>>): Promise<boolean> {
    const taken = await this.#run('snapshot', 'snapshot', inputs)
    if (!isGreen(taken)) return false
    if (inputs['wait'] === 'false' && !isGreen(await this.#waitFor(taken))) return false
    if (await this.#site()) return true
    await this.#run('roll-back', 'restore', { 'disk-name': diskName, swap: 'true', ...this.#target(taken) })
    return false
  }

  #waitFor({ outputs }: StepTrace): Promise<StepTrace> {
    const ids = outputs['operation-ids'] ?? ''
    const isWhole = ids !== '' && !ids.includes('null')
    const inputs = isWhole ? { 'operation-id': ids } : { 'snapshot-name': outputs['snapshot-names'] ?? '' }
    return this.#run('wait', 'wait', inputs)
  }

  /** Which snapshot the roll-back is to. */
  #target({ outputs }: StepTrace): Readonly<Record<string, string>> {
    const { rollBackTo, run } = this.#step.decision
    if (rollBackTo === 'own') return { 'snapshot-name': outputs['snapshot-name'] ?? '' }
    return rollBackTo === 'commit' ? { 'commit-sha': commitOf(run) } : {}
  }

  /** The deploy itself. Returns whether it works: never if the site can't be written to. */
  async #site(): Promise<boolean> {
    const { world, decision, attempt } = this.#step
    const who = `${decision.run}.${attempt} deploy`
    const outcome = decision.deploys[attempt - 1] ?? 'good'
    const first = world.write(`${who} ${outcome}`)
    await world.clock.sleep(deployMs)
    const second = world.write(`${who} ${outcome}`)
    const works = outcome === 'good' && first !== undefined && second !== undefined
    world.note(who, `${works ? 'works' : 'fails'}, having written ${second ?? first ?? 'nothing'}`)
    return works
  }

  async #run(
    name: string,
    action: StepTrace['action'],
    inputs: Readonly<Record<string, string>>,
  ): Promise<StepTrace> {
    const trace = await runStep(name, action, inputs, this.#step)
    this.#context.onStep(trace)
    return trace
  }
}

function isGreen({ outcome }: StepTrace): boolean {
  return outcome === 'green'
}
