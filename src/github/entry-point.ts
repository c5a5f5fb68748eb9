import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import type { Agents, RequestHandler } from '../basics/agents.js'
import { type Clock, systemClock } from '../basics/clock.js'
import { Failure, joined } from '../basics/failure.js'
import { textMember } from '../basics/member.js'
import { type GitHub, gitHubAt } from './api.js'
import {
  cautionLine,
  failureLog,
  failureSection,
  rehearsed,
  type SummaryState,
  withRehearsalHint,
} from './failure-report.js'
import { getInput, Outputs } from './job.js'
import { type Log, runnerLog } from './log.js'
import { proxyAgents } from './proxy.js'
import { type Environment, loadEventContext, type Run, readRun } from './run-context.js'
import { appendSummary } from './summary.js'

/** Everything that an action gets from outside. */
export interface Step {
  /** The text of an input; empty if it isn't given. */
  readonly input: (name: string) => string
  readonly environment: Environment
  readonly run: Run
  readonly log: Log
  /** Logs a warning that the job summary repeats below the step's section. */
  readonly caution: (text: string) => void
  readonly setOutput: (name: string, value: string) => void
  readonly appendSummary: (markdown: string) => Promise<void>
  readonly clock: Clock
  /** Returns a number from 0 to 1. */
  readonly random: () => number
  /** Returns a unique id. */
  readonly newId: () => string
  /** Proxy agents, if the environment names a proxy. */
  readonly agents: Agents | undefined
  /** Sends the requests to Lightsail. Default: the SDK's own handler, with the agents. */
  readonly requestHandler?: RequestHandler | undefined
  readonly github: GitHub
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
}

/** How long the process may stay alive after the action has ended, in milliseconds. */
const lingeringMs = 500

/** Runs an action as a step of a job. Whatever it throws becomes one annotation and exit code 1. */
export async function runAction(action: (step: Step) => Promise<void>): Promise<void> {
  const cancelled = new AbortController()
  // The runner sends SIGINT, SIGTERM 7.5 seconds later, and ends the process 2.5 seconds after that. On Windows it sends
  // Ctrl+C and Ctrl+Break to the console (actions/runner, src/Runner.Sdk/ProcessInvoker.cs), SIGINT and SIGBREAK in Node.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) process.on(name, () => cancelled.abort())
  // A closed output stream must not stop a step.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const outputs = new Outputs(runnerLog.info)
  const failures: Failure[] = []
  const cautions: string[] = []
  let hasSection = false
  let isRehearsal = false
  try {
    const agents = await proxyAgents(process.env)
    const run = readRun(process.env, await loadEventContext())
    isRehearsal = run.isRehearsal
    await action({
      input: (name) => getInput(name),
      environment: process.env,
      run,
      log: runnerLog,
      caution: (text) => {
        runnerLog.warning(text)
        cautions.push(text)
      },
      setOutput: outputs.set,
      appendSummary: (markdown) => {
        hasSection = true
        return appendSummary(isRehearsal ? rehearsed(markdown) : markdown)
      },
      clock: systemClock,
      random: Math.random,
      newId: randomUUID,
      agents,
      github: gitHubAt(process.env['GITHUB_API_URL'] || 'https://api.github.com', agents),
      signal: cancelled.signal,
    })
  } catch (error) {
    failures.push(asFailure(error))
  }
  const failure = joined([...failures, ...outputs.failures])
  if (failure !== undefined) {
    // The section of an action that succeeded says so.
    const state = { hasSection: hasSection && failures.length > 0, isRehearsal }
    await reportFailure(failure, runnerLog, appendSummary, state)
    process.exitCode = 1
  }
  if (cautions.length > 0) await appendSummary(cautions.map(cautionLine).join('\n\n'))
  // A pending credential source or proxy must not keep a finished step alive.
  setTimeout(() => process.exit(), lingeringMs).unref()
}

/**
 * Reports whatever was thrown, of any type: as one annotation, in the log, and in the job summary, below the section that the
 * action has written there.
 */
export async function reportFailure(
  thrown: unknown,
  log: Pick<Log, 'error' | 'info' | 'debug'>,
  addToSummary: (markdown: string) => Promise<void>,
  state: SummaryState = { hasSection: false, isRehearsal: false },
): Promise<void> {
  const reported = asFailure(thrown)
  const failure = state.isRehearsal ? withRehearsalHint(reported) : reported
  log.debug(inspect(failure))
  const { annotation, rest } = failureLog(failure)
  log.error(annotation)
  for (const line of rest) log.info(line)
  await addToSummary(failureSection(failure, state))
}

function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const message = textMember(thrown, 'message')
  const text = message === '' ? inspect(thrown) : `${textMember(thrown, 'name')}: ${message}`
  return new Failure(
    `Unexpected error: ${text}`,
    'Rerun the job with debug logging to get a stack trace. If it happens again, report it with that log.',
    { cause: thrown },
  )
}
