// A bad week of a shop, step by step, with the built actions and one name for the disk throughout. At each point: what is on the
// disk in use? __tests__/workflows/roll-backs.test.ts runs the same as whole workflows.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import type { Emulator } from '../../emulator/service/server.js'
import { type BuiltStepResult, runBuiltAction } from '../support/built-action.js'
import { region } from '../support/emulated.js'
import { machineOf, startShop } from '../support/restore.js'

let emulator: Emulator
let account: Region
beforeEach(async () => {
  emulator = await startShop(everyChangeTakes(200))
  account = emulator.region(region)
  account.setContent('shop-data', 'good')
})
afterEach(() => emulator.close())

const live = () => account.contentOfInstance('shop', '/dev/xvdf')
const deploy = (content: string) => account.writeTo('shop', '/dev/xvdf', content, Date.now())
const commits = { first: 'a'.repeat(40), second: 'b'.repeat(40), third: 'c'.repeat(40) }

interface Job {
  readonly run: number
  readonly attempt?: number
  readonly commit?: string
}

function step(
  action: '.' | 'restore' | 'prune',
  { run, attempt = 1, commit = commits.first }: Job,
  inputs: Record<string, string> = {},
): Promise<BuiltStepResult> {
  const environment = {
    GITHUB_RUN_ID: `${run}`,
    GITHUB_RUN_ATTEMPT: `${attempt}`,
    GITHUB_SHA: commit,
  }
  return runBuiltAction(emulator, { 'disk-name': 'shop-data', ...inputs }, { action, environment })
}

/** A snapshot, then a deploy: what the deploy writes stays, or is rolled back. */
async function deployJob(job: Job, content: string, end: 'fails' | 'works'): Promise<BuiltStepResult> {
  const taken = await step('.', job, { 'commit-sha': job.commit ?? commits.first })
  expect(taken.errors).toEqual([])
  deploy(content)
  if (end === 'fails') expect((await step('restore', job, { swap: 'true' })).errors).toEqual([])
  return taken
}

test('whatever fails and is rerun, the data is back, and no name had to be changed', async () => {
  await deployJob({ run: 1 }, 'broken', 'fails')
  expect(live()).toBe('good')
  await deployJob({ run: 1, attempt: 2 }, 'broken again', 'fails')
  expect(live()).toBe('good')

  const second = await deployJob({ run: 2, commit: commits.second }, 'better', 'works')
  expect(account.contentOfSnapshot(second.outputs['snapshot-name'] ?? '')).toBe('good')
  const third = await deployJob({ run: 3, commit: commits.third }, 'subtly wrong', 'works')
  expect(account.contentOfSnapshot(third.outputs['snapshot-name'] ?? '')).toBe('better')

  const back = { swap: 'true', 'commit-sha': commits.second }
  expect((await step('restore', { run: 4 }, back)).errors).toEqual([])
  expect([live(), machineOf(account.instance('shop', Date.now()))]).toEqual([
    'good',
    ['running', 'shop-data-restored-4-1 /dev/xvdf'],
  ])

  // Two of the lineage's six snapshots stay; the newest is of the live disk before the last roll-back.
  const pruned = await step('prune', { run: 5 }, { 'keep-last': '2' })
  expect(JSON.parse(pruned.outputs['kept-snapshots'] ?? '')).toEqual([
    third.outputs['snapshot-name'],
    second.outputs['snapshot-name'],
  ])
  expect(JSON.parse(pruned.outputs['deleted-snapshots'] ?? '')).toHaveLength(4)
})
