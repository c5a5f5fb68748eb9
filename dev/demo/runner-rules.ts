// How the runner reads what a step writes, following the source of actions/runner. Strings are compared here by character; the
// runner's comparisons by culture match the same texts.
import { StringDecoder } from 'node:string_decoder'

/** A workflow command in a line of standard output or standard error. */
export interface WorkflowCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** The lines of standard output or standard error. src/Runner.Sdk/ProcessInvoker.cs: a StreamReader with its ReadLine. */
export function linesOf(output: string): string[] {
  return splitLines(output.replace(/^\ufeff/, ''))
}

function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** Reads the lines of one of a step's streams as its pieces arrive. */
export class LineReader {
  readonly #onLine: (line: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #isFirst = true
  /** What has no line end yet. */
  #open = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  add(piece: Buffer): void {
    const text = this.#open + this.#decoder.write(piece)
    // A carriage return at the end may be the first half of a line end.
    const end = Math.max(text.lastIndexOf('\n'), text.slice(0, -1).lastIndexOf('\r')) + 1
    this.#open = text.slice(end)
    this.#say(text.slice(0, end))
  }

  end(): void {
    this.#say(this.#open + this.#decoder.end())
  }

  #say(text: string): void {
    if (text === '') return
    for (const line of this.#isFirst ? linesOf(text) : splitLines(text)) this.#onLine(line)
    this.#isFirst = false
  }
}

/** An annotation of a run. */
export interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}

// src/Runner.Worker/ExecutionContext.cs, AddIssue: _maxIssueMessageLength and _maxCountPerIssueType. The message is cut in the
// log as well; any other line is not. (The live view cuts lines at 1,024 characters, see src/Runner.Common/JobServerQueue.cs.)
const longestMessage = 4096
const mostOfKind = 10

/** The annotation that a command makes, cut as the runner cuts it; undefined if it makes none. */
export function annotationOf({ name, properties, data }: WorkflowCommand): Annotation | undefined {
  const kind = name.toLowerCase()
  if (kind !== 'error' && kind !== 'warning' && kind !== 'notice') return undefined
  return { kind, title: properties['title'] ?? '', message: data.slice(0, longestMessage) }
}

/** The annotations that GitHub shows for a step with these lines: the first of each kind. */
export function annotationsOf(lines: readonly string[]): Annotation[] {
  const counts = new Map<string, number>()
  return lines.flatMap((line) => {
    const command = commandOf(line)
    const annotation = command === undefined ? undefined : annotationOf(command)
    if (annotation === undefined) return []
    const number = (counts.get(annotation.kind) ?? 0) + 1
    counts.set(annotation.kind, number)
    return number > mostOfKind ? [] : [annotation]
  })
}

/** The summary that GitHub shows: none above one mebibyte. src/Runner.Worker/FileCommandManager.cs, AttachmentSizeLimit. */
export function summaryOf(content: string): string {
  return Buffer.byteLength(content) > 1024 * 1024 ? '' : content
}

// src/Runner.Worker/ActionCommandManager.cs: case-insensitive. While commands are stopped, the runner adds the one that
// resumes them.
const registeredCommands = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
])

function isRegistered(name: string): boolean {
  return registeredCommands.has(name.toLowerCase())
}

/**
 * The command in a line: `::name properties::data`, else `##[name properties]data`. src/Runner.Common/ActionCommand.cs,
 * TryParseV2 and TryParse, in the order of src/Runner.Worker/ActionCommandManager.cs.
 */
export function commandOf(
  line: string,
  isCommand: (name: string) => boolean = isRegistered,
): WorkflowCommand | undefined {
  return colonCommand(line, isCommand) ?? bracketCommand(line, isCommand)
}

// White space for .NET's TrimStart, which differs from JavaScript's.
const whiteSpace = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/

