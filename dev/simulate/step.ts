import { pruneSnapshots } from '../../src/actions/prune/action.js'
import { restore } from '../../src/actions/restore/action.js'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import { waitForSnapshots } from '../../src/actions/wait/action.js'
import { Failure } from '../../src/basics/failure.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import type { Step } from '../../src/github/entry-point.js'
import { failureLog } from '../../src/github/failure-report.js'
import type { Log } from '../../src/github/log.js'
import type { RunDecision } from './decisions.js'
import { networkOf } from './network.js'
import { regionName, repository } from './place.js'
import { type SentRequest, type StepIdentity, StepProcess } from './process.js'
import type { Troubles } from './troubles.js'
import type { World } from './world.js'

/** The code of each action that works with snapshots. */
export const actions = {
  snapshot: takeSnapshots,
  wait: waitForSnapshots,
  prune: pruneSnapshots,
  restore: restore,
} as const

export type ActionName = keyof typeof actions

/** What a step did. Times are in milliseconds since the epoch, by the service's clock. */
export interface StepTrace {
  readonly label: string
  readonly identity: StepIdentity
  readonly action: ActionName
  readonly inputs: Readonly<Record<string, string>>
  readonly startedAt: number
  readonly endedAt: number
  /** `unexpected`: what was thrown is no Failure. */
  readonly outcome: 'green' | 'red' | 'killed' | 'unexpected'
  readonly cancelledAt: number | undefined
  readonly failure: Failure | undefined
  readonly outputs: Readonly<Record<string, string>>
  readonly log: readonly string[]
  readonly requests: readonly SentRequest[]
}

/** What the code of an action did. */
export type ActionEnd = Pick<StepTrace, 'outcome' | 'failure' | 'outputs' | 'log'>

/** Runs the code of an action in a step's process. */
export type RunAction = (
  process: StepProcess,
  action: ActionName,
  inputs: Readonly<Record<string, string>>,
  context: AttemptContext,
) => Promise<ActionEnd>

/** An attempt of a run, in which steps are carried out. */
export interface AttemptContext {
  readonly runAction: RunAction
  readonly world: World
  readonly troubles: Troubles
  readonly seed: number
  readonly decision: RunDecision
  readonly attempt: number
  /** When its credentials expire, on the virtual clock. */
  readonly expiresAt: number
}

/** Runs an action as a step of a run, from its inputs to its outputs. */
export async function runStep(
  name: string,
  action: ActionName,
  inputs: Readonly<Record<string, string>>,
  context: AttemptContext,
): Promise<StepTrace> {
  const { world, decision, attempt, seed, expiresAt } = context
  const identity = { run: decision.run, attempt, name }
  const process = new StepProcess(identity, world.clock, world.now() - world.clock.now(), {
    seed,
    aheadMs: (decision.clockAhead ?? 0) * 1000,
    expiresAt,
    note: (who, what) => world.note(who, what),
  })
  const startedAt = world.now()
  world.note(process.label, `begins ${inputsText(inputs)}`)
  const end = await context.runAction(process, action, inputs, context)
  const { outcome, failure, outputs } = end
  const said = failure === undefined ? '' : `: ${failure.message.split('\n')[0]}`
  world.note(process.label, `${outcome}${said}`)
  for (const [output, value] of Object.entries(outputs)) world.note(process.label, `${output}=${value}`, true)
  world.look()
  return {
    label: process.label,
    identity,
    action,
    inputs,
    startedAt,
    endedAt: world.now(),
    cancelledAt:
      process.cancelledAt === undefined ? undefined : world.now() - world.clock.now() + process.cancelledAt,
    ...end,
    requests: process.requests,
  }
}

/** Runs the code of an action here, on the world's clock. */
export const runActionHere: RunAction = async (process, action, inputs, context) => {
  const log: string[] = []
  const outputs: Record<string, string> = {}
  const ended = actions[action](stepOf(process, action, inputs, context, log, outputs)).then(
    () => ({ outcome: 'green', failure: undefined }) as const,
    (thrown: unknown) => endOf(thrown, log),
  )
  const killed = process.killed.then(() => ({ outcome: 'killed', failure: undefined }) as const)
  return { ...(await Promise.race([ended, killed])), outputs, log }
}

function endOf(
  thrown: unknown,
  log: string[],
): { readonly outcome: 'red' | 'unexpected'; readonly failure: Failure | undefined } {
  if (thrown instanceof Failure) {
    const { annotation, rest } = failureLog(thrown)
    log.push(`error: ${annotation}`, ...rest)
    return { outcome: 'red', failure: thrown }
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  log.push(`unexpected: ${text}`)
  return { outcome: 'unexpected', failure: new Failure(text, '') }
}

function inputsText(inputs: Readonly<Record<string, string>>): string {
  return Object.entries(inputs)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function stepOf(
  process: StepProcess,
  action: ActionName,
  inputs: Readonly<Record<string, string>>,
  context: AttemptContext,
  lines: string[],
  outputs: Record<string, string>,
): Step {
  const { world, troubles, decision, attempt } = context
  const given = new Map<string, string>(Object.entries({ ...actionMetadata[action].inputs, ...inputs }))
  const log = keptLog((line) => {
    lines.push(line)
    world.note(process.label, line, true)
  })
  return {
    input: (name) => given.get(name) ?? '',
    environment: awsVariables(context),
    run: runOf(decision, attempt),
    log,
    caution: log.warning,
    setOutput: (name, value) => {
      outputs[name] = value
    },
    appendSummary: async () => {},
    clock: process.clock,
    random: process.random,
    newId: world.newId,
    agents: undefined,
    requestHandler: networkOf(process, world, troubles),
    github: { createCommitStatus: () => Promise.reject(new Error('no status is expected')) },
    signal: process.signal,
  }
}

/** The variables of a step's environment from which AWS clients take their settings. */
export function awsVariables({ world, decision, expiresAt }: AttemptContext): Record<string, string> {
  const end = new Date(world.now() - world.clock.now() + expiresAt)
  return {
    AWS_REGION: regionName,
    AWS_ACCESS_KEY_ID: 'SIMULATED',
    AWS_SECRET_ACCESS_KEY: 'simulated',
    ...(decision.credentials?.known ? { AWS_CREDENTIAL_EXPIRATION: end.toISOString() } : {}),
  }
}

function keptLog(keep: (line: string) => void): Log {
  return {
    info: keep,
    group: (title, lines) => {
      for (const line of [title, ...lines]) keep(line)
    },
    notice: (text) => keep(`notice: ${text}`),
    warning: (text) => keep(`warning: ${text}`),
    error: (text) => keep(`error: ${text}`),
    debug: () => {},
    mask: () => {},
  }
}

/** The commit of a run. */
export function commitOf(run: number): string {
  return String(run).padEnd(40, 'c')
}

/** The workflow run that an attempt of a run is. */
export function runOf({ run, kind }: RunDecision, attempt: number): Step['run'] {
  return {
    repository,
    ref: 'refs/heads/main',
    refName: 'main',
    workflow: kind,
    job: kind,
    runId: String(1000 + run),
    runNumber: String(run),
    runAttempt: String(attempt),
    actor: 'octocat',
    event: 'push',
    serverUrl: 'https://github.com',
    commit: commitOf(run),
    isRehearsal: false,
    actionRepository: 'octo-org/lightsail-disk-snapshot',
    actionRef: 'v1',
  }
}
