import type { Environment } from './run-context.js'

const prefix = 'INPUT_'

/** Returns the names in a step's `with:` block that action.yml doesn't declare. GitHub only warns of them. */
export function undeclaredInputs(environment: Environment, declared: readonly string[]): string[] {
  const known = new Set(declared.map((name) => name.toUpperCase()))
  return Object.keys(environment)
    .filter((variable) => variable.startsWith(prefix) && !known.has(variable.slice(prefix.length)))
    .map((variable) => variable.slice(prefix.length).toLowerCase())
}

const mostEdits = 2

/** Whether two edits or fewer turn the one name into the other. `_` counts as `-`, as in `disk_name`. */
export function isTypoOf(name: string, declared: string): boolean {
  const isSimilarlyLong = Math.abs(name.length - declared.length) <= mostEdits
  return isSimilarlyLong && editsBetween(name.replaceAll('_', '-'), declared) <= mostEdits
}

/** The Levenshtein distance: how many characters have to be inserted, removed or replaced. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
