import { rehearsalKey } from '../../src/actions/shared/rehearsal.js'
import { systemClock } from '../../src/basics/clock.js'
import { getInput } from '../../src/github/job.js'
import { everyChangeTakes } from '../service/behaviour.js'
import { scenarios } from '../service/scenarios.js'
import { type SeenRequest, startEmulator } from '../service/server.js'
import { beginWith, type EmulatorSettings, readSettings } from './inputs.js'

/** A job of GitHub's runners lasts six hours at most: what nobody has stopped by then ends by itself. In milliseconds. */
const longestLifeMs = 6 * 3_600_000

/** What the emulator's process does: it has the inputs of the step that started it, and tells that where it listens. */
export async function serveParent(): Promise<void> {
  const input = (name: string) => getInput(name)
  const endpoint = await serveEmulator(readSettings({ input, environment: process.env, clock: systemClock }))
  process.send?.({ endpoint })
}

/** Starts the emulator as it is told, with a line on standard output for each request. Gives where it listens. */
export async function serveEmulator(settings: EmulatorSettings): Promise<string> {
  const scenario = scenarios[settings.scenario]
  const emulator = await startEmulator({
    behaviour: { ...everyChangeTakes(settings.snapshotMs), ...scenario.behaviour },
    // The credentials of a deploy, wherever they come from and whenever they came: its snapshot must be a real one.
    accessKeyId: rehearsalKey,
    onRequest: (request, result) => process.stdout.write(`${requestLine(request, result)}\n`),
  })
  beginWith(settings, emulator.region(settings.region), Date.now())
  for (const rule of [...settings.faults, ...scenario.faults]) emulator.faults.add(rule)
  setTimeout(() => process.exit(), longestLifeMs)
  return emulator.url
}

/** One request as the log has it: what was asked, about what, and what became of it. */
export function requestLine({ operation, input }: SeenRequest, result: string): string {
  const subjects = Object.entries(input).flatMap(([member, value]) =>
    /Name$|^operationId$/.test(member) && typeof value === 'string' ? [value] : [],
  )
  return [operation, ...subjects, result === 'answered' ? '' : `(${result})`].filter(Boolean).join(' ')
}
