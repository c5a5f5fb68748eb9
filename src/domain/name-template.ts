import { type Parsed, right, wrong } from '../github/parse.js'
import { isSnapshotName, nameLength } from '../lightsail/names.js'

/** What a template variable stands for, taken from the source, the run and the time. */
export interface TemplateValues {
  readonly source: string
  readonly sha: string
  /** `owner/name`; the variable has the name alone. */
  readonly repository: string
  readonly refName: string
  readonly runId: string
  readonly runNumber: string
  readonly runAttempt: string
  readonly workflow: string
  readonly job: string
  readonly event: string
  readonly actor: string
  readonly time: Date
}

/** Every template variable, in the order of docs/usage.md. */
export const templateVariables: ReadonlyMap<string, (values: TemplateValues) => string> = new Map<
  string,
  (values: TemplateValues) => string
>([
  ['source', ({ source }) => source],
  ['sha', ({ sha }) => sha],
  ['sha7', ({ sha }) => sha.slice(0, 7)],
  ['repository', ({ repository }) => repository.slice(repository.indexOf('/') + 1)],
  ['ref_name', ({ refName }) => refName],
  ['run_id', ({ runId }) => runId],
  ['run_number', ({ runNumber }) => runNumber],
  ['run_attempt', ({ runAttempt }) => runAttempt || '1'],
  ['workflow', ({ workflow }) => workflow],
  ['job', ({ job }) => job],
  ['event', ({ event }) => event],
  ['actor', ({ actor }) => actor],
  ['date', ({ time }) => digits(time).slice(0, 8)],
  ['time', ({ time }) => digits(time).slice(8, 14)],
])

const known = [...templateVariables.keys()].join(', ')

/** The template's own text, or a variable: its name, and what it stands for. */
type Part =
  | { readonly text: string }
  | { readonly variable: string; readonly valueFrom: (values: TemplateValues) => string }

/** A name template that has been read: its own text and its variables, in order. */
export type Template = readonly Part[]

/** Reads a template such as `{{source}}-{{sha7}}`. */
export function parseTemplate(template: string): Parsed<Template> {
  const [start = '', ...rest] = template.split('{{')
  const pieces = [ownText(start), ...rest.map(variableAndText)]
  const problem = pieces.find((piece) => !piece.ok)
  return problem ?? right(pieces.flatMap((piece) => (piece.ok ? piece.value : [])))
}

/** What stands behind an opening brace: a variable, its closing brace, and the template's own text up to the next. */
function variableAndText(piece: string): Parsed<Part[]> {
  const close = piece.indexOf('}}')
  if (close === -1) return wrong(`has an unclosed {{; the variables are ${known}`)
  const name = piece.slice(0, close).trim()
  const valueFrom = templateVariables.get(name)
  if (valueFrom === undefined)
    return wrong(`has the unknown variable {{${name}}}; the variables are ${known}`)
  const text = ownText(piece.slice(close + 2))
  return text.ok ? right([{ variable: name, valueFrom }, ...text.value]) : text
}

function ownText(text: string): Parsed<Part[]> {
  const odd = /[^A-Za-z0-9_-]/u.exec(text)?.[0]
  return odd === undefined
    ? right([{ text }])
    : wrong(
        `has ${JSON.stringify(odd)} in its own text; a name holds letters, digits, "_" and "-", and the variables are ${known}`,
      )
}

/** Whether each source gets a name of its own from the template, unless their names look the same in it. */
export function namesSource(template: Template): boolean {
  return template.some((part) => 'variable' in part && part.variable === 'source')
}

/** A value is cut to this length, so that a long branch name breaks no deploy. */
const longestValue = 100

/** A value as a name can hold it: each run of other characters is one `-`, with a letter or digit first and last. */
function inserted(value: string, variable: string): string {
  const held = trimmed(value.replace(/[^A-Za-z0-9_-]+/gu, '-'))
  // Two sources could have the same beginning.
  return variable === 'source' ? held : trimmed(held.slice(0, longestValue))
}

function trimmed(text: string): string {
  return text.replace(/^[_-]+/, '').replace(/(?<![_-])[_-]+$/, '')
}

/** In place of an empty value: no name holds it. */
const gap = '*'

/** The name without the gaps, and without the separators that they leave at its ends. */
function withoutGaps(name: string): string {
  return name
    .replace(/^\*[*_-]*/, '')
    .replace(/(?<![*_-])[*_-]*\*$/, '')
    .replaceAll(gap, '')
}

/** The name that a template makes. */
export function renderName(template: Template, values: TemplateValues): Parsed<string> {
  const pieces = template.map((part) =>
    'text' in part ? part.text : inserted(part.valueFrom(values), part.variable) || gap,
  )
  const name = withoutGaps(pieces.join(''))
  if (isSnapshotName(name)) return right(name)
  const { least, most } = nameLength
  return wrong(
    `makes the name ${JSON.stringify(name)} (${name.length} characters); a name has ${least} to ${most} letters, digits, "_" and "-", with a letter or digit first and last`,
  )
}

/** `YYYYMMDDHHmmss`, UTC. */
function digits(time: Date): string {
  return time.toISOString().replace(/\D/g, '')
}
