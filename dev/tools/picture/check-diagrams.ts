import { deepStrictEqual } from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { type Bar, timeline } from '../../../src/github/timeline.js'
import { hostileBar } from './hostile-bars.js'
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

/** Returns the diagram in a page's code block. */
function diagramOf(markdown: string): string {
  const [, text = ''] = /```mermaid\n([\s\S]*)\n```$/.exec(markdown) ?? []
  return text
}

async function check({ default: mermaid }: Mermaid, bars: readonly Bar[]): Promise<void> {
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

/**
 * Parses timelines with hostile names with Mermaid's own parser, which GitHub uses too. Throws if the result differs from
 * what was meant.
 */
export async function checkDiagrams(numRuns: number): Promise<void> {
  const mermaid: Mermaid = await import(pathToFileURL(packaged('mermaid/dist/mermaid.core.mjs')).href)
  // The times have no zone and are read as local time, which must be UTC here.
  process.env['TZ'] = 'UTC'
  const bars = fc.array(hostileBar, { minLength: 2, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(bars, (some) => check(mermaid, some)),
    { numRuns },
  )
}
