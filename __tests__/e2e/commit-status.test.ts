// The built actions and GitHub's API at GITHUB_API_URL: the status that a commit gets.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { runBuiltAction } from '../support/built-action.js'
import { startFilledEmulator } from '../support/emulated.js'
import { type GitHubStandIn, startGitHub } from '../support/github.js'

let emulator: Emulator
let github: GitHubStandIn
beforeEach(async () => {
  emulator = await startFilledEmulator()
  github = await startGitHub()
})
afterEach(() => Promise.all([emulator.close(), github.close()]))

const status = { 'commit-status': 'snapshot', 'github-token': 'the-token' }
const states = () => github.seen.map(({ state }) => state)
const step = (inputs: Record<string, string>, action?: string, apiUrl = `${github.url}/api/v3`) =>
  runBuiltAction(
    emulator,
    { ...status, ...inputs },
    { environment: { GITHUB_API_URL: apiUrl }, ...(action === undefined ? {} : { action }) },
  )

describe('a status on the commit', () => {
  test('goes from pending to success, and links to the run', async () => {
    const { exitCode } = await step({ 'disk-name': 'shop-data' })
    expect([exitCode, states()]).toEqual([0, ['pending', 'success']])
    expect(github.seen[1]).toMatchObject({
      path: '/api/v3/repos/octo-org/web-shop/statuses/6d2f1a0c9b8e7d6c5b4a39281706f5e4d3c2b1a0',
      authorization: 'Bearer the-token',
      context: 'snapshot',
      target_url: 'https://github.com/octo-org/web-shop/actions/runs/1658821493/attempts/1',
    })
  })

  test('is a failure if the snapshot fails', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'error', operationEnd: 'Failed' })
    expect((await step({ 'disk-name': 'shop-data' })).exitCode).toBe(1)
    expect(states()).toEqual(['pending', 'failure'])
  })

  test('is an error if time runs out before the snapshot is complete', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'stuck' })
    await step({ 'disk-name': 'shop-data', 'wait-timeout': '1s' })
    expect(states()).toEqual(['pending', 'error'])
  })

  test('stays pending with wait: false, until wait/ sets it', async () => {
    const { outputs } = await step({ 'disk-name': 'shop-data', wait: 'false' })
    expect(states()).toEqual(['pending'])
    await step({ 'operation-id': outputs['operation-id'] ?? '' }, 'wait')
    expect(states()).toEqual(['pending', 'pending', 'success'])
  })

  test('that the token may not set is a warning that names the permission, and the snapshot is good', async () => {
    github.answers.push(403, 403)
    const { exitCode, outputs, log } = await step({ 'disk-name': 'shop-data' })
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(log).toContain("add `statuses: write` to the job's permissions")
  })

  test('of which the commit has too many is a warning that says so', async () => {
    const message = 'This SHA and context has reached the maximum number of statuses.'
    const body = JSON.stringify({ message: 'Validation Failed', errors: [{ message }] })
    github.answers.push({ status: 422, body })
    const { exitCode, log } = await step({ 'disk-name': 'shop-data' })
    expect(exitCode).toBe(0)
    expect(log).toContain(
      `use another name for commit-status. GitHub responded with 422, Validation Failed: `,
    )
    expect(log).not.toContain('no such commit')
  })

  test.each([
    [403, { 'x-ratelimit-remaining': '0' }, 'API rate limit exceeded for installation ID 1.'],
    [429, {}, 'You have exceeded a secondary rate limit.'],
  ])('that meets a rate limit (%d) is a warning that says so', async (status, headers, message) => {
    github.answers.push({ status, headers, body: JSON.stringify({ message }) })
    const { exitCode, log } = await step({ 'disk-name': 'shop-data' })
    expect(exitCode).toBe(0)
    expect(log).toContain("GitHub's rate limit for this token is used up")
    expect(log).not.toContain('statuses: write')
  })

  test('is retried after the pause that GitHub asks for', async () => {
    github.answers.push({ status: 403, headers: { 'retry-after': '1' } })
    const { log } = await step({ 'disk-name': 'shop-data' })
    expect([states(), log.includes('could not be set')]).toEqual([['pending', 'pending', 'success'], false])
  })

  test("is only a warning if GitHub can't be reached, and the snapshot is good", async () => {
    const { url } = github
    await github.close()
    const { exitCode, outputs, log } = await step({ 'disk-name': 'shop-data' }, undefined, url)
    expect([exitCode, outputs['state']]).toEqual([0, 'completed'])
    expect(log).toContain('GitHub could not be reached')
  })
})
