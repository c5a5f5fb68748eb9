import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import { consoleUrl } from '../lightsail/names.js'
import { type DiskSnapshot, type Operation, operationStage, snapshotStage } from '../lightsail/types.js'

/** What one poll saw; undefined where the service knows no such thing. */
export interface Look {
  readonly snapshot: DiskSnapshot | undefined
  readonly operation: Operation | undefined
}

/** What a look means: go on waiting, the snapshot is good, or it won't be. */
export type Verdict = 'running' | 'completed' | Failure

/** A new snapshot may be missing from the service's answers for this long, in milliseconds. */
export const missingAllowedMs = 60_000

/**
 * Judges a look, `elapsedMs` after the wait began. Good is a snapshot that is `completed` with no operation `Failed`:
 * an operation that has succeeded says nothing about a snapshot that is still `pending`.
 */
export function judge(name: string, { snapshot, operation }: Look, elapsedMs: number): Verdict {
  const operationFailed = operation !== undefined && operationStage(operation.status) === 'failed'
  const stage = snapshot === undefined ? undefined : snapshotStage(snapshot.state)
  if (operationFailed || stage === 'failed') return failed(name, operation)
  if (stage === 'done') return 'completed'
  return stage === undefined && elapsedMs > missingAllowedMs ? missing(name) : 'running'
}

function failed(name: string, operation: Operation | undefined): Failure {
  const said = [operation?.errorCode, operation?.errorDetails].filter(Boolean).join(': ')
  const reason = said === '' ? 'the service gave no reason' : said
  return new Failure(
    `The snapshot "${name}" failed in Lightsail: ${reason.replace(/\.$/, '')}.`,
    `Nothing can be restored from it. Run the job again for a new one, and delete the failed one at ${consoleUrl}.`,
  )
}

function missing(name: string): Failure {
  return new Failure(
    `The snapshot "${name}" can't be found in Lightsail any more.`,
    `Somebody or something deleted it while this step waited. Look for it at ${consoleUrl}, then run the job again.`,
  )
}

/** The end of a wait that took too long. `status` is how the snapshot was when it was last seen. */
export function timedOut(name: string, region: string, elapsedMs: number, status: string): Failure {
  return new Failure(
    `The snapshot "${name}" isn't complete after ${durationText(elapsedMs)} (${status}).`,
    `It goes on in Lightsail and nothing was deleted. ${howToWait(name, region)} Raise wait-timeout for the next time; to run the job again starts another snapshot.`,
  )
}

/** The end of a wait in which the service didn't answer at last. */
export function unread(name: string, elapsedMs: number, trouble: Failure): Failure {
  return new Failure(
    `After ${durationText(elapsedMs)} nobody knows how the snapshot "${name}" is: ${trouble.message}`,
    `Nothing was deleted: look at it at ${consoleUrl}. ${trouble.advice}`,
    { cause: trouble },
  )
}

/** The end of a wait that was called off. */
export function cancelled(name: string, region: string, status: string): Failure {
  return new Failure(
    `This step was cancelled while the snapshot "${name}" was still running in Lightsail (${status}).`,
    `It goes on, and nothing was deleted. ${howToWait(name, region)}`,
  )
}

function howToWait(name: string, region: string): string {
  return `To look at it: ${consoleUrl}, or aws lightsail get-disk-snapshot --region ${region} --disk-snapshot-name ${name}.`
}
