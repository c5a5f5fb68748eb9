import { Failure } from '../basics/failure.js'
import { member } from '../basics/member.js'

/** The workflow run that a step is part of. */
export interface Run {
  /** `owner/name`. */
  readonly repository: string
  /** The full ref, such as `refs/heads/main`. */
  readonly ref: string
  readonly refName: string
  readonly workflow: string
  readonly job: string
  readonly runId: string
  readonly runNumber: string
  readonly runAttempt: string
  readonly actor: string
  readonly event: string
  /** GitHub's address, such as `https://github.com`. */
  readonly serverUrl: string
  /** The event's commit; undefined if the event names none. */
  readonly commit: string | undefined
  /** Whether the job talks to the emulator that emulator/ started. Then nothing it does happens in AWS. */
  readonly isRehearsal: boolean
  /** The repository of this action, and its ref; empty if the runner names none. */
  readonly actionRepository: string
  readonly actionRef: string
}

/** The part of the context of `@actions/github` that is used here. */
export interface EventContext {
  readonly eventName: string
  readonly payload: object
  readonly sha: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns the event's context, from `@actions/github`. That reads the event's file when it is loaded, hence the late import;
 * the bundle leaves out its Octokit, which costs more than everything else at start-up.
 */
export async function loadEventContext(): Promise<EventContext> {
  try {
    const { context } = await import(/* webpackMode: "eager" */ '@actions/github')
    return context
  } catch (cause) {
    throw new Failure(
      "The event of this workflow run can't be read (GITHUB_EVENT_PATH).",
      'Run this action in a GitHub Actions job. If it is one, its runner wrote an invalid event file.',
      { cause },
    )
  }
}

/** Set by emulator/ for the steps of a rehearsal. */
export const rehearsalVariable = 'LIGHTSAIL_REHEARSAL'

/** Returns the run that the environment and the event describe. Throws a Failure outside a GitHub Actions job. */
export function readRun(environment: Environment, context: EventContext): Run {
  const text = (name: string) => environment[name] ?? ''
  const repository = text('GITHUB_REPOSITORY')
  if (!/^[^/]+\/[^/]+$/.test(repository)) {
    throw new Failure(
      'GITHUB_REPOSITORY is not set to owner/name.',
      'Run this action in a GitHub Actions job: it tags what it creates with the repository.',
    )
  }
  return {
    repository,
    ref: text('GITHUB_REF'),
    refName: text('GITHUB_REF_NAME'),
    workflow: text('GITHUB_WORKFLOW'),
    job: text('GITHUB_JOB'),
    runId: text('GITHUB_RUN_ID'),
    runNumber: text('GITHUB_RUN_NUMBER'),
    // A runner that isn't GitHub's own may leave it out.
    runAttempt: text('GITHUB_RUN_ATTEMPT').trim() || '1',
    actor: text('GITHUB_ACTOR'),
    event: text('GITHUB_EVENT_NAME'),
    serverUrl: text('GITHUB_SERVER_URL') || 'https://github.com',
    commit: eventCommit(context),
    isRehearsal: text(rehearsalVariable) === 'true' && text('AWS_ENDPOINT_URL_LIGHTSAIL') !== '',
    actionRepository: text('GITHUB_ACTION_REPOSITORY'),
    actionRef: text('GITHUB_ACTION_REF'),
  }
}

// The path in an event's payload to the commit that it is about. For every other event GITHUB_SHA is that commit.
const pullRequestHead = ['pull_request', 'head', 'sha'] as const
const commitPaths: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['pull_request', pullRequestHead],
  ['pull_request_target', pullRequestHead],
  ['pull_request_review', pullRequestHead],
  ['pull_request_review_comment', pullRequestHead],
  ['workflow_run', ['workflow_run', 'head_sha']],
])

function eventCommit({ eventName, payload, sha }: EventContext): string | undefined {
  const usual = commitPaths.get(eventName)
  const isMerged = usual === pullRequestHead && member(member(payload, 'pull_request'), 'merged') === true
  const path = isMerged ? ['pull_request', 'merge_commit_sha'] : usual
  const found = path === undefined ? sha : path.reduce<unknown>(member, payload)
  return typeof found === 'string' && found !== '' ? found : undefined
}
