import { sayOnce } from '../../basics/once.js'
import { durationText } from '../../basics/text.js'
import type { Step } from '../../github/entry-point.js'
import type { Log } from '../../github/log.js'
import type { Lightsail } from '../../lightsail/client.js'
import type { ErrorClass } from '../../lightsail/error-classes.js'
import type { ServiceFailure } from '../../lightsail/errors.js'
import { type Patience, retryRules } from '../../lightsail/retry.js'

/** Says why a request is sent again: each reason once, however often it comes. */
export function tellOfRetries(log: Pick<Log, 'warning'>): (failure: ServiceFailure) => void {
  const say = sayOnce(log.warning)
  return ({ message, errorClass }) => say(`${message} It is tried again for ${retryTime(errorClass)}.`)
}

function retryTime(errorClass: ErrorClass): string {
  const longestMs = retryRules[errorClass]?.longestMs ?? 0
  return Number.isFinite(longestMs) ? `up to ${durationText(longestMs)}` : 'as long as the step may wait'
}

/** Warns where the credentials are known to end before the step may. They aren't renewed while it runs. */
export async function warnOfExpiry(
  lightsail: Lightsail,
  timeoutMs: number,
  patience: Patience,
  { clock, log }: Pick<Step, 'clock' | 'log'>,
  work = 'A snapshot',
): Promise<void> {
  const end = await lightsail.credentialsExpireAt(patience)
  const now = lightsail.serviceTime() ?? clock.now()
  const leftMs = end === undefined ? timeoutMs : end.getTime() - now
  if (leftMs >= timeoutMs) return
  const left = leftMs > 0 ? `end in ${durationText(leftMs)}` : 'have ended'
  log.warning(
    `The AWS credentials of this job ${left}, before wait-timeout (${durationText(timeoutMs)}) is over. ${work} that takes longer can't be waited for: set role-duration-seconds on the step of aws-actions/configure-aws-credentials, and the role's maximum session duration.`,
  )
}
