import { Failure } from '../../src/basics/failure.js'
import { durationText } from '../../src/basics/text.js'
import type { Step } from '../../src/github/entry-point.js'
import { exportVariable, saveState } from '../../src/github/job.js'
import { scenarios } from '../service/scenarios.js'
import { type EmulatorSettings, readSettings } from './inputs.js'
import { proxyExceptions, rehearsalVariables, savedFolder } from './job.js'
import { type EmulatorProcess, endProcess, startProcess } from './process.js'

/** Starts the emulator in a process of its own, and points the next steps at it. */
export async function startRehearsal(step: Step): Promise<void> {
  const settings = readSettings(step)
  if (step.run.isRehearsal) {
    throw new Failure(
      'A rehearsal has already been started in this job.',
      'Put all disks, instances and faults into the first emulator/ step: a second emulator would not know those of the first.',
    )
  }
  const emulator = await startProcess(step)
  try {
    await announce(emulator, settings, step)
  } catch (thrown) {
    // The other steps don't know it, and nothing else would end it.
    await endProcess(emulator.folder)
    throw thrown
  }
}

/** Points the next steps at the emulator, and tells the last one its folder. */
async function announce(
  { endpoint, folder }: EmulatorProcess,
  settings: EmulatorSettings,
  step: Step,
): Promise<void> {
  saveState(savedFolder, folder)
  const variables = {
    ...rehearsalVariables(endpoint, settings.region),
    ...proxyExceptions(step.environment),
  }
  for (const [name, value] of Object.entries(variables)) exportVariable(name, value)
  step.setOutput('endpoint', endpoint)
  await report(settings, endpoint, step)
}

async function report(
  settings: EmulatorSettings,
  endpoint: string,
  { log, appendSummary }: Step,
): Promise<void> {
  const { disks, instances, scenario, snapshotMs, region } = settings
  const description = scenarios[scenario].description.replaceAll('`', '')
  log.group(`Rehearsal in ${region}: ${scenario}`, [
    description,
    ...instances.map(({ name, sizeInGb }) => `instance "${name}", ${sizeInGb} GB`),
    ...disks.map(({ name, sizeInGb, instanceName }) => {
      return `disk "${name}", ${sizeInGb} GB${instanceName === undefined ? '' : `, attached to "${instanceName}"`}`
    }),
    `a snapshot takes ${durationText(snapshotMs)}`,
    `emulator at ${endpoint}`,
  ])
  log.warning('This job is a rehearsal: from here on, its snapshots are emulated and none is taken in AWS.')
  await appendSummary(
    `### :performing_arts: Rehearsal: ${scenario}\n\n${description} No snapshot is taken in AWS.`,
  )
}
