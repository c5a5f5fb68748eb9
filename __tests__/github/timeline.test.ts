import { describe, expect, test } from '@jest/globals'
import { type Bar, timeline } from '../../src/github/timeline.js'

const start = Date.parse('2026-11-22T23:59:50.250Z')

function bar(name: string, seconds: number, changes: Partial<Bar> = {}): Bar {
  const times = { startMs: start, endMs: start + seconds * 1000 }
  return { what: 'disk', name, detail: `${seconds}s`, kind: 'done', ...times, ...changes }
}

function lines(bars: readonly Bar[]): string[] {
  return timeline(bars).split('\n')
}

describe('the timeline', () => {
  test('has one bar a snapshot, from its start to its end in UTC', () => {
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

  test('is none for one snapshot: its duration says as much', () => {
    expect([timeline([]), timeline([bar('shop-data', 5)])]).toEqual(['', ''])
  })

  test('cuts a long name', () => {
    const [line = ''] = lines([bar('x'.repeat(255), 5), bar('y', 5)]).slice(9)
    expect(line).toMatch(/^ {2}disk x{37}\.\.\., 5s :done/)
  })

  test('of many has those that did not end well, then the longest, in their order, and says so', () => {
    const many = Array.from({ length: 60 }, (_, place) => bar(`d${place}`, place + 1))
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
