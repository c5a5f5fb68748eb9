/** A length of time for people: `0s`, `45s`, `1m 5s`, `2h 0m`, `3d 4h`. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit))
  if (days) return `${days}d ${(hours ?? 0) % 24}h`
  if (hours) return `${hours}h ${(minutes ?? 0) % 60}m`
  if (minutes) return `${minutes}m ${seconds % 60}s`
  return `${seconds}s`
}

/** `1 tag`, `2 tags`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
