import { count } from '../basics/text.js'

/** A bar of the timeline. Times are in milliseconds since the epoch. */
export interface Bar {
  /** Put before the name, so that no bar begins with one of Mermaid's keywords. */
  readonly what: 'disk' | 'instance' | 'snapshot'
  readonly name: string
  readonly detail: string
  /** Mermaid's word for complete, in progress, and failed. */
  readonly kind: 'done' | 'active' | 'crit'
  readonly startMs: number
  readonly endMs: number
}

/** More bars than this can't be read. */
const mostBars = 50
const longestName = 40

const look = {
  // Room for half of the first and of the last time label.
  gantt: { leftPadding: 30, rightPadding: 30, fontSize: 12 },
  // Complete bars are gray in Mermaid's themes. This green has enough contrast in GitHub's light and dark themes.
  themeVariables: { doneTaskBkgColor: '#4ac26b', doneTaskBorderColor: '#2da44e' },
}

/**
 * Returns the bars as a Mermaid Gantt chart, which GitHub draws; empty for fewer than two. If there are too many, it shows
 * those that aren't complete, then the longest.
 */
export function timeline(all: readonly Bar[]): string {
  if (all.length < 2) return ''
  const bars = mostTelling(all)
  const startMs = Math.min(...bars.map((bar) => bar.startMs))
  const endMs = Math.max(...bars.map((bar) => bar.endMs))
  const { every, format } = scaleOf(endMs - startMs)
  const left = all.length - bars.length
  return [
    'Each bar runs from the start of a snapshot to when this step saw it finish. Times are UTC.',
    ...(left > 0 ? [` Left out: ${count(left, 'snapshot')} that took less time.`] : []),
    `\n\n\`\`\`mermaid\n%%{init: ${JSON.stringify(look)}}%%\ngantt`,
    // Without a time zone, the times are shown as written.
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
  // The difference of two infinite weights isn't a number.
  const chosen = new Set(bars.toSorted((a, b) => weight(b) - weight(a) || 0).slice(0, mostBars))
  return bars.filter((bar) => chosen.has(bar))
}

function barText({ what, name, detail, kind, startMs, endMs }: Bar): string {
  const cut = name.length > longestName ? `${name.slice(0, longestName - 3)}...` : name
  return `${what} ${harmless(cut)}, ${harmless(detail)} :${kind}, ${timeText(startMs)}, ${timeText(endMs)}`
}

// The characters of a Lightsail name. Mermaid may take any other for syntax.
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

/** The spacing and format of the axis labels: at most eight labels. */
function scaleOf(spanMs: number): { readonly every: string; readonly format: string } {
  const mostMarks = 8
  for (const { unit, ms, steps, format } of scales) {
    const step = steps.find((number) => spanMs <= number * ms * mostMarks)
    if (step !== undefined) return { every: `${step}${unit}`, format }
  }
  return longest
}
