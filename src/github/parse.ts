/** The result of parsing an input: a value, or what is wrong and what would be right. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

export function right<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}

/** Parses a boolean as `core.getBooleanInput` does: the YAML 1.2 core schema. */
export function parseBoolean(text: string): Parsed<boolean> {
  const isTrue = ['true', 'True', 'TRUE'].includes(text.trim())
  const isBoolean = isTrue || ['false', 'False', 'FALSE'].includes(text.trim())
  return isBoolean ? right(isTrue) : wrong('is not a boolean: use true or false')
}

const durationUnits = [86_400_000, 3_600_000, 60_000, 1000] as const
const durationPattern = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/
const longestDurationMs = 3650 * 86_400_000

/** Parses a duration such as `45s`, `30m`, `1h30m` or `14d`, from one second to 3650 days, into milliseconds. */
export function parseDuration(text: string): Parsed<number> {
  const trimmed = text.trim()
  if (/^\d+$/.test(trimmed)) {
    const number = Number(trimmed) > 0 ? trimmed : '1'
    return wrong(`is a number without a unit: write ${number}s, ${number}m or ${number}h`)
  }
  const parts = durationPattern.exec(trimmed)
  if (parts === null) return wrong('is not a duration: write one such as 45s, 30m, 2h, 1h30m or 14d')
  const ms = durationUnits.reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0)
  if (ms < 1000) return wrong('is too short: the least is 1s')
  return ms > longestDurationMs ? wrong('is too long: the most is 3650d') : right(ms)
}

/**
 * Parses a list: one item per line, or a JSON array of strings; with `commas`, commas separate items too. Blank items and
 * whitespace around items are ignored. Text that starts with a bracket is JSON.
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
  /** Whether commas separate items. */
  readonly commas: boolean
  /** The problem to report for a JSON array with a `null` in it, if it needs words of its own. */
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
