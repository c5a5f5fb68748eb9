import { setTimeout as pause } from 'node:timers/promises'
import { actionNode } from '../../dev/demo/action-node.js'
import { runStep, type StepResult } from '../../dev/demo/runner.js'

// A rehearsal with the built actions: the emulator in a process of its own, and the steps behind it.

export type Inputs = Readonly<Record<string, string>>
export type Variables = Readonly<Record<string, string>>

export const shop: Inputs = { disks: 'shop-data:32:shop', instances: 'shop:60', 'snapshot-takes': '1s' }
export const region: Variables = { AWS_REGION: 'eu-central-1' }

/** How long (ms) a step may take: a roll-back of 30 seconds whose site doesn't come back is tried for five minutes more. */
export const longestMs = 30_000 + 300_000 + 10_000

/** Runs a built action as a step of the job. */
export function step(
  action: string,
  inputs: Inputs,
  environment: Variables,
  postOf?: Variables,
): Promise<StepResult> {
  return runStep({
    action,
    inputs,
    environment,
    node: actionNode,
    timeoutMs: longestMs,
    ...(postOf === undefined ? {} : { postOf }),
  })
}

/** Waits until the emulator of a rehearsal listens no more. */
export async function silence({ outputs }: StepResult): Promise<void> {
  const isThere = () =>
    fetch(outputs['endpoint'] ?? '').then(
      () => true,
      () => false,
    )
  while (await isThere()) await pause(50)
}

/** A job: the emulator, the steps behind it until one fails, and the emulator's last step. */
export async function job(inputs: Inputs, steps: readonly (readonly [string, Inputs])[]) {
  const started = await step('emulator', { ...shop, ...inputs }, region)
  const environment = { ...region, ...started.variables }
  const end = async () => {
    const ended = await step('emulator', inputs, environment, started.saved)
    await silence(started)
    return ended
  }
  const results: StepResult[] = []
  try {
    for (const [action, own] of steps) {
      if (results.some(({ exitCode }) => exitCode !== 0)) break
      results.push(await step(action, own, environment))
    }
  } catch (thrown) {
    await end()
    throw thrown
  }
  return { started, results, ended: await end() }
}

export const takeAndKeepOne = [
  '.',
  { 'disk-name': 'shop-data', 'keep-last': '1', 'wait-timeout': '10s' },
] as const
const takeAnother = ['.', { ...takeAndKeepOne[1], 'snapshot-name': '{{source}}-second-{{run_id}}' }] as const
const rollBack = ['restore', { 'disk-name': 'shop-data', swap: 'true', 'wait-timeout': '30s' }] as const

/** The steps of a job that takes, prunes and restores. */
export const takePruneRestore: readonly (readonly ['.' | 'restore', Inputs])[] = [
  takeAndKeepOne,
  takeAnother,
  rollBack,
]

/** The same for a whole instance with a static IP. */
export const wholeInstances = takePruneRestore.map(([action, { 'disk-name': _, ...inputs }]) => {
  const instance = { 'instance-name': 'wordpress', 'snapshot-type': 'instance' }
  return [action, { ...inputs, ...instance }] as const
})
