import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from '../../src/basics/failure.js'
import { textMember } from '../../src/basics/member.js'
import { whenAborted } from '../../src/basics/signals.js'
import type { Step } from '../../src/github/entry-point.js'
import { requestLog } from './job.js'

/** The emulator's process. */
export interface EmulatorProcess {
  readonly endpoint: string
  /** The folder of the files that the end of the job reads, and whose deletion ends the process. */
  readonly folder: string
}

/** How long (ms) the process may take to start listening. */
const startLimitMs = 20_000

/** The entry in dist/ that the process runs. */
const serverEntry = join(dirname(process.argv[1] ?? ''), 'emulator-server.js')

/**
 * Starts the emulator in a process that outlives this step and reads the step's inputs itself. Throws a Failure if it doesn't
 * start.
 */
export async function startProcess({
  environment,
  clock,
  signal,
}: Pick<Step, 'environment' | 'clock' | 'signal'>): Promise<EmulatorProcess> {
  const folder = await mkdtemp(join(environment['RUNNER_TEMP'] || tmpdir(), 'lightsail-emulator-'))
  const file = join(folder, requestLog)
  const log = await open(file, 'a')
  const limit = clock.timeLimit(startLimitMs)
  try {
    const child = spawn(process.execPath, [serverEntry, file], {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    const endpoint = await endpointOf(child, folder, [
      [limit.signal, 'it took too long'],
      [signal, 'this step was cancelled'],
    ])
    child.disconnect()
    child.unref()
    return { endpoint, folder }
  } finally {
    limit.lift()
    await log.close()
  }
}

/** Ends the process that has this folder, and deletes the folder. */
export async function endProcess(folder: string): Promise<void> {
  // A signal could hit another process that has its id by now. What can't be deleted, the runner deletes with the other temporary
  // files.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
}

/** Returns the address that the process reports. Ends the process if one of the signals is aborted first. */
function endpointOf(
  child: ChildProcess,
  folder: string,
  ends: readonly (readonly [AbortSignal, string])[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: string) => {
      child.kill()
      reject(notStarted(reason))
    }
    const removals: (() => void)[] = []
    child.once('error', ({ message }) => giveUp(message))
    child.once('exit', (code) => giveUp(`its process ended with ${code}; see ${join(folder, requestLog)}`))
    child.once('message', (message) => {
      child.removeAllListeners('exit')
      // Once it has started, a cancellation of the step no longer ends it.
      for (const remove of removals) remove()
      resolve(textMember(message, 'endpoint'))
    })
    for (const [end, reason] of ends) removals.push(whenAborted(end, () => giveUp(reason)))
  })
}

function notStarted(reason: string): Failure {
  return new Failure(`The Lightsail emulator did not start: ${reason}.`, 'Rerun the job.')
}
