import { textMember } from '../basics/member.js'
import { withGrace, withTimeLimit } from '../basics/signals.js'
import type { CommitStatusRequest } from './api.js'
import type { Step } from './entry-point.js'
import type { InputReader } from './inputs.js'

/** Which commit status to set, and with which token. */
export interface StatusPlan {
  readonly context: string
  readonly token: string
  readonly sha: string
}

/** Returns what `commit-status` and `github-token` ask for; undefined for no status. Problems are noted. */
export function readStatusPlan(
  inputs: InputReader,
  input: Step['input'],
  sha: string,
): StatusPlan | undefined {
  const context = inputs.text('commit-status').replace(/\s+/g, ' ')
  // Its default is an expression that only the runner can evaluate.
  const token = input('github-token').trim()
  if (context === '') return undefined
  if (token === '')
    inputs.missing('github-token', 'is empty, and commit-status needs it: leave it out, or give a token')
  return { context, token, sha }
}

/** The tools of a step that a commit status needs. */
export type StatusTools = Pick<Step, 'github' | 'run' | 'log' | 'clock' | 'signal'>

const longestDescription = 140
const attempts = 3
const pauseMs = 1000
/** How long (ms) setting a status may take, retries included: a step whose time has run out has seconds left. */
const limitsMs = { pending: 10_000, success: 10_000, failure: 10_000, error: 3000 } as const
/** How long (ms) it may take after the step is cancelled. */
const limitWhenCancelledMs = 1500

/**
 * Sets a status on the commit, with a link to the run. A problem is only a warning: the snapshot doesn't depend on GitHub.
 */
export async function setCommitStatus(
  plan: StatusPlan | undefined,
  state: CommitStatusRequest['state'],
  description: string,
  tools: StatusTools,
): Promise<void> {
  if (plan === undefined) return
  const { run, log } = tools
  if (run.isRehearsal) {
    log.info(`Rehearsal: the commit status "${plan.context}" is not set to ${state}`)
    return
  }
  const problem = await send(
    {
      ...plan,
      state,
      description: shortened(description),
      repository: run.repository,
      targetUrl: `${run.serverUrl}/${run.repository}/actions/runs/${run.runId}/attempts/${run.runAttempt}`,
    },
    tools,
  )
  if (problem === undefined) return
  log.warning(`The commit status "${plan.context}" could not be set to ${state}: ${problem}`)
}

/** Returns what went wrong and what to do; undefined if nothing did. */
async function send(
  status: Omit<CommitStatusRequest, 'signal'>,
  tools: StatusTools,
): Promise<string | undefined> {
  const { clock, signal } = tools
  return withGrace(
    signal,
    clock,
    (cancelled) =>
      withTimeLimit(limitsMs[status.state], cancelled, clock, (either) => attempt(status, either, tools)),
    limitWhenCancelledMs,
  )
}

async function attempt(
  status: Omit<CommitStatusRequest, 'signal'>,
  signal: AbortSignal,
  { github, clock }: StatusTools,
): Promise<string | undefined> {
  for (let left = attempts - 1; ; left -= 1) {
    let problem: string | undefined
    try {
      const response = await github.createCommitStatus({ ...status, signal })
      problem = problemOf(response)
      if (response < 500) return problem
    } catch (thrown) {
      const reason = signal.aborted ? 'no response in time' : textMember(thrown, 'message')
      problem = `GitHub could not be reached (${reason}).`
    }
    if (signal.aborted || left === 0) return problem
    await clock.sleep(pauseMs, signal).catch(() => {})
  }
}

/** The problem that the HTTP status of GitHub's response stands for. */
function problemOf(answer: number): string | undefined {
  if (answer >= 200 && answer < 300) return undefined
  if (answer === 401) return 'GitHub rejected the token (401): check github-token.'
  if (answer === 403 || answer === 404) {
    return `the token lacks permission (${answer}): add \`statuses: write\` to the job's permissions.`
  }
  if (answer === 422) return 'GitHub has no such commit in this repository (422): check commit-sha.'
  return `GitHub responded with ${answer}.`
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= longestDescription ? line : `${line.slice(0, longestDescription - 3)}...`
}
