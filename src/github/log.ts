import { endGroup, error, info, isDebug, notice, startGroup, warning } from '@actions/core'
import { logLine } from './escaping.js'

/** The step's log. No text, wherever it comes from, starts a workflow command. */
export interface Log {
  info(line: string): void
  /** Lines folded under a title. */
  group(title: string, lines: readonly string[]): void
  notice(text: string): void
  warning(text: string): void
  /** The one annotation of a step that fails. */
  error(text: string): void
  /** Lines that are shown with debug logging on. */
  debug(text: string): void
}

/** The log as the runner reads it from standard output. */
export const runnerLog: Log = {
  info: (line) => info(logLine(line)),
  group: (title, lines) => {
    startGroup(logLine(title).trim())
    for (const line of lines) info(logLine(line))
    endGroup()
  },
  notice: (text) => notice(annotation(text)),
  warning: (text) => warning(annotation(text)),
  error: (text) => error(annotation(text), { title: 'Lightsail disk snapshot' }),
  debug: (text) => {
    if (isDebug()) for (const line of text.split('\n')) info(logLine(line))
  },
}

// The runner writes an annotation's lines to the log unchanged, and the log viewer looks for markers in each.
function annotation(text: string): string {
  return text
    .split('\n')
    .map((line) => logLine(line).trim())
    .join('\n')
}
