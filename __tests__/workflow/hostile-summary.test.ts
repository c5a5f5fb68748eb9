import { describe, test } from '@jest/globals'
import fc from 'fast-check'
import { Failure } from '../../src/basics/failure.js'
import { summarize } from '../../src/snapshot/report.js'
import { reportFailure } from '../../src/workflow/door.js'
import { oneLine } from '../../src/workflow/plain-text.js'
import { markdownTable } from '../../src/workflow/summary.js'
import { asBytes, hostileRuns, hostileText } from '../support/hostile-text.js'
import { renderMarkdown, type Shown } from '../support/markdown.js'
import { planOf } from '../support/plan.js'
import { expectSame } from '../support/same.js'
import { exampleRun, exampleSha, exampleStep, KeptLog } from '../support/step.js'

/** A text from outside as it has to be read; a link where it is one of ours. */
function shown(text: string, ...links: readonly string[]): Shown {
  return { text: asBytes(oneLine(text)), links, markup: [] }
}

/** The blocks of one table with a row of its own for the headings. */
function tableBlocks(columns: number): string {
  const row = (cell: string) => `tr_open ${`${cell}_open inline ${cell}_close `.repeat(columns)}tr_close`
  return `table_open thead_open ${row('th')} thead_close tbody_open ${row('td')} tbody_close table_close`
}

const [twoColumns, oneColumn] = [tableBlocks(2), tableBlocks(1)]
const callout = `blockquote_open ${'paragraph_open inline paragraph_close '.repeat(2)}blockquote_close`
const titleAndTable = `heading_open inline heading_close ${tableBlocks(6)}`

describe('hostile text in the job summary', () => {
  test('is the text of its cell in a table, and nothing else', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const table = markdownTable(['Name', one], [[{ text: one }, { text: two, url: 'https://ours/' }]])
        expectSame(renderMarkdown(asBytes(table)), {
          blocks: twoColumns,
          shown: [shown('Name'), shown(one), shown(one), shown(two, 'https://ours/')],
        })
      }),
      hostileRuns,
    )
  })

  test('is the target of its link, and nothing else', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const table = markdownTable(['Name'], [[{ text: 'a', url: `https://ours/${text}` }]])
        const target = encodeURI(`https://ours/${asBytes(text)}`)
        expectSame(renderMarkdown(table), {
          blocks: oneColumn,
          shown: [shown('Name'), shown('a', target)],
        })
      }),
      hostileRuns,
    )
  })

  test('is what happened and what to do where a step fails, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (message, advice) => {
        let markdown = ''
        await reportFailure(new Failure(message, advice), new KeptLog(), async (more) => {
          markdown += more
        })
        const { blocks, shown } = renderMarkdown(asBytes(markdown))
        expectSame(blocks, callout)
        const strong = ['strong_open', 'strong_close']
        const lines = message.split('\n').map(oneLine).join('\n')
        expectSame(shown, [
          { text: asBytes(`[!CAUTION]\nThis step failed: ${lines}`.trim()), links: [], markup: strong },
          { text: asBytes(`What to do: ${oneLine(advice)}`.trim()), links: [], markup: strong },
        ])
      }),
      hostileRuns,
    )
  })

  test('is the name of a source or of a snapshot in the table of the snapshots, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (name, snapshotName) => {
        const step = exampleStep({}, { run: exampleRun({ serverUrl: 'https://ours' }) })
        const planned = { source: { type: 'disk', name }, snapshotName } as const
        await summarize('Title', planOf([planned]), [], [], step)
        const { blocks, shown: seen } = renderMarkdown(asBytes(step.summary.join('')))
        expectSame(blocks, titleAndTable)
        expectSame(seen.slice(7), [
          shown(`disk ${name}`),
          shown(snapshotName),
          shown('not taken'),
          shown(''),
          shown(''),
          shown(exampleSha.slice(0, 7), `https://ours/octo-org/web-shop/commit/${exampleSha}`),
        ])
      }),
      hostileRuns,
    )
  })
})
