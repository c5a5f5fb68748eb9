import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import { deleteFailed, lookAt, lookCommand } from '../lightsail/commands.js'
import { consoleUrl } from '../lightsail/names.js'
import type { DiskSnapshot, Operation } from '../lightsail/types.js'

/** What one poll saw; undefined where the service knows no such thing. */
export interface Look {
  readonly snapshot: DiskSnapshot | undefined
  readonly operation: Operation | undefined
}

/** What a look means: go on waiting, the snapshot is good, or it won't be. */
export type Verdict = 'pending' | 'completed' | Failure

/** A new snapshot may be missing from the service's answers for this long, in milliseconds. */
export const newMayBeMissingMs = 60_000

/** One that has been there is gone when it is missing for this long: one answer without it doesn't mean that. In milliseconds. */
export const mayBeMissingMs = 5000

/** A snapshot as a person knows it. */
export interface Named {
  readonly name: string
  readonly region: string
}

/**
 * Judges a look. Good is a snapshot that is `completed` with no operation `Failed`: an operation that has succeeded says
 * nothing about a snapshot that is still `pending`. `missingForMs` is how long it hasn't been found, `ageMs` how
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

/** What is known of a snapshot that isn't in an answer. Times are in milliseconds. */
export interface Absence {
  readonly missingForMs: number
  readonly ageMs: number
  readonly seenBefore: boolean
}

const present: Absence = { missingForMs: 0, ageMs: 0, seenBefore: false }

function roundedText(ms: number): string {
  return durationText(Math.round(ms / 1000) * 1000)
}

const again = 'Nothing can be restored from it. Run the job again for a new one'

function failed({ name, region }: Named, operation: Operation | undefined, isInError: boolean): Failure {
  const said = [operation?.errorCode, operation?.errorDetails].filter(Boolean).join(': ')
  const reason = said === '' ? 'the service gave no reason' : said
  const message = `The snapshot "${name}" failed in Lightsail: ${reason.replace(/\.$/, '')}.`
  if (isInError) {
    return new Failure(message, `${again}, and delete the failed one at ${consoleUrl}.`, {
      pageAdvice: `${again}, and delete the failed one.`,
      copyables: [deleteFailed(region, name)],
    })
  }
  // What has the name now need not be what the operation was to make: nobody is told to delete it.
  return new Failure(message, `${again}. ${howToLook(name, region)} ${careful}`, {
    pageAdvice: `${again}. ${careful}`,
    copyables: [lookAt(region, name)],
  })
}

const careful =
  'Something that has this name may be another snapshot, and good: look before deleting anything.'

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

const goesOn = 'It goes on in Lightsail and nothing was deleted.'
const nextTime = 'Raise wait-timeout for the next time; to run the job again starts another snapshot.'

/** The end of a wait that took too long. `status` is how the snapshot was when it was last seen. */
export function timedOut(name: string, region: string, elapsedMs: number, status: string): Failure {
  return new Failure(
    `The snapshot "${name}" isn't complete after ${roundedText(elapsedMs)} (${status}).`,
    `${goesOn} ${howToLook(name, region)} ${nextTime}`,
    { pageAdvice: `${goesOn} ${nextTime}`, copyables: [lookAt(region, name)] },
  )
}

/** The end of a wait in which the service doesn't answer any more. `names` are the snapshots that had not ended. */
export function unread(names: readonly string[], elapsedMs: number, trouble: Failure): Failure {
  const [snapshots, are, goOn] = wording(names)
  return new Failure(
    `After ${roundedText(elapsedMs)} nobody knows how the ${snapshots} ${are}: ${trouble.message}`,
    `${goOn} in Lightsail, and nothing was deleted: look at ${consoleUrl}. ${trouble.advice}`,
    { cause: trouble, copyables: trouble.copyables },
  )
}

function wording(names: readonly string[]): [string, string, string] {
  const quoted = names.map((name) => `"${name}"`).join(', ')
  return names.length === 1
    ? [`snapshot ${quoted}`, 'is', 'It goes on']
    : [`snapshots ${quoted}`, 'are', 'They go on']
}

/** The end of a wait that lasted longer than the credentials. `names` are the snapshots that were still running. */
export function credentialsEnded(names: readonly string[], elapsedMs: number, trouble: Failure): Failure {
  const [snapshots, , goOn] = wording(names)
  return new Failure(
    `The AWS credentials of this job expired after ${roundedText(elapsedMs)}, while the ${snapshots} had not ended yet.`,
    `${goOn} in Lightsail, nothing was deleted, and the outputs are set. Renew the credentials with another step of aws-actions/configure-aws-credentials, then wait for the output operation-ids with this action's wait/. For the next time: a longer role-duration-seconds.`,
    { cause: trouble, copyables: trouble.copyables },
  )
}

/** The end of a wait that was called off. `status` is how the snapshot was when it was last seen. */
export function cancelled(name: string, region: string, status: string, isRunning: boolean): Failure {
  const where = isRunning ? 'was still running in Lightsail' : 'was not known to be good'
  const kept = `${isRunning ? 'It goes on, and nothing' : 'Nothing'} was deleted.`
  return new Failure(
    `This step was cancelled while the snapshot "${name}" ${where} (${status}).`,
    `${kept} ${howToLook(name, region)}`,
    { pageAdvice: kept, copyables: [lookAt(region, name)] },
  )
}

function howToLook(name: string, region: string): string {
  return `To look at it: ${consoleUrl}, or ${lookCommand(region, name)}.`
}
