/** What became of one input's text: a value, or a sentence about what would be right. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

export function right<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
])

/** A boolean as `core.getBooleanInput` takes it: the YAML 1.2 core schema, nothing else. */
export function parseBoolean(text: string): Parsed<boolean> {
  const value = booleans.get(text.trim())
  return value === undefined ? wrong('is not a boolean: use true or false') : right(value)
}

const durationUnits = [86_400_000, 3_600_000, 60_000, 1000] as const
const durationPattern = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/
const longestDurationMs = 3650 * 86_400_000

/** A duration such as `45s`, `30m`, `1h30m` or `14d`, in milliseconds: from one second to 3650 days. */
export function parseDuration(text: string): Parsed<number> {
  const trimmed = text.trim()
  if (/^\d+$/.test(trimmed)) {
    const number = Number(trimmed) > 0 ? trimmed : '1'
    return wrong(`is a number without a unit: write ${number}s, ${number}m or ${number}h`)
  }
  const parts = durationPattern.exec(trimmed)
  if (parts === null) return wrong('is not a duration: write one such as 45s, 30m, 2h, 1h30m or 14d')
  const ms = durationUnits.reduce((sum, unit, place) => sum + unit * Number(parts[place + 1] ?? 0), 0)
  if (ms < 1000) return wrong('is too short: the least is 1s')
  return ms > longestDurationMs ? wrong('is too long: the most is 3650d') : right(ms)
}

/**
 * A list: one item a line, or a JSON array of strings; with `commas` a comma divides too. Blank items don't count, and
 * neither does the space around one. What opens with a bracket is taken for JSON.
 */
export function parseList(text: string, { commas, ifNull }: ListRules): Parsed<string[]> {
  const trimmed = text.trim()
  const items = trimmed.startsWith('[') ? jsonArray(trimmed) : trimmed.split(commas ? /[\n\r,]/ : /[\n\r]/)
  if (ifNull !== undefined && items?.includes(null)) return wrong(ifNull)
  if (!items?.every((item) => typeof item === 'string')) {
    return wrong('opens like a JSON array, but is not a JSON array of strings')
  }
  return right(items.map((item) => item.trim()).filter((item) => item !== ''))
}

interface ListRules {
  /** Whether a comma divides. */
  readonly commas: boolean
  /** What is wrong with a JSON array that has a `null` in it, if there is more to say of that. */
  readonly ifNull?: string
}

function jsonArray(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
