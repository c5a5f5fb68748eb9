import { isSnapshotName, nameLength } from '../lightsail/names.js'
import { type Parsed, right, wrong } from '../workflow/parse.js'

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

/** Every template variable, in the order of the README. */
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
  ['run_attempt', ({ runAttempt }) => runAttempt],
  ['workflow', ({ workflow }) => workflow],
  ['job', ({ job }) => job],
  ['event', ({ event }) => event],
  ['actor', ({ actor }) => actor],
  ['date', ({ time }) => digits(time).slice(0, 8)],
  ['time', ({ time }) => digits(time).slice(8, 14)],
])

const known = [...templateVariables.keys()].join(', ')

type Part = { readonly text: string } | { readonly variable: (values: TemplateValues) => string }

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
  const variable = templateVariables.get(name)
  if (variable === undefined) return wrong(`has the unknown variable {{${name}}}; the variables are ${known}`)
  const text = ownText(piece.slice(close + 2))
  return text.ok ? right([{ variable }, ...text.value]) : text
}

function ownText(text: string): Parsed<Part[]> {
  const odd = /[^A-Za-z0-9_-]/u.exec(text)?.[0]
  return odd === undefined
    ? right([{ text }])
    : wrong(
        `has ${JSON.stringify(odd)} in its own text; a name holds letters, digits, "_" and "-", and the variables are ${known}`,
      )
}

/** The name that a template makes. What a value has and a name can't hold becomes one `-` for each run of it. */
export function renderName(template: Template, values: TemplateValues): Parsed<string> {
  const name = template
    .map((part) => ('text' in part ? part.text : part.variable(values).replace(/[^A-Za-z0-9_-]+/gu, '-')))
    .join('')
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
