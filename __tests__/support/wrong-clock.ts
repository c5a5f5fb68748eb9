import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The environment of a step on a runner whose clock is this many milliseconds ahead. */
export function clockAhead(ms: number): Record<string, string> {
  const file = pathToFileURL(resolve('.build/__tests__/support/clock-ahead.js'))
  return { NODE_OPTIONS: `--import=${file.href}`, CLOCK_AHEAD_MS: String(ms) }
}
