const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** A duration in the form of an input, to the second: `0s`, `45s`, `1m5s`, `2h`, `3d4h`. */
export function durationText(ms: number): string {
  let rest = Math.floor(ms / 1000)
  const parts = units.map(([letter, seconds]) => {
    const whole = Math.floor(rest / seconds)
    rest -= whole * seconds
    return whole === 0 ? '' : `${whole}${letter}`
  })
  return parts.join('') || '0s'
}

/** `1 tag`, `2 tags`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** The text as the start of a sentence. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** Returns each text that a list has more than once. */
export function repeated(texts: readonly string[]): string[] {
  const [seen, again] = [new Set<string>(), new Set<string>()]
  for (const text of texts) (seen.has(text) ? again : seen).add(text)
  return [...again]
}

/** The text with a full stop at its end, whatever ends it now. */
export function sentence(text: string): string {
  return text.replace(/(?<!\.)\.*$/, '.')
}
