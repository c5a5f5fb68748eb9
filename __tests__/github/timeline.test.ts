import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hostileBar } from '../../dev/tools/picture/hostile-bars.js'
import { type Bar, timeline } from '../../src/github/timeline.js'
import { hostileRuns, hostileText } from '../support/hostile-text.js'
import { expectSame } from '../support/same.js'

const start = Date.parse('2026-11-22T23:59:50.250Z')

function bar(name: string, seconds: number, changes: Partial<Bar> = {}): Bar {
  const times = { startMs: start, endMs: start + seconds * 1000 }
  return { what: 'disk', name, detail: `${seconds}s`, kind: 'done', ...times, ...changes }
}

function lines(bars: readonly Bar[]): string[] {
  return timeline(bars).split('\n')
}

describe('the timeline', () => {
  test('has one bar per snapshot, from its start to its end in UTC', () => {
    expect(lines([bar('shop-data', 5), bar('logs', 20, { kind: 'crit' })])).toEqual([
      'Each bar runs from the start of a snapshot to when this step saw it finish. Times are UTC.',
      '',
      '```mermaid',
      expect.stringMatching(/^%%\{init: \{"gantt":.*\}%%$/),
      'gantt',
      '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
      '  axisFormat %H:%M:%S',
      '  tickInterval 5second',
      '  todayMarker off',
      '  disk shop-data, 5s :done, 2026-11-22 23:59:50.250, 2026-11-22 23:59:55.250',
      '  disk logs, 20s :crit, 2026-11-22 23:59:50.250, 2026-11-23 00:00:10.250',
      '```',
    ])
  })

  test('is empty for one snapshot: its duration says as much', () => {
    expect([timeline([]), timeline([bar('shop-data', 5)])]).toEqual(['', ''])
  })

  test('cuts a long name', () => {
    const [line = ''] = lines([bar('x'.repeat(255), 5), bar('y', 5)]).slice(9)
    expect(line).toMatch(/^ {2}disk x{37}\.\.\., 5s :done/)
  })

  test("of many shows those that aren't complete, then the longest, in their order, and says so", () => {
    const many = Array.from({ length: 60 }, (_, index) => bar(`d${index}`, index + 1))
    const bars = [...many, bar('failed', 0, { kind: 'crit' }), bar('pending', 1, { kind: 'active' })]
    const shown = lines(bars)
    expect(shown[0]).toMatch(/Left out: 12 snapshots that took less time\.$/)
    expect(shown.slice(9, -1).map((line) => line.split(/[ ,]+/)[2])).toEqual([
      ...many.slice(12).map(({ name }) => name),
      'failed',
      'pending',
    ])
  })

  test.each([
    [0, '1second'],
    [8, '1second'],
    [9, '2second'],
    [300, '1minute'],
    [45 * 60, '10minute'],
    [5 * 3600, '1hour'],
    [3 * 86_400, '12hour'],
    [30 * 86_400, '1week'],
    [3000 * 86_400, '1month'],
  ])('of %i seconds has a mark every %s', (seconds, every) => {
    expect(lines([bar('a', seconds), bar('b', 0)])[7]).toBe(`  tickInterval ${every}`)
  })
})

// To Mermaid, a name is never more than a name: a timeline contains nothing outside this grammar, which Mermaid's own parser
// reads as plain bars (`npm run picture -- --check`).
describe('with names of any text', () => {
  const time = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/.source
  const barLine = new RegExp(
    `^  (disk|instance|snapshot) ([\\w. -]{0,40}), ([\\w. -]*) :(done|active|crit), (${time}), (${time})$`,
  )
  const frame = [
    /^[\w ,.:']+$/,
    /^$/,
    /^```mermaid$/,
    /^%%\{init: \{"gantt":\{[\w":,]+\},"themeVariables":\{[\w":,#]+\}\}\}%%$/,
    /^gantt$/,
    /^ {2}dateFormat YYYY-MM-DD HH:mm:ss\.SSS$/,
    /^ {2}axisFormat %[YmHM](?:[-: ]%[mdHMS]){0,3}$/,
    /^ {2}tickInterval \d{1,2}(?:second|minute|hour|day|week|month)$/,
    /^ {2}todayMarker off$/,
  ]
  const hostileBars = fc.array(
    fc.oneof(
      hostileBar,
      fc
        .record({ bar: hostileBar, text: hostileText })
        .map(({ bar, text }) => ({ ...bar, name: text, detail: text })),
    ),
    { minLength: 2, maxLength: 4 },
  )

  /** Returns the lines that aren't in the grammar, and the bars. */
  function readBack(bars: readonly Bar[]) {
    const all = lines(bars)
    const shown = all.slice(frame.length, -1)
    return {
      odd: [
        ...frame.flatMap((grammar, index) => (grammar.test(all[index] ?? '') ? [] : [all[index]])),
        ...shown.filter((line) => !barLine.test(line)),
        ...all.slice(-1).filter((line) => line !== '```'),
      ],
      bars: shown.map((line) => {
        const [, what, name, detail, kind, start = '', end = ''] = barLine.exec(line) ?? []
        return { what, name, detail, kind, startMs: Date.parse(`${start}Z`), endMs: Date.parse(`${end}Z`) }
      }),
    }
  }

  test('it has one line for each bar, and every line is in its grammar', () => {
    fc.assert(
      fc.property(hostileBars, (bars) => {
        const { odd, bars: shown } = readBack(bars)
        expectSame(odd, [])
        expectSame(
          shown.map(({ what, kind, startMs, endMs }) => ({ what, kind, startMs, endMs })),
          bars.map(({ what, kind, startMs, endMs }) => ({ what, kind, startMs, endMs })),
        )
      }),
      hostileRuns,
    )
  })

  test('it is the same apart from the names, whatever they are', () => {
    const withoutNames = (text: string) => text.replace(/^( {2}(?:disk|instance|snapshot) ).*( :)/gm, '$1$2')
    fc.assert(
      fc.property(hostileBars, (bars) => {
        const plain = bars.map((bar) => ({ ...bar, name: 'x', detail: 'x' }))
        expectSame(withoutNames(timeline(bars)), withoutNames(timeline(plain)))
      }),
      hostileRuns,
    )
  })

  test('it shows a valid Lightsail name unchanged', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,38}[A-Za-z0-9]$/),
        hostileBars,
        (name, [one, two]) => {
          const bars = [one, two].flatMap((bar) => (bar === undefined ? [] : [{ ...bar, name }]))
          expectSame(
            readBack(bars).bars.map((bar) => bar.name),
            [name, name],
          )
        },
      ),
      hostileRuns,
    )
  })
})
