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

/** A snapshot as a person knows it. */
export interface Named {
  readonly name: string
  readonly region: string
}

/**
 * Judges a look, `ageMs` after the snapshot was started. Good is a snapshot that is `completed` with no operation
 * `Failed`: an operation that has succeeded says nothing about a snapshot that is still `pending`. `seenBefore` says
 * whether a snapshot that isn't there now has been there.
 */
export function judge(
  named: Named,
  { snapshot, operation }: Look,
  ageMs: number,
  seenBefore = false,
): Verdict {
  const operationFailed = operation !== undefined && operationStage(operation.status) === 'failed'
  const stage = snapshot === undefined ? undefined : snapshotStage(snapshot.state)
  if (operationFailed || stage === 'failed') return failed(named.name, operation)
  if (stage === 'done') return 'completed'
  if (stage !== undefined || ageMs <= missingAllowedMs) return 'running'
  return seenBefore || operation !== undefined ? missing(named) : unknown(named)
}

function failed(name: string, operation: Operation | undefined): Failure {
  const said = [operation?.errorCode, operation?.errorDetails].filter(Boolean).join(': ')
  const reason = said === '' ? 'the service gave no reason' : said
  return new Failure(
    `The snapshot "${name}" failed in Lightsail: ${reason.replace(/\.$/, '')}.`,
    `Nothing can be restored from it. Run the job again for a new one, and delete the failed one at ${consoleUrl}.`,
  )
}

function missing({ name, region }: Named): Failure {
  return new Failure(
    `The snapshot "${name}" can't be found in ${region} any more.`,
    `Somebody or something deleted it while it was waited for. Look for it at ${consoleUrl}, then run the job again.`,
  )
}

function unknown({ name, region }: Named): Failure {
  return new Failure(
    `There is no snapshot "${name}" in ${region}.`,
    'Check the spelling and aws-region: it is the output snapshot-name of the step that took it.',
  )
}

/** The end of a wait that took too long. `status` is how the snapshot was when it was last seen. */
export function timedOut(name: string, region: string, elapsedMs: number, status: string): Failure {
  return new Failure(
    `The snapshot "${name}" isn't complete after ${durationText(Math.round(elapsedMs / 1000) * 1000)} (${status}).`,
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

/** The end of a wait that lasted longer than the credentials. `names` are the snapshots that were still running. */
export function credentialsEnded(names: readonly string[], elapsedMs: number, trouble: Failure): Failure {
  const which = names.map((name) => `"${name}"`).join(', ')
  const [snapshots, goOn] = names.length === 1 ? ['snapshot', 'It goes on'] : ['snapshots', 'They go on']
  return new Failure(
    `The AWS credentials of this job expired after ${durationText(elapsedMs)}, while the ${snapshots} ${which} had not ended yet.`,
    `${goOn} in Lightsail, nothing was deleted, and the outputs are set. Renew the credentials with another step of aws-actions/configure-aws-credentials, then wait for the output operation-ids with this action's wait/. For the next time: a longer role-duration-seconds.`,
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
