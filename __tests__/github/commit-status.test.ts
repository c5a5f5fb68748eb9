import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import { waitForSnapshots } from '../../src/actions/wait/action.js'
import { realTimeLimit } from '../../src/basics/clock.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import { startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { clientOf, type GitHubStandIn, startGitHub } from '../support/github.js'
import { call } from '../support/raw-client.js'
import { exampleRun, exampleSha, exampleStep } from '../support/step.js'
import { useEmulator } from '../support/use-emulator.js'

let emulator: Emulator
let github: GitHubStandIn

useEmulator(async () => {
  emulator = await startFilledEmulator()
  return emulator
})
beforeEach(async () => {
  github = await startGitHub()
})
afterEach(() => github.close())

function step(inputs: Record<string, string> = {}, changes: Parameters<typeof exampleStep>[1] = {}) {
  const all = {
    'disk-name': 'shop-data',
    'commit-status': 'snapshot',
    'github-token': 'the-token',
    ...inputs,
  }
  return { ...exampleStep(all, changes), github: clientOf(github) }
}

const states = () => github.seen.map(({ state }) => state)

describe('a status on the commit', () => {
  test('is pending when the snapshot starts, then success, with a link to the run', async () => {
    await takeSnapshots(step())
    expect(github.seen).toEqual([
      {
        path: `/api/v3/repos/octo-org/web-shop/statuses/${exampleSha}`,
        authorization: 'Bearer the-token',
        state: 'pending',
        context: 'snapshot',
        description: 'Taking 1 snapshot',
        target_url: 'https://github.com/octo-org/web-shop/actions/runs/1658821493/attempts/1',
      },
      expect.objectContaining({
        state: 'success',
        description: 'Snapshot "shop-data-0123456-1658821493-1" is complete: 32 GB in 1s',
      }),
    ])
  })

  test('is not set unless requested, nor in a dry run', async () => {
    await takeSnapshots(step({ 'commit-status': '' }))
    await takeSnapshots(step({ 'dry-run': 'true' }))
    expect(github.seen).toEqual([])
  })

  test('is a failure if the snapshot failed, in at most 140 characters', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'error', operationEnd: 'Failed' })
    await failureOf(() => takeSnapshots(step({ 'snapshot-name': `long-${'x'.repeat(200)}` })))
    expect(states()).toEqual(['pending', 'failure'])
    expect(github.seen[1]?.description).toMatch(/^Snapshot "long-x+\.\.\.$/)
    expect(github.seen[1]?.description).toHaveLength(140)
  })

  test('is a failure if the snapshot could not be taken', async () => {
    await failureOf(() => takeSnapshots(step({ 'disk-name': 'nothing' })))
    expect(states()).toEqual(['pending', 'failure'])
  })

  test.each([
    ['a disk', { 'disk-name': 'shop-data, nothing' }],
    ['an instance', { 'disk-name': '', 'instance-name': 'nothing', 'attached-disks': 'true' }],
  ])(
    "is a failure if %s doesn't exist: one from an earlier attempt must not stay green",
    async (_, inputs) => {
      await failureOf(() => takeSnapshots(step(inputs)))
      expect(states()).toEqual(['pending', 'failure'])
      expect(github.seen[1]?.description).toContain('"nothing"')
      expect(emulator.requests.map(({ operation }) => operation)).not.toContain('CreateDiskSnapshot')
    },
  )

  test('is an error if the result is unknown, after a timeout or a cancellation', async () => {
    Object.assign(emulator.behaviour, { snapshotEnd: 'stuck' })
    await failureOf(() => takeSnapshots(step({ 'wait-timeout': '1m' })))
    const cancelled = step({ 'snapshot-name': 'other' }, { signal: AbortSignal.abort() })
    await failureOf(() => takeSnapshots(cancelled))
    expect(states()).toEqual(['pending', 'error', 'pending', 'error'])
  })

  test('stays pending without a wait, until wait/ sets it', async () => {
    const starting = step({ wait: 'false' })
    await takeSnapshots(starting)
    expect(states()).toEqual(['pending'])
    const inputs = { ...actionMetadata.wait.inputs, 'operation-id': starting.outputs['operation-id'] ?? '' }
    const waiting = step(inputs)
    await waitForSnapshots({
      ...waiting,
      input: (name) => (name === 'commit-status' ? 'snapshot' : waiting.input(name)),
    })
    expect(states()).toEqual(['pending', 'pending', 'success'])
  })

  test.each([
    [401, 'check github-token'],
    [403, "add `statuses: write` to the job's permissions"],
    [404, "add `statuses: write` to the job's permissions"],
    [422, 'check commit-sha'],
    [418, 'GitHub responded with 418'],
  ])('that GitHub refuses with %d is a warning, and the result stands', async (answer, words) => {
    github.answers.push(answer, answer)
    const refused = step()
    await takeSnapshots(refused)
    expect(refused.outputs['state']).toBe('completed')
    const warnings = refused.log.lines.filter((line) => line.startsWith('warning: '))
    expect(warnings[0]).toContain(`The commit status "snapshot" could not be set to pending: `)
    expect(warnings[0]).toContain(words)
    expect(github.seen).toHaveLength(2)
  })

  const tooMany = {
    message: 'Validation Failed',
    errors: [{ message: 'This SHA and context has reached the maximum number of statuses.' }],
  }
  const usedUp = { message: 'API rate limit exceeded for installation ID 1.' }
  const secondary = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' }

  test.each([
    [
      422,
      tooMany,
      {},
      'use another name for commit-status. GitHub responded with 422, Validation Failed: This',
    ],
    [
      422,
      { message: 'No commit found for SHA: 0123' },
      {},
      'check commit-sha. GitHub responded with 422, No',
    ],
    [
      422,
      { message: 'Validation Failed: target_url' },
      {},
      'GitHub responded with 422, Validation Failed: t',
    ],
    [403, { message: 'Resource not accessible by integration' }, {}, 'add `statuses: write`'],
    [404, { message: 'Not Found' }, {}, 'add `statuses: write`'],
    [403, usedUp, { 'x-ratelimit-remaining': '0' }, "GitHub's rate limit for this token is used up"],
    [403, secondary, {}, "GitHub's rate limit for this token is used up"],
    [403, {}, { 'retry-after': '60' }, "GitHub's rate limit for this token is used up"],
    [429, {}, {}, "GitHub's rate limit for this token is used up"],
    [403, { message: 'Repository was archived so is read-only.' }, {}, 'organization does not allow it'],
    [403, { message: 'the organization has an IP allow list enabled' }, {}, 'organization does not allow it'],
  ])(
    "that GitHub refuses with %d and %j is explained with GitHub's message",
    async (status, body, headers, words) => {
      const answer = { status, headers, body: JSON.stringify(body) }
      github.answers.push(answer, answer)
      const refused = step()
      await takeSnapshots(refused)
      const [warning = ''] = refused.log.lines.filter((line) => line.startsWith('warning: '))
      expect(warning).toContain(words)
      expect(warning.includes('statuses: write')).toBe(words.includes('statuses: write'))
      expect(warning.includes('no such commit')).toBe(words.includes('check commit-sha'))
    },
  )

  test('that is refused with an endless page is a warning that names the status code', async () => {
    github.answers.push({ status: 418, body: `<html>${' '.repeat(500_000)}` })
    const refused = step()
    await takeSnapshots(refused)
    expect(refused.log.lines.join('\n')).toContain('to pending: GitHub responded with 418.')
  })

  test('is set again after the time that GitHub asks for, if that is soon enough', async () => {
    const limited = (seconds: string) => ({ status: 429, headers: { 'retry-after': seconds } })
    github.answers.push(limited('7'), limited('2'))
    const retried = step()
    const startedAt = retried.clock.monotonic()
    await takeSnapshots(retried)
    expect(states()).toEqual(['pending', 'pending', 'pending', 'success'])
    expect(retried.clock.monotonic() - startedAt).toBeGreaterThanOrEqual(9000)
    expect(retried.log.lines.join()).not.toContain('warning')
  })

  test('is not set again if GitHub asks for more time than there is', async () => {
    github.answers.push({ status: 403, headers: { 'retry-after': '60' } })
    await takeSnapshots(step())
    expect(states()).toEqual(['pending', 'success'])
  })

  test('is retried if GitHub fails', async () => {
    github.answers.push(502, 503)
    const retried = step()
    await takeSnapshots(retried)
    expect(states()).toEqual(['pending', 'pending', 'pending', 'success'])
    expect(retried.log.lines.join()).not.toContain('warning')
  })

  test("is abandoned if GitHub can't be reached or never responds", async () => {
    github.answers.push(0, 0)
    const silent = step()
    silent.clock.timeLimit = () => realTimeLimit(200)
    await takeSnapshots(silent)
    expect(silent.log.lines.join('\n')).toContain('GitHub could not be reached (no response in time).')
    await github.close()
    const unreachable = step({ 'snapshot-name': 'other' })
    await takeSnapshots(unreachable)
    expect(unreachable.log.lines.join('\n')).toMatch(/GitHub could not be reached \(.*ECONNREFUSED/)
    github = await startGitHub()
  })

  test("doesn't hold up a step that is cancelled while GitHub is silent, and then nothing is started", async () => {
    github.answers.push(0, 0)
    const cancelled = new AbortController()
    const held = step({}, { signal: cancelled.signal })
    const startedAt = performance.now()
    setTimeout(() => cancelled.abort(), 50)
    const failure = await failureOf(() => takeSnapshots(held))
    expect(failure.message).toContain('was cancelled before snapshot')
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(emulator.requests).toEqual([])
  })

  test('is success at once for an adopted snapshot that is complete, even with wait: false', async () => {
    await takeSnapshots(step({ 'commit-status': '', 'snapshot-name': 'shared' }))
    const again = { run: exampleRun({ runAttempt: '2' }) }
    const adopting = step({ 'snapshot-name': 'shared', wait: 'false' }, again)
    await takeSnapshots(adopting)
    expect(github.seen.at(-1)).toMatchObject({
      state: 'success',
      description: expect.stringContaining('Snapshot "shared" is complete: 32 GB'),
    })
  })

  test("is an error if wait/ gets an operation that doesn't exist, or one that deletes", async () => {
    const taking = step({ 'commit-status': '' })
    await takeSnapshots(taking)
    const { body } = await call(emulator, 'DeleteDiskSnapshot', {
      diskSnapshotName: taking.outputs['snapshot-name'],
    })
    for (const id of ['nothing', body.operations?.[0]?.id ?? '']) {
      const waiting = step({
        ...actionMetadata.wait.inputs,
        'commit-status': 'snapshot',
        'operation-id': id,
        'github-token': 'x',
      })
      const { message } = await failureOf(() => waitForSnapshots(waiting))
      expect(message).toMatch(
        /There is no operation nothing|a DeleteDiskSnapshot of snapshot .* creates no snapshot/,
      )
      expect(github.seen.at(-1)).toMatchObject({
        state: 'error',
        description: message.length > 140 ? `${message.slice(0, 137)}...` : message,
      })
    }
    expect(states()).toEqual(['pending', 'error', 'pending', 'error'])
  })

  test('needs a token', async () => {
    const failure = await failureOf(() => takeSnapshots(step({ 'github-token': '' })))
    expect(failure.message).toContain('github-token: is empty, and commit-status needs it')
  })
})
