/** Something that happened. `isDetail`: it is left out of the story. */
export interface SimulatedEvent {
  /** Milliseconds from the beginning. */
  readonly at: number
  readonly who: string
  readonly what: string
  readonly isDetail: boolean
}

/** Returns an event as a line of a log. */
export function eventLine({ at, who, what }: SimulatedEvent): string {
  return `${timeText(at)} ${who.padEnd(14)} ${what}`
}

function timeText(ms: number): string {
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60]
  const seconds = ((ms % 60_000) / 1000).toFixed(3).padStart(6, '0')
  return [...(hours > 0 ? [String(hours)] : []), String(minutes).padStart(2, '0'), seconds].join(':')
}
