import { ServiceError } from './errors.js'

const mostApartMs = 300_000

/** Throws InvalidSignatureException if `signedAt`, an X-Amz-Date, is more than five minutes from `now` (milliseconds since the epoch). */
export function checkSignatureTime(signedAt: string, now: number): void {
  const signedMs = parseAmzDate(signedAt)
  const nowText = amzDate(now)
  if (signedMs < now - mostApartMs) {
    const least = amzDate(now - mostApartMs)
    throw invalidSignature(
      `Signature expired: ${signedAt} is now earlier than ${least} (${nowText} - 5 min.)`,
    )
  }
  if (signedMs > now + mostApartMs) {
    const most = amzDate(now + mostApartMs)
    throw invalidSignature(
      `Signature not yet current: ${signedAt} is still later than ${most} (${nowText} + 5 min.)`,
    )
  }
}

/** Milliseconds since the epoch; NaN, which is neither early nor late, for an invalid time. */
function parseAmzDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** A time such as `20260101T120000Z`. */
function amzDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function invalidSignature(message: string): ServiceError {
  return new ServiceError(400, 'InvalidSignatureException', 'InvalidSignatureException', message)
}
