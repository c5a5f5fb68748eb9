import type { InputReader } from '../../github/inputs.js'
import { type Parsed, right, wrong } from '../../github/parse.js'
import type { Run } from '../../github/run-context.js'

const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const notACommit = 'is not a commit SHA: it has 40 or 64 hexadecimal digits'

/** Parses a full commit SHA, into lower case. */
export function parseCommit(text: string): Parsed<string> {
  const sha = text.toLowerCase()
  return commitPattern.test(sha) ? right(sha) : wrong(notACommit)
}

/** Returns the commit in `commit-sha`, else the event's. Problems are noted. */
export function readCommit(inputs: InputReader, run: Run): string {
  const given = inputs.text('commit-sha')
  const sha = (given || run.commit || '').toLowerCase()
  if (commitPattern.test(sha)) return sha
  if (given !== '') inputs.problem('commit-sha', given, notACommit)
  else
    inputs.missing(
      'commit-sha',
      `is not given, and the event ${run.event || '(none)'} names no commit: give one`,
    )
  return sha
}
