import { count } from '../basics/text.js'

/** A span of time. Times are milliseconds since the epoch. */
export interface Bar {
  /** The word before the name: with it in front, no name begins with a word that Mermaid knows. */
  readonly what: 'disk' | 'instance' | 'snapshot'
  readonly name: string
  readonly detail: string
  /** Mermaid's word for what has ended well, goes on, or has failed. */
  readonly kind: 'done' | 'active' | 'crit'
  readonly startMs: number
  readonly endMs: number
}

/** More bars than these make no picture. */
const mostBars = 50
const longestName = 40

const look = {
  // Nothing is beside the bars but half of the first and the last time.
  gantt: { leftPadding: 30, rightPadding: 30, fontSize: 12 },
  // What is done is grey in Mermaid's own themes. This green has enough contrast in GitHub's light and dark one.
  themeVariables: { doneTaskBkgColor: '#4ac26b', doneTaskBorderColor: '#2da44e' },
}

/**
 * The bars as a Gantt chart of Mermaid's, which GitHub draws; an empty text for fewer than two. Of too many, those that
 * haven't ended well are shown, then the longest.
 */
export function timeline(all: readonly Bar[]): string {
  if (all.length < 2) return ''
  const bars = mostTelling(all)
  const startMs = Math.min(...bars.map((bar) => bar.startMs))
  const endMs = Math.max(...bars.map((bar) => bar.endMs))
  const { every, format } = scaleOf(endMs - startMs)
  const left = all.length - bars.length
  return [
    'A bar goes from the start of a snapshot to when this step saw its end. Times are UTC.',
    ...(left > 0 ? [` Left out: ${count(left, 'snapshot')} that took less time.`] : []),
    `\n\n\`\`\`mermaid\n%%{init: ${JSON.stringify(look)}}%%\ngantt`,
    // Without a zone in them, everybody reads the times as they stand here.
    '\n  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `\n  axisFormat ${format}`,
    `\n  tickInterval ${every}`,
    '\n  todayMarker off',
    ...bars.map((bar) => `\n  ${barText(bar)}`),
    '\n```',
  ].join('')
}

function mostTelling(bars: readonly Bar[]): readonly Bar[] {
  if (bars.length <= mostBars) return bars
  const weight = ({ kind, startMs, endMs }: Bar) =>
    kind === 'done' ? endMs - startMs : Number.POSITIVE_INFINITY
  const chosen = new Set(bars.toSorted((a, b) => compare(weight(b), weight(a))).slice(0, mostBars))
  return bars.filter((bar) => chosen.has(bar))
}

// Two endless weights have no difference.
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b)
}

function barText({ what, name, detail, kind, startMs, endMs }: Bar): string {
  const cut = name.length > longestName ? `${name.slice(0, longestName - 3)}...` : name
  return `${what} ${harmless(cut)}, ${harmless(detail)} :${kind}, ${timeText(startMs)}, ${timeText(endMs)}`
}

// What a name in Lightsail is made of. Of everything else, Mermaid may read more than text.
function harmless(text: string): string {
  return text.replace(/[^\w. -]/g, '_')
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replace('T', ' ')
}

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]
const scales = [
  { unit: 'second', ms: second, steps: [1, 2, 5, 10, 15, 30], format: '%H:%M:%S' },
  { unit: 'minute', ms: minute, steps: [1, 2, 5, 10, 15, 30], format: '%H:%M' },
  { unit: 'hour', ms: hour, steps: [1, 2, 6, 12], format: '%m-%d %H:%M' },
  { unit: 'day', ms: day, steps: [1, 2], format: '%Y-%m-%d' },
  { unit: 'week', ms: 7 * day, steps: [1], format: '%Y-%m-%d' },
] as const
const longest = { every: '1month', format: '%Y-%m' }

/** The marks of the axis: so far apart that there are not many. */
function scaleOf(spanMs: number): { readonly every: string; readonly format: string } {
  const mostMarks = 8
  for (const { unit, ms, steps, format } of scales) {
    const step = steps.find((number) => spanMs <= number * ms * mostMarks)
    if (step !== undefined) return { every: `${step}${unit}`, format }
  }
  return longest
}
