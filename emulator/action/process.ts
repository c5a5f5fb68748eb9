import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from '../../src/basics/failure.js'
import { textMember } from '../../src/basics/member.js'
import type { Step } from '../../src/github/entry-point.js'
import { requestLog } from './job.js'

/** The emulator's process. */
export interface EmulatorProcess {
  readonly endpoint: string
  readonly pid: number
  /** Where it keeps what is to be read at the end of the job. */
  readonly folder: string
}

/** How long the process may take to listen, in milliseconds. */
const startLimitMs = 20_000

/** The entry of dist/ that the process runs, beside the one that this step runs. */
const serverEntry = join(dirname(process.argv[1] ?? ''), 'emulator-server.js')

/**
 * Starts the emulator, which reads the inputs of this step by itself, so that it goes on when this step is over. Throws a
 * Failure where it doesn't come up.
 */
export async function startProcess({
  environment,
  clock,
  signal,
}: Pick<Step, 'environment' | 'clock' | 'signal'>): Promise<EmulatorProcess> {
  const folder = await mkdtemp(join(environment['RUNNER_TEMP'] || tmpdir(), 'lightsail-emulator-'))
  const log = await open(join(folder, requestLog), 'a')
  const limit = clock.timeLimit(startLimitMs)
  try {
    const child = spawn(process.execPath, [serverEntry], {
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
    return { endpoint, pid: child.pid ?? 0, folder }
  } finally {
    limit.lift()
    await log.close()
  }
}

/** Where the process listens, as it says when it does; it is ended when one of the signals is aborted before. */
function endpointOf(
  child: ChildProcess,
  folder: string,
  ends: readonly (readonly [AbortSignal, string])[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (words: string) => {
      child.kill()
      reject(notStarted(words))
    }
    child.once('error', ({ message }) => giveUp(message))
    child.once('exit', (code) => giveUp(`its process ended with ${code}; see ${join(folder, requestLog)}`))
    child.once('message', (message) => {
      child.removeAllListeners('exit')
      resolve(textMember(message, 'endpoint'))
    })
    for (const [over, words] of ends) {
      if (over.aborted) giveUp(words)
      over.addEventListener('abort', () => giveUp(words))
    }
  })
}

function notStarted(words: string): Failure {
  return new Failure(`The emulator of Lightsail did not start: ${words}.`, 'Run the job again.')
}