const colonEscapes = ['\r', '\n', '%'] as const
const colonPropertyEscapes = ['\r', '\n', ':', ',', '%'] as const
const bracketEscapes = [';', '\r', '\n', ']', '%'] as const

/** TryParseV2: at the start of the line, after any white space. */
function colonCommand(line: string, isCommand: (name: string) => boolean): WorkflowCommand | undefined {
  const [, info, data] = /^::(.*?)::(.*)$/su.exec(line.replace(whiteSpace, '')) ?? []
  if (info === undefined || data === undefined) return undefined
  const [name, properties] = nameAndRest(info)
  if (!isCommand(name)) return undefined
  return {
    name,
    properties: readProperties(properties.trim(), ',', colonPropertyEscapes),
    data: unescapeText(data, colonEscapes),
  }
}

/** TryParse: the first `##[` anywhere in the line, up to the next `]`. */
function bracketCommand(line: string, isCommand: (name: string) => boolean): WorkflowCommand | undefined {
  const start = line.indexOf('##[')
  const end = line.indexOf(']', start)
  if (start < 0 || end < 0) return undefined
  const [name, properties] = nameAndRest(line.slice(start + 3, end))
  if (!isCommand(name)) return undefined
  return {
    name,
    properties: readProperties(properties, ';', bracketEscapes),
    data: unescapeText(line.slice(end + 1), bracketEscapes),
  }
}

function nameAndRest(info: string): [string, string] {
  const space = info.indexOf(' ')
  return space < 0 ? [info, ''] : [info.slice(0, space), info.slice(space + 1)]
}

// `key=value`, neither of them empty; .NET's Split drops empty parts.
function readProperties(text: string, separator: string, escapes: readonly string[]): Record<string, string> {
  const pairs = text.split(separator).flatMap((part) => {
    const [, key, value] = /^=*([^=]+)=+([^=].*)$/su.exec(part) ?? []
    return key === undefined || value === undefined ? [] : [[key, unescapeText(value, escapes)] as const]
  })
  return Object.fromEntries(pairs)
}

/** Replaces the escapes one by one in this order, the percent sign last. */
function unescapeText(text: string, escapes: readonly string[]): string {
  return escapes.reduce((unescaped, character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
    return unescaped.replaceAll(`%${code}`, character)
  }, text)
}

/**
 * The outputs in a file, as the runner on this system reads them: `name=value`, or `name<<delimiter`, lines, `delimiter`.
 * The last value counts. Throws if the runner would fail the step. src/Runner.Worker/FileCommandManager.cs,
 * EnvFileKeyValuePairs: `\n` ends a line; on Windows `\r\n` does as well.
 */
export function outputsOf(
  content: string,
  isWindows: boolean = process.platform === 'win32',
): Record<string, string> {
  const outputs = new Map<string, string>()
  const lineEnd = isWindows ? /\r?\n$/ : /\n$/
  // Each line with its end, which a multi-line value keeps.
  const lines = content.replace(/^\ufeff/, '').split(/(?<=\n)/)
  for (let next = lines.shift(); next !== undefined; next = lines.shift()) {
    const line = next.replace(lineEnd, '')
    if (line === '') continue
    const [, name = '', separator, rest = ''] = /^(.*?)(=|<<)(.*)$/su.exec(line) ?? []
    if (name === '' || (separator === '<<' && rest === '')) throw new Error(`not an output: ${line}`)
    outputs.set(name, separator === '=' ? rest : readUntil(rest, lines, lineEnd))
  }
  return Object.fromEntries(outputs)
}

/** Removes the lines up to the delimiter, and returns those before it. */
function readUntil(delimiter: string, lines: string[], lineEnd: RegExp): string {
  const end = lines.findIndex((line) => line.replace(lineEnd, '') === delimiter)
  if (end === -1) throw new Error(`no line is ${delimiter}`)
  return lines
    .splice(0, end + 1)
    .slice(0, end)
    .join('')
    .replace(lineEnd, '')
}
