import { createHash } from 'node:crypto'
import type { AccessDetails, Instance } from './wire.js'

const algorithm = 'ssh-ed25519'

/** The host keys of an instance: the same for as long as it exists, and no other instance's. */
export function hostKeysOf({ arn }: Instance): NonNullable<AccessDetails['hostKeys']> {
  const parts = [Buffer.from(algorithm), createHash('sha256').update(arn).digest()]
  const lengthAndPart = parts.flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part])
  return [{ algorithm, publicKey: Buffer.concat(lengthAndPart).toString('base64') }]
}
