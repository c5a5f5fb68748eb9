import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import { deleteFailed, lookAt } from '../lightsail/commands.js'
import { consoleUrl } from '../lightsail/names.js'
import type { DiskSnapshot, Operation, SnapshotType } from '../lightsail/types.js'

/** What one poll saw; undefined if there is no such thing. */
export interface Look {
  readonly snapshot: DiskSnapshot | undefined
  readonly operation: Operation | undefined
}

/** What a look means: keep waiting, the snapshot is good, or it failed. */
type Verdict = 'pending' | 'completed' | Failure

/** How long (ms) a new snapshot may be missing from the service's responses. */
export const newMayBeMissingMs = 60_000

/**
 * How long (ms) a snapshot we have seen may be missing before it counts as deleted. A single miss may be eventual consistency.
 */
const mayBeMissingMs = 5000

/** A snapshot in words for a person. */
export interface Named {
  /** Undefined if only its name is known. */
  readonly type: SnapshotType | undefined
  readonly name: string
  readonly region: string
}

/**
 * Returns what a look means. A snapshot is good if it is `completed` and its operation hasn't failed: an operation that succeeded
 * says nothing about a snapshot that is still `pending`. `missingForMs` is how long it hasn't been found, `ageMs` how
 * long ago it was started, and `seenBefore` whether it has been found at all.
 */
export function judge(
  named: Named,
  { snapshot, operation }: Look,
  { missingForMs, ageMs, seenBefore }: Absence = present,
): Verdict {
  const operationFailed = operation?.status === 'failed'
  const state = snapshot?.state
  if (operationFailed || state === 'error') return failed(named, operation, state === 'error')
  if (state === 'completed') return 'completed'
  const allowedMs = seenBefore ? mayBeMissingMs : newMayBeMissingMs
  if (state !== undefined || missingForMs <= allowedMs || ageMs <= newMayBeMissingMs) return 'pending'
  return seenBefore || operation !== undefined ? missing(named) : unknown(named)
}

/** What is known of a snapshot that isn't in a response. Times are in milliseconds. */
interface Absence {
  readonly missingForMs: number
  readonly ageMs: number
  readonly seenBefore: boolean
}

const present: Absence = { missingForMs: 0, ageMs: 0, seenBefore: false }

function roundedText(ms: number): string {
  return durationText(Math.round(ms / 1000) * 1000)
}

const again = 'Nothing can be restored from it. Rerun the job to take a new one'

function failed(
  { type, name, region }: Named,
  operation: Operation | undefined,
  isInError: boolean,
): Failure {
  const said = [operation?.errorCode, operation?.errorDetails].filter(Boolean).join(': ')
  const reason = said === '' ? 'Lightsail gave no reason' : said
  const message = `Snapshot "${name}" failed in Lightsail: ${reason.replace(/\.$/, '')}.`
  if (isInError) {
    const copyables = [deleteFailed(region, name, type)]
    return new Failure(message, `${again}, and delete the failed one at ${consoleUrl}.`, { copyables })
  }
  // The operation failed, so the snapshot may be a different one: never advise to delete it.
  return new Failure(
    message,
    `${again}. The snapshot now under this name may be a different, good one. Check before you delete anything.`,
    { copyables: [lookAt(region, name, type)] },
  )
}

function missing({ name, region }: Named): Failure {
  return new Failure(
    `Snapshot "${name}" can't be found in ${region} any more.`,
    `It was deleted during the wait. Check ${consoleUrl}, then rerun the job.`,
  )
}

function unknown({ name, region }: Named): Failure {
  return new Failure(
    `There is no snapshot "${name}" in ${region}.`,
    'Check the spelling and aws-region. Use the output snapshot-name of the step that took it.',
    { isMissing: true },
  )
}

/** A wait that took too long. `status` is what the snapshot was when it was last seen. */
export function timedOut({ type, name, region }: Named, elapsedMs: number, status: string): Failure {
  return new Failure(
    `Timed out after ${roundedText(elapsedMs)}: snapshot "${name}" is not complete (${status}).`,
    `It is still running in Lightsail; nothing was deleted. Check it at ${consoleUrl}. Increase wait-timeout for next time: rerunning the job starts another snapshot.`,
    { copyables: [lookAt(region, name, type)] },
  )
}

/** A wait in which the service stopped responding. `names` are the snapshots that were not complete. */
export function unread(names: readonly string[], elapsedMs: number, trouble: Failure): Failure {
  const { states, areRunning } = wording(names)
  return new Failure(
    `${states} unknown after ${roundedText(elapsedMs)}: ${trouble.message}`,
    `${areRunning}; nothing was deleted. Check ${consoleUrl}. ${trouble.advice}`,
    { cause: trouble, copyables: trouble.copyables, isMissing: trouble.isMissing },
  )
}

function wording(names: readonly string[]) {
  const quoted = names.map((name) => `"${name}"`).join(', ')
  return names.length === 1
    ? {
        snapshots: `snapshot ${quoted} was`,
        states: `The state of snapshot ${quoted} is`,
        areRunning: 'It may still be running in Lightsail',
      }
    : {
        snapshots: `snapshots ${quoted} were`,
        states: `The states of snapshots ${quoted} are`,
        areRunning: 'They may still be running in Lightsail',
      }
}

/** A wait that lasted longer than the credentials. `names` are the snapshots that were not complete. */
export function credentialsEnded(names: readonly string[], elapsedMs: number, trouble: Failure): Failure {
  const { snapshots, areRunning } = wording(names)
  return new Failure(
    `The AWS credentials of this job expired after ${roundedText(elapsedMs)}, before ${snapshots} complete.`,
    `${areRunning}; nothing was deleted, and the outputs are set. Renew the credentials with another step of aws-actions/configure-aws-credentials, then pass the output operation-ids to this action's wait/. Next time, set a longer role-duration-seconds.`,
    { cause: trouble, copyables: trouble.copyables },
  )
}

/** A wait that was cancelled. `status` is what the snapshot was when it was last seen. */
export function cancelled({ type, name, region }: Named, status: string, isRunning: boolean): Failure {
  const state = isRunning ? 'was still running in Lightsail' : 'was not known to be good'
  return new Failure(
    `This step was cancelled while snapshot "${name}" ${state} (${status}).`,
    `${isRunning ? 'It continues in Lightsail; nothing' : 'Nothing'} was deleted. Check it at ${consoleUrl}.`,
    { copyables: [lookAt(region, name, type)] },
  )
}
