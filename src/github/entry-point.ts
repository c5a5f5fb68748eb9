import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { getInput, setOutput } from '@actions/core'
import type { Agents } from '../basics/agents.js'
import { type Clock, systemClock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { textMember } from '../basics/member.js'
import { type GitHub, gitHubAt } from './api.js'
import { failurePage, type PageState, rehearsed } from './failure-summary.js'
import { type Log, runnerLog } from './log.js'
import { proxyAgents } from './proxy.js'
import { type Environment, loadEventContext, type Run, readRun } from './run-context.js'
import { appendSummary } from './summary.js'

/** Everything that a recipe gets from outside. */
export interface Step {
  /** The text of an input; empty where it isn't given. */
  readonly input: (name: string) => string
  readonly environment: Environment
  readonly run: Run
  readonly log: Log
  readonly setOutput: (name: string, value: string) => void
  readonly appendSummary: (markdown: string) => Promise<void>
  readonly clock: Clock
  /** Returns an id that nothing else has. */
  readonly newId: () => string
  /** What leads requests through the proxy that the environment names; undefined where it names none. */
  readonly agents: Agents | undefined
  readonly github: GitHub
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
}

/** How long the process may live on after the recipe's end, in milliseconds. */
const lingeringMs = 500

/** Runs one action's recipe as a step of a job. Whatever it throws becomes one annotation and exit code 1. */
export async function openDoor(recipe: (step: Step) => Promise<void>): Promise<void> {
  const cancelled = new AbortController()
  // The runner sends SIGINT, SIGTERM 7.5 seconds later, and ends the process 2.5 seconds after that. On Windows it sends
  // Ctrl+C and Ctrl+Break to the console (actions/runner, src/Runner.Sdk/ProcessInvoker.cs), SIGINT and SIGBREAK in Node.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) process.on(name, () => cancelled.abort())
  let hasSection = false
  let isRehearsal = false
  try {
    const agents = await proxyAgents(process.env)
    const run = readRun(process.env, await loadEventContext())
    isRehearsal = run.isRehearsal
    await recipe({
      input: (name) => getInput(name),
      environment: process.env,
      run,
      log: runnerLog,
      setOutput,
      appendSummary: (markdown) => {
        hasSection = true
        return appendSummary(isRehearsal ? rehearsed(markdown) : markdown)
      },
      clock: systemClock,
      newId: randomUUID,
      agents,
      github: gitHubAt(process.env['GITHUB_API_URL'] || 'https://api.github.com', agents),
      signal: cancelled.signal,
    })
  } catch (error) {
    await reportFailure(error, runnerLog, appendSummary, { hasSection, isRehearsal })
    process.exitCode = 1
  }
  // What still hangs (a source of credentials, a proxy) must not keep a step that is over.
  setTimeout(() => process.exit(), lingeringMs).unref()
}

/**
 * Tells a person about whatever was thrown, of any type: in the log, and with the next step in the job summary. Where the
 * recipe has written its section there, with the result above it, this goes on with it.
 */
export async function reportFailure(
  thrown: unknown,
  log: Pick<Log, 'error' | 'debug'>,
  addToSummary: (markdown: string) => Promise<void>,
  page: PageState = { hasSection: false, isRehearsal: false },
): Promise<void> {
  const failure = asFailure(thrown)
  log.debug(inspect(failure))
  log.error(`${failure.message}\n${failure.advice}`)
  await addToSummary(failurePage(failure, page))
}

function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const message = textMember(thrown, 'message')
  const words = message === '' ? inspect(thrown) : `${textMember(thrown, 'name')}: ${message}`
  return new Failure(
    `An unexpected error ended this step: ${words}`,
    'Run the job again with debug logging for a stack trace; if it comes back, report it with that log.',
    { cause: thrown },
  )
}
