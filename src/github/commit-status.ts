import { textMember } from '../basics/member.js'
import { withGrace, withTimeLimit } from '../basics/signals.js'
import type { CommitStatusRequest, GitHubResponse } from './api.js'
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
  const limitMs = limitsMs[status.state]
  const untilMs = clock.monotonic() + limitMs
  return withGrace(
    signal,
    clock,
    (cancelled) =>
      withTimeLimit(limitMs, cancelled, clock, (either) => attempt(status, untilMs, either, tools)),
    limitWhenCancelledMs,
  )
}

async function attempt(
  status: Omit<CommitStatusRequest, 'signal'>,
  untilMs: number,
  signal: AbortSignal,
  { github, clock }: StatusTools,
): Promise<string | undefined> {
  for (let left = attempts - 1; ; left -= 1) {
    let problem: string | undefined
    let waitMs: number | undefined = pauseMs
    try {
      const response = await github.createCommitStatus({ ...status, signal })
      problem = problemOf(response)
      waitMs = response.retryAfterMs ?? (response.status >= 500 ? pauseMs : undefined)
    } catch (thrown) {
      const reason = signal.aborted ? 'no response in time' : textMember(thrown, 'message')
      problem = `GitHub could not be reached (${reason}).`
    }
    if (problem === undefined || signal.aborted || left === 0) return problem
    if (waitMs === undefined || clock.monotonic() + waitMs >= untilMs) return problem
    await clock.sleep(waitMs, signal).catch(() => {})
  }
}

/** What a refusal by GitHub means. */
interface Refusal {
  readonly statuses: readonly number[]
  /** What its message says; undefined if the status is enough. */
  readonly words?: RegExp
  readonly problem: string
}

// The first row that fits. GitHub uses one status for several refusals: only the message tells them apart.
const refusals: readonly Refusal[] = [
  { statuses: [401], problem: 'GitHub rejected the token: check github-token.' },
  {
    statuses: [403],
    words: /archived|allow list|SAML|SSO|suspended|blocked|disabled/i,
    problem: 'the repository or its organization does not allow it.',
  },
  {
    statuses: [403, 404],
    problem: "the token lacks permission: add `statuses: write` to the job's permissions.",
  },
  {
    statuses: [422],
    words: /maximum number of statuses/i,
    problem:
      'this commit has as many statuses of this name as GitHub allows (1,000): use another name for commit-status.',
  },
  {
    statuses: [422],
    words: /^$|no commit found/i,
    problem: 'GitHub has no such commit in this repository: check commit-sha.',
  },
]

const rateLimited =
  "GitHub's rate limit for this token is used up: run the job again later, or set fewer statuses at the same time."

/** The problem that GitHub's response stands for, with what it says itself; undefined if there is none. */
function problemOf({ status, message, isRateLimited }: GitHubResponse): string | undefined {
  if (status >= 200 && status < 300) return undefined
  const refusal = refusals.find(
    ({ statuses, words }) => statuses.includes(status) && (words === undefined || words.test(message)),
  )
  const problem = isRateLimited ? rateLimited : refusal?.problem
  const own = message === '' ? '' : `, ${message.replace(/\.$/, '')}`
  return [problem, `GitHub responded with ${status}${own}.`].filter(Boolean).join(' ')
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= longestDescription ? line : `${line.slice(0, longestDescription - 3)}...`
}
