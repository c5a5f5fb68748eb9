import type { InputReader } from '../../github/inputs.js'
import { type Parsed, parseDuration, right, wrong } from '../../github/parse.js'
import type { Retention } from '../../retention/policy.js'

/** Returns the rules in `keep-last` and `keep-within`; undefined if neither is given. Problems are noted. */
export function readRetention(inputs: InputReader): Retention | undefined {
  const keepLast = inputs.read('keep-last', optional(parseNumberToKeep), undefined)
  const keepWithinMs = inputs.read('keep-within', optional(parseDuration), undefined)
  const isGiven = inputs.text('keep-last') !== '' || inputs.text('keep-within') !== ''
  return isGiven ? { keepLast, keepWithinMs } : undefined
}

function optional<T>(parse: (text: string) => Parsed<T>): (text: string) => Parsed<T | undefined> {
  return (text) => (text === '' ? right(undefined) : parse(text))
}

function parseNumberToKeep(text: string): Parsed<number> {
  const number = Number(text)
  return /^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)
    ? right(number)
    : wrong('is not a number of snapshots to keep: a whole number, 1 or more')
}
