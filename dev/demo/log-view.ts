import { annotationOf, commandOf } from './runner-rules.js'

/** A line that a step writes, as the runner reads it. */
export type LogEntry =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'command'; readonly command: string; readonly text: string }

/** Tells a workflow command from text, by the runner's rules. The message of an annotation is cut as the runner cuts it. */
export function readLogLine(line: string): LogEntry {
  const command = commandOf(line)
  if (command === undefined) return { type: 'text', text: line }
  const text = annotationOf(command)?.message ?? command.data
  return { type: 'command', command: command.name.toLowerCase(), text }
}

const prefixes: ReadonlyMap<string, string> = new Map([
  ['error', 'Error: '],
  ['warning', 'Warning: '],
  ['notice', 'Notice: '],
  ['group', '▼ '],
])

/** Shows lines as in the log of a run: commands by their effect, the lines of a group indented below its title. */
export class LogView {
  #indent = ''

  /** Returns the line as a person sees it; undefined if the runner doesn't show it. */
  show(line: string): string | undefined {
    const entry = readLogLine(line)
    if (entry.type === 'text') return this.#indent + entry.text
    if (entry.command === 'endgroup') this.#indent = ''
    const prefix = prefixes.get(entry.command)
    if (prefix === undefined) return undefined
    const shown = this.#indent + prefix + entry.text
    if (entry.command === 'group') this.#indent = '    '
    return shown
  }
}
