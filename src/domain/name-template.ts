import { type Parsed, right, wrong } from '../github/parse.js'
import { isSnapshotName, nameLength } from '../lightsail/names.js'

/** The values of the template variables. */
export interface TemplateValues {
  readonly source: string
  readonly sha: string
  /** `owner/name`; the variable has only the name. */
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

/** Fixed text, or a variable with its name and value. */
type Part =
  | { readonly text: string }
  | { readonly variable: string; readonly valueFrom: (values: TemplateValues) => string }

/** A parsed name template. */
export type Template = readonly Part[]

/** Parses a template such as `{{source}}-{{sha7}}`. */
export function parseTemplate(template: string): Parsed<Template> {
  const [start = '', ...rest] = template.split('{{')
  const pieces = [ownText(start), ...rest.map(variableAndText)]
  const problem = pieces.find((piece) => !piece.ok)
  return problem ?? right(pieces.flatMap((piece) => (piece.ok ? piece.value : [])))
}

/** Parses what follows an opening brace: a variable, its closing brace, and the text up to the next variable. */
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
        `has ${JSON.stringify(odd)} in its text; a name can contain letters, digits, "_" and "-", and the variables are ${known}`,
      )
}

/** Whether the template has a variable that differs between sources. */
export function namesSource(template: Template): boolean {
  return template.some((part) => 'variable' in part && part.variable === 'source')
}

/** Values are cut to this length, so that a long branch name doesn't break a deploy. */
const longestValue = 100

/** Makes a value fit into a name: each run of other characters becomes one `-`, and it begins and ends with a letter or digit. */
function inserted(value: string, variable: string): string {
  const held = trimmed(value.replace(/[^A-Za-z0-9_-]+/gu, '-'))
  // Not cut: two sources may begin the same way.
  return variable === 'source' ? held : trimmed(held.slice(0, longestValue))
}

function trimmed(text: string): string {
  return text.replace(/^[_-]+/, '').replace(/(?<![_-])[_-]+$/, '')
}

/** Stands for an empty value. No name can contain it. */
const gap = '*'

/** Removes the gaps, and the separators that they leave at the ends. */
function withoutGaps(name: string): string {
  return name
    .replace(/^\*[*_-]*/, '')
    .replace(/(?<![*_-])[*_-]*\*$/, '')
    .replaceAll(gap, '')
}

/** Returns the name that a template makes. */
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
