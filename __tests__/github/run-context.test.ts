import { describe, expect, test } from '@jest/globals'
import { loadEventContext, readRun } from '../../src/github/run-context.js'
import { failureOf } from '../support/failure.js'

const environment = { GITHUB_REPOSITORY: 'octo-org/web-shop', GITHUB_REF_NAME: 'main' }

describe("the event's commit", () => {
  test.each([
    ['push', {}, 'from-the-runner'],
    ['workflow_dispatch', {}, 'from-the-runner'],
    ['schedule', { pull_request: { head: { sha: 'other' } } }, 'from-the-runner'],
    ['pull_request', { pull_request: { head: { sha: 'head-of-the-request' } } }, 'head-of-the-request'],
    ['pull_request_target', { pull_request: { head: { sha: 'head' } } }, 'head'],
    ['pull_request_review', { pull_request: { head: { sha: 'head' } } }, 'head'],
    ['pull_request_review_comment', { pull_request: { head: { sha: 'head' } } }, 'head'],
    ['workflow_run', { workflow_run: { head_sha: 'head-of-the-run' } }, 'head-of-the-run'],
  ])('of %s', (eventName, payload, commit) => {
    expect(readRun(environment, { eventName, payload, sha: 'from-the-runner' }).commit).toBe(commit)
  })

  const events = [
    'pull_request',
    'pull_request_target',
    'pull_request_review',
    'pull_request_review_comment',
  ] as const

  test.each(events)('of %s is the merge commit once the pull request is merged', (eventName) => {
    const commitOf = (merged: unknown) => {
      const pullRequest = { merged, merge_commit_sha: 'merge', head: { sha: 'head' } }
      return readRun(environment, { eventName, payload: { pull_request: pullRequest }, sha: 'x' }).commit
    }
    expect(commitOf(true)).toBe('merge')
    // Before that, it is GitHub's trial merge.
    expect([false, null, undefined, 'true'].map(commitOf)).toEqual(['head', 'head', 'head', 'head'])
  })

  test('of a push is the pushed commit, even if the payload has a merged pull request', () => {
    const payload = { pull_request: { merged: true, merge_commit_sha: 'merge' } }
    expect(readRun(environment, { eventName: 'push', payload, sha: 'pushed' }).commit).toBe('pushed')
  })

  test.each([
    {},
    { pull_request: null },
    { pull_request: { merged: true, head: { sha: 'head' } } },
    { pull_request: { head: 'x' } },
    { pull_request: { head: { sha: 7 } } },
  ])('is none if the payload is %j', (payload) => {
    const context = { eventName: 'pull_request', payload, sha: 'the merge commit' }
    expect(readRun(environment, context).commit).toBeUndefined()
  })
})

describe('a run', () => {
  const context = { eventName: 'push', payload: {}, sha: 'x' }

  test("has GitHub's address, even of a GitHub Enterprise Server", () => {
    expect(readRun(environment, context).serverUrl).toBe('https://github.com')
    const server = { ...environment, GITHUB_SERVER_URL: 'https://github.example.com' }
    expect(readRun(server, context).serverUrl).toBe('https://github.example.com')
  })

  test.each([
    [undefined, '1'],
    ['', '1'],
    [' ', '1'],
    ['3', '3'],
  ])('with GITHUB_RUN_ATTEMPT %j has the attempt %j', (given, attempt) => {
    expect(readRun({ ...environment, GITHUB_RUN_ATTEMPT: given }, context).runAttempt).toBe(attempt)
  })

  test.each([undefined, '', 'web-shop', 'a/b/c'])(
    'needs a repository: %j is an error',
    async (repository) => {
      const failure = await failureOf(() => readRun({ GITHUB_REPOSITORY: repository }, context))
      expect(failure.message).toContain('GITHUB_REPOSITORY')
    },
  )

  test('takes its event from @actions/github', async () => {
    const loaded = await loadEventContext()
    expect(loaded.payload).toEqual(expect.any(Object))
  })
})
