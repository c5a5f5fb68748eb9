import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { outputsOf } from '../../dev/demo/runner-rules.js'
import { exportVariable, Outputs, saveState } from '../../src/github/job.js'
import { failureOf } from '../support/failure.js'

let folder: string
let file: string
let said: string[]
let outputs: Outputs
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'job-'))
  file = join(folder, 'output')
  await writeFile(file, '')
  process.env['GITHUB_OUTPUT'] = file
  said = []
  outputs = new Outputs((line) => said.push(line))
})
afterEach(async () => {
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STATE']) delete process.env[name]
  await rm(folder, { recursive: true })
})

const cannot = 'The outputs of this step could not be written to the file in GITHUB_OUTPUT: '

describe('outputs', () => {
  test('are in their file, and there is no failure', async () => {
    outputs.set('state', 'pending')
    outputs.set('state', 'completed')
    expect(outputsOf(await readFile(file, 'utf8'))).toEqual({ state: 'completed' })
    expect([outputs.failures, said]).toEqual([[], []])
  })

  test("that can't be written are reported once, all with their last values", () => {
    outputs.set('state', 'pending')
    process.env['GITHUB_OUTPUT'] = join(folder, 'nothing')
    outputs.set('snapshot-name', 'a')
    process.env['GITHUB_OUTPUT'] = file
    outputs.set('state', 'completed')
    outputs.set('snapshot-name', 'b')
    expect(said).toEqual(['The outputs cannot be written. This step continues, and fails at its end.'])
    expect(outputs.failures.map(({ message, advice }) => [message, advice])).toEqual([
      [
        `${cannot}Missing file at path: ${join(folder, 'nothing')}.\nstate: completed\nsnapshot-name: b`,
        'Leave GITHUB_OUTPUT as the runner sets it.',
      ],
    ])
  })

  test('are reported without those that are empty or repeat others', () => {
    process.env['GITHUB_OUTPUT'] = folder
    outputs.set('snapshot-name', 'a')
    outputs.set('snapshot-names', '["a"]')
    outputs.set('operation-ids', '["b","c"]')
    outputs.set('snapshots', '[{"snapshotName":"a"}]')
    outputs.set('snapshot-arn', '')
    outputs.set('snapshot-arns', '[]')
    expect(outputs.failures[0]?.message.split('\n').slice(1)).toEqual([
      'snapshot-name: a',
      'operation-ids: ["b","c"]',
    ])
  })

  const testWithFullDisk = existsSync('/dev/full') ? test : test.skip
  testWithFullDisk('that a full disk has no room for say so', () => {
    process.env['GITHUB_OUTPUT'] = '/dev/full'
    outputs.set('state', '')
    const [failure] = outputs.failures
    expect([failure?.message, failure?.advice]).toEqual([
      `${cannot}the runner's disk is full (ENOSPC).`,
      'Free disk space on the runner.',
    ])
  })
})

test("a variable or state that can't be written is a failure at once", async () => {
  for (const name of ['GITHUB_ENV', 'GITHUB_STATE']) process.env[name] = folder
  const { message } = await failureOf(async () => exportVariable('JOB_TEST', 'x'))
  expect(message).toMatch(
    /^The environment variable JOB_TEST could not be written to the file in GITHUB_ENV: EISDIR/,
  )
  delete process.env['JOB_TEST']
  const state = await failureOf(async () => saveState('folder', 'x'))
  expect(state.message).toMatch(
    /^What the last step of this action needs could not be written to the file in GITHUB_STATE/,
  )
})
