// Reads timelines with hostile names by Mermaid's own parser, the one that GitHub draws with, and looks whether each is
// read as what was meant. Run it with `npm run check:diagrams`; it needs `npm ci --prefix dev/tools/picture --ignore-scripts`.
import { deepStrictEqual } from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { type Bar, timeline } from '../../../src/github/timeline.js'
import { packaged } from './packages.js'

interface Task {
  readonly task: string
  readonly section: string
  readonly startTime: Date
  readonly endTime: Date
  readonly done?: boolean
  readonly active?: boolean
  readonly crit?: boolean
  readonly milestone?: boolean
}

interface Diagram {
  readonly type: string
  readonly db: { getTasks(): Task[]; getDiagramTitle(): string; getLinks(): ReadonlyMap<string, string> }
}

interface Mermaid {
  readonly default: {
    readonly mermaidAPI: { getDiagramFromText(text: string): Promise<Diagram> }
    parse(text: string): Promise<{ readonly config: object }>
  }
}

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
const bar: fc.Arbitrary<Bar> = fc
  .record({
    what: fc.constantFrom('disk', 'instance', 'snapshot'),
    name: hostile,
    detail: hostile,
    kind: fc.constantFrom('done', 'active', 'crit'),
    startMs: fc.integer({ min: Date.UTC(2020), max: Date.UTC(2099) }),
    length: fc.integer({ min: 1, max: 1000 * hour }),
  })
  .map(({ length, ...rest }) => ({ ...rest, endMs: rest.startMs + length }))

const loaded: Mermaid = await import(pathToFileURL(packaged('mermaid/dist/mermaid.core.mjs')).href)
const mermaid = loaded.default

/** The diagram within a page's code block. */
function diagramOf(markdown: string): string {
  const [, text = ''] = /```mermaid\n([\s\S]*)\n```$/.exec(markdown) ?? []
  return text
}

async function check(bars: readonly Bar[]): Promise<void> {
  const text = diagramOf(timeline(bars))
  const { config } = await mermaid.parse(text)
  deepStrictEqual(Object.keys(config), ['gantt', 'themeVariables'])
  const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  deepStrictEqual([type, db.getDiagramTitle(), db.getLinks().size], ['gantt', '', 0])
  const seen = db.getTasks().map((task) => ({
    what: task.task.split(' ')[0],
    kind: [task.done && 'done', task.active && 'active', task.crit && 'crit', task.milestone && 'milestone']
      .filter(Boolean)
      .join(),
    section: task.section,
    startMs: task.startTime.getTime(),
    endMs: task.endTime.getTime(),
  }))
  const meant = bars.map(({ what, kind, startMs, endMs }) => ({ what, kind, section: '', startMs, endMs }))
  deepStrictEqual(seen, meant)
}

// The times have no zone: whoever looks reads them as they stand. Here that has to be UTC.
process.env['TZ'] = 'UTC'
const numRuns = Number(process.argv[2] ?? 3000)
await fc.assert(fc.asyncProperty(fc.array(bar, { minLength: 2, maxLength: 4 }), check), { numRuns })
process.stdout.write(`${numRuns} timelines with hostile names are what they should be to Mermaid\n`)
