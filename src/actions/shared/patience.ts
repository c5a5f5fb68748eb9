import { sayOnce } from '../../basics/once.js'
import { durationText } from '../../basics/text.js'
import type { Step } from '../../github/entry-point.js'
import type { Log } from '../../github/log.js'
import type { Lightsail } from '../../lightsail/client.js'
import type { ErrorClass } from '../../lightsail/error-classes.js'
import { errorTable } from '../../lightsail/error-table.js'
import type { ServiceFailure } from '../../lightsail/errors.js'

/** Warns of each failure that is retried, once however often it occurs. */
export function tellOfRetries(log: Pick<Log, 'warning'>): (failure: ServiceFailure) => void {
  const say = sayOnce(log.warning)
  return ({ message, errorClass }) => say(`${message} Retrying ${retryTime(errorClass)}.`)
}

function retryTime(errorClass: ErrorClass): string {
  const longestMs = errorTable[errorClass].retry?.longestMs ?? 0
  return Number.isFinite(longestMs) ? `for up to ${durationText(longestMs)}` : 'until wait-timeout'
}

/** Warns if the credentials expire within `timeoutMs` and don't renew themselves. */
export function warnOfExpiry(
  lightsail: Lightsail,
  timeoutMs: number,
  { clock, log }: Pick<Step, 'clock' | 'log'>,
  work = 'A snapshot',
): void {
  const end = lightsail.credentialsExpireAt
  const now = lightsail.serviceTime() ?? clock.now()
  const leftMs = end === undefined ? timeoutMs : end.getTime() - now
  if (leftMs >= timeoutMs) return
  const left = leftMs > 0 ? `expire in ${durationText(leftMs)}` : 'have expired'
  log.warning(
    `The AWS credentials of this job ${left}, before wait-timeout (${durationText(timeoutMs)}) runs out. ${work} that takes longer fails: increase role-duration-seconds in the step of aws-actions/configure-aws-credentials, and the role's maximum session duration.`,
  )
}
