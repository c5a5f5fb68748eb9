import type { Environment } from '../../github/run-context.js'

/** Where the runner mounts its work folder in a job's container, on Linux and on Windows. */
const workFolder = /^(?:\/__w|C:\\__w)[/\\]/i

/** Whether the job has a `container:`. Its steps are started with `docker exec`, which passes no signal on to them. */
export function isContainerJob(environment: Environment): boolean {
  return workFolder.test(environment['RUNNER_TEMP'] ?? '')
}
