import { endGroup, error, info, isDebug, notice, setSecret, startGroup, warning } from '@actions/core'
import { logLine } from './escaping.js'

/** The step's log. No text, wherever it comes from, starts a workflow command. */
export interface Log {
  info(line: string): void
  /** Lines folded under a title. */
  group(title: string, lines: readonly string[]): void
  notice(text: string): void
  warning(text: string): void
  /** The one annotation of a step that fails. The last line is the advice. */
  error(text: string): void
  /** Lines that are shown with debug logging on. */
  debug(text: string): void
  /** Replaces the text by asterisks wherever the job's log would show it from now on. */
  mask(secret: string): void
}

/** The log as the runner reads it from standard output. */
export const runnerLog: Log = {
  info: (line) => info(logLine(line)),
  group: (title, lines) => {
    startGroup(logLine(title).trim())
    for (const line of lines) info(logLine(line))
    endGroup()
  },
  notice: (text) => annotate(notice, text),
  warning: (text) => annotate(warning, text),
  error: (text) => annotate(error, text),
  debug: (text) => {
    if (isDebug()) for (const line of text.split('\n')) info(logLine(line))
  },
  mask: setSecret,
}

const title = 'Lightsail disk snapshot'

/**
 * GitHub cuts the message of an annotation at 4,096 characters, also in the log (actions/runner, ExecutionContext.cs, AddIssue).
 * Before that it masks secrets, which lengthens a text if a secret is shorter than its mask.
 */
const longestAnnotation = 3900
/** The end of an annotation that is cut: its last line, where the advice is, up to this length. */
const longestEnd = 3000
const cutMark = '... (more in the log)'

/** Writes an annotation, and the whole text as plain lines, which GitHub doesn't cut, if it is too long for one. */
function annotate(write: typeof error, text: string): void {
  const lines = text.split('\n').map(logLine)
  // The runner writes an annotation's lines to the log unchanged, and the log viewer looks for markers in each.
  const whole = lines.map((line) => line.trim()).join('\n')
  const isWhole = whole.length <= longestAnnotation
  write(isWhole ? whole : shortened(whole), { title })
  if (!isWhole) for (const line of lines) info(line)
}

/** The text without its middle. */
function shortened(text: string): string {
  const lastLine = text.slice(text.lastIndexOf('\n') + 1)
  const end = lastLine.length <= longestEnd ? `\n${lastLine}` : ` ...${text.slice(-longestEnd)}`
  const start = text.slice(0, longestAnnotation - cutMark.length - end.length)
  // A cut may leave half of a surrogate pair.
  return `${start}${cutMark}${end}`.toWellFormed()
}
