// How the runner reads the output of a step, following the source of actions/runner. Strings are compared here by
// character; the runner's comparisons by culture match the same texts.

/** A workflow command in a line of standard output. */
export interface WorkflowCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** The lines of standard output. src/Runner.Sdk/ProcessInvoker.cs: a StreamReader with its ReadLine. */
export function linesOf(standardOutput: string): string[] {
  const lines = standardOutput.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
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
  const [, info, data] = /##\[(.*?)\](.*)$/su.exec(line) ?? []
  if (info === undefined || data === undefined) return undefined
  const [name, properties] = nameAndRest(info)
  if (!isCommand(name)) return undefined
  return {
    name,
    properties: readProperties(properties, ';', bracketEscapes),
    data: unescapeText(data, bracketEscapes),
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
