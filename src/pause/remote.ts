import { remoteScript } from './remote-script.js'

/** What to do on the instance. */
export interface RemotePause {
  /** The mount points whose file systems are frozen, in this order. */
  readonly mounts: readonly string[]
  /** Shell commands to run before the freeze, and afterwards. Empty: none. */
  readonly before: string
  readonly after: string
  /** How long the file systems may stay frozen, in milliseconds. */
  readonly timeoutMs: number
}

/** Returns the input of the root shell on the instance: for the checks alone, or for a pause. */
export function remoteInput(mode: 'check' | 'pause', pause: RemotePause): string {
  const values = {
    MODE: mode,
    MOUNTS: pause.mounts.join('\n'),
    BEFORE: pause.before,
    AFTER: pause.after,
    TIMEOUT: String(Math.ceil(pause.timeoutMs / 1000)),
  }
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`)
  return `${lines.join('\n')}\n${remoteScript}`
}

/** The lines that begin and end a pause. */
export const freezeLine = 'freeze\n'
export const thawLine = 'thaw\n'

/** The text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** One line of what the script reports: a word, and what it is about. */
export interface Report {
  readonly word: string
  readonly subject: string
}

/** Reads a line of the script's output; undefined for anything else, such as what a login shell prints. */
export function readReport(line: string): Report | undefined {
  const [, word, subject] = /^pause (\S+) ?(.*)$/.exec(line) ?? []
  return word === undefined || subject === undefined ? undefined : { word, subject }
}
