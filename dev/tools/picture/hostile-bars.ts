// Timelines with hostile names, for the test of their grammar and for Mermaid's own parser.
import fc from 'fast-check'
import type { Bar } from '../../../src/github/timeline.js'

// Text with a meaning in Mermaid, Markdown or HTML.
const words = [
  ...['gantt', 'section a', 'title a', 'click a href "https://evil.example"', 'click a call b()', 'call a()'],
  ...[
    'dateFormat x',
    'axisFormat %s',
    'tickInterval 1day',
    'excludes weekends',
    'includes monday',
    'topAxis',
  ],
  ...[
    'inclusiveEndDates',
    'todayMarker off',
    'weekday monday',
    'accTitle: a',
    'accDescr { a }',
    'accDescr: a',
  ],
  ...[
    '2024-01-01-shop',
    '2024-01-01',
    '%%',
    '%%{init: {"theme": "dark"}}%%',
    '%',
    '---\ntitle: a\n---',
    '---',
  ],
  ...[
    '#35;',
    '#',
    ';',
    ':',
    ',',
    '"',
    "'",
    '`',
    '\n',
    '\r\n',
    ' ',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
  ],
  ...[
    'after a',
    'until b',
    ':done,',
    ':crit, a, 1d',
    'milestone',
    'vert',
    'href "',
    '```',
    '~~~',
    '<br>',
    '-->',
  ],
  ...[
    '<img src=x onerror=alert(1)>',
    'javascript:alert(1)',
    '$$x$$',
    '__proto__',
    'constructor',
    'fa:fa-ban',
  ],
  ...[
    'shop-data',
    'graph TD',
    'flowchart',
    'style a fill:red',
    'classDef a',
    'end',
    '\u2028',
    '\u202e',
    '\ud800',
  ],
]
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 6 })
  .map((parts) => parts.join(''))
const hour = 3_600_000

/** A bar of any snapshot, with texts that could be mistaken for syntax. */
export const hostileBar: fc.Arbitrary<Bar> = fc
  .record({
    what: fc.constantFrom('disk', 'instance', 'snapshot'),
    name: hostile,
    detail: hostile,
    kind: fc.constantFrom('done', 'active', 'crit'),
    startMs: fc.integer({ min: Date.UTC(2020), max: Date.UTC(2099) }),
    length: fc.integer({ min: 1, max: 1000 * hour }),
  })
  .map(({ length, ...rest }) => ({ ...rest, endMs: rest.startMs + length }))
