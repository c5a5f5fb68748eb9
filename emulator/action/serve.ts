import { existsSync } from 'node:fs'
import { rehearsalKey } from '../../src/actions/shared/rehearsal.js'
import { systemClock } from '../../src/basics/clock.js'
import { getInput } from '../../src/github/job.js'
import { everyChangeTakes } from '../service/behaviour.js'
import { scenarios } from '../service/scenarios.js'
import { type SeenRequest, startEmulator } from '../service/server.js'
import { beginWith, type EmulatorSettings, readSettings } from './inputs.js'

/** How long (ms) the process runs at most: a job on GitHub's runners lasts six hours at most. */
const longestLifeMs = 6 * 3_600_000

/** How often (ms) the process checks whether the job has ended. */
const checkEveryMs = 250

/**
 * Runs the emulator in its own process, with the inputs of the step that started it, and sends that step its address. The process
 * ends when the file that its argument names is deleted: by the last step of the rehearsal, or with the job's temporary files.
 */
export async function serveParent(): Promise<void> {
  const input = (name: string) => getInput(name)
  // The step that started this process has already warned.
  const log = { warning: () => {} }
  const settings = readSettings({ input, environment: process.env, log, clock: systemClock })
  const endpoint = await serveEmulator(settings)
  endWithout(process.argv[2] ?? '')
  process.send?.({ endpoint })
}

/** Starts the emulator with these settings, and logs each request to standard output. Returns its address. */
async function serveEmulator(settings: EmulatorSettings): Promise<string> {
  const scenario = scenarios[settings.scenario]
  const emulator = await startEmulator({
    behaviour: { ...everyChangeTakes(settings.snapshotMs), ...scenario.behaviour },
    // Any other credentials belong to a deploy, which needs real snapshots.
    accessKeyId: rehearsalKey,
    onRequest: (request, result) => process.stdout.write(`${requestLine(request, result)}\n`),
  })
  beginWith(settings, emulator.region(settings.region), Date.now())
  for (const rule of [...settings.faults, ...scenario.faults]) emulator.faults.add(rule)
  return emulator.url
}

/** Ends this process once the file is gone, and at the latest after the longest life. */
function endWithout(file: string): void {
  setTimeout(() => process.exit(), longestLifeMs)
  setInterval(() => {
    if (!existsSync(file)) process.exit()
  }, checkEveryMs)
}

/** A request in the log: the operation, the resource, the result. */
function requestLine({ operation, input }: SeenRequest, result: string): string {
  const subjects = Object.entries(input).flatMap(([member, value]) =>
    /Name$|^operationId$/.test(member) && typeof value === 'string' ? [value] : [],
  )
  return [operation, ...subjects, result === 'succeeded' ? '' : `(${result})`].filter(Boolean).join(' ')
}
