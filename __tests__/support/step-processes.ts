import { VirtualClock } from '../../dev/bench/virtual-clock.js'
import { actionNode } from '../../dev/demo/action-node.js'
import { runStep, type StepResult } from '../../dev/demo/runner.js'
import { arrive } from '../../dev/simulate/arrival.js'
import type { StepProcess } from '../../dev/simulate/process.js'
import {
  type ActionEnd,
  type AttemptContext,
  awsVariables,
  type RunAction,
  runOf,
} from '../../dev/simulate/step.js'
import { serve } from '../../emulator/service/server.js'
import type { Reply, Service } from '../../emulator/service/service.js'
import { Failure } from '../../src/basics/failure.js'
import { clockAhead } from './wrong-clock.js'

// What carries out a schedule of the simulator with the built actions: each step in a process of its own, its requests over HTTP,
// in real time.

/** Real time, except that a pause between two steps is skipped. Steps run one at a time. */
export class StepByStepClock extends VirtualClock {
  readonly #startedAt = performance.now()
  readonly #sleepers: { readonly until: number; readonly wake: () => void }[] = []
  #skippedMs = 0
  #isBusy = false

  override now(): number {
    return Math.round(performance.now() - this.#startedAt + this.#skippedMs)
  }

  override sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ until: this.now() + ms, wake: resolve })
      this.#sleepers.sort((a, b) => a.until - b.until)
      this.#skip()
    })
  }

  /** Does the work of a step. Nobody else's pause ends meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new Error('Two steps would run at once.')
    this.#isBusy = true
    try {
      return await work()
    } finally {
      this.#isBusy = false
      this.#skip()
    }
  }

  #skip(): void {
    // By then, a step that follows has begun.
    setImmediate(() => {
      const next = this.#isBusy ? undefined : this.#sleepers.shift()
      if (next === undefined) return
      this.#skippedMs += Math.max(0, next.until - this.now())
      next.wake()
      this.#skip()
    })
  }
}

/** Returns what carries out a schedule with the built actions. */
export function stepProcesses(): { readonly clock: VirtualClock; readonly runAction: RunAction } {
  const clock = new StepByStepClock()
  return { clock, runAction: (...step) => clock.during(() => runBuilt(...step)) }
}

const runBuilt: RunAction = async (process, action, inputs, context) => {
  const { now, newId } = context.world
  const reply: Service['reply'] = (request, body) => replyTo(request, body, process, context)
  const server = await serve({ now, newId, reply })
  try {
    const result = await runStep({
      action: action === 'snapshot' ? '.' : action,
      inputs,
      environment: { ...variablesOf(context), AWS_ENDPOINT_URL_LIGHTSAIL: server.url },
      node: actionNode,
      timeoutMs: 120_000,
      onStart: (send) => {
        process.killed.then(() => send('SIGKILL'))
        process.signal.addEventListener('abort', () => send('SIGINT'))
      },
    })
    return endOf(result)
  } finally {
    await server.close()
  }
}

/** Carries out a request of the process, with what the schedule has for it, as `networkOf` does in one process. */
function replyTo(
  { method = '', url = '', headers }: Parameters<Service['reply']>[0],
  body: string,
  process: StepProcess,
  { world, troubles }: AttemptContext,
): Reply {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
  const trouble = troubles.next(process.identity.run, operation)
  if (trouble.ends.includes('killed before')) {
    process.kill(`killed before ${operation}`)
    return { type: 'hang' }
  }
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  const sent = { operation, sentAt: world.now(), method, path: url, headers: texts, body }
  const reply = arrive(sent, trouble, process, world)
  if (trouble.ends.includes('cancelled')) process.cancel(`cancelled at ${operation}`)
  if (!trouble.ends.includes('killed after')) return reply
  process.kill(`killed after ${operation}`)
  return { type: 'hang' }
}

/** The environment of a step, whose clock is the world's. */
function variablesOf(context: AttemptContext): Record<string, string> {
  const { world, decision, attempt } = context
  const run = runOf(decision, attempt)
  return {
    ...awsVariables(context),
    AWS_EC2_METADATA_DISABLED: 'true',
    ...clockAhead(world.now() - Date.now() + (decision.clockAhead ?? 0) * 1000),
    GITHUB_REPOSITORY: run.repository,
    GITHUB_REF: run.ref,
    GITHUB_REF_NAME: run.refName,
    GITHUB_WORKFLOW: run.workflow,
    GITHUB_JOB: run.job,
    GITHUB_RUN_ID: run.runId,
    GITHUB_RUN_NUMBER: run.runNumber,
    GITHUB_RUN_ATTEMPT: run.runAttempt,
    GITHUB_ACTOR: run.actor,
    GITHUB_EVENT_NAME: run.event,
    GITHUB_SHA: run.commit ?? '',
  }
}

function endOf({ exitCode, outputs, lines, annotations }: StepResult): ActionEnd {
  const error = annotations.find(({ kind }) => kind === 'error')
  const failure = error === undefined ? undefined : new Failure(error.message, '')
  return { outcome: outcomeOf(exitCode), failure, outputs, log: lines }
}

function outcomeOf(exitCode: number | null): ActionEnd['outcome'] {
  if (exitCode === null) return 'killed'
  if (exitCode === 0) return 'green'
  return exitCode === 1 ? 'red' : 'unexpected'
}
