import { describe, test } from '@jest/globals'
import fc from 'fast-check'
import { summarize } from '../../src/actions/snapshot/report.js'
import { Failure } from '../../src/basics/failure.js'
import { reportFailure } from '../../src/github/entry-point.js'
import { oneLine } from '../../src/github/escaping.js'
import { markdownTable } from '../../src/github/summary.js'
import { timeline } from '../../src/github/timeline.js'
import { asBytes, hostileRuns, hostileText, visible } from '../support/hostile-text.js'
import { renderMarkdown, type Shown } from '../support/markdown.js'
import { planOf } from '../support/plan.js'
import { expectSame } from '../support/same.js'
import { exampleRun, exampleSha, exampleStep, KeptLog } from '../support/step.js'

/** A text from outside as it must be read; a link if it is one of ours. */
function shown(text: string, ...links: readonly string[]): Shown {
  return { text: asBytes(oneLine(text)), links, markup: [] }
}

function moreLines(number: number): string {
  return `${number} more line${number === 1 ? '' : 's'} of this in the log.`
}

/** The blocks of one table, whose headings are a row of their own. */
function tableBlocks(columns: number): string {
  const row = (cell: string) => `tr_open ${`${cell}_open inline ${cell}_close `.repeat(columns)}tr_close`
  return `table_open thead_open ${row('th')} thead_close tbody_open ${row('td')} tbody_close table_close`
}

const [twoColumns, oneColumn] = [tableBlocks(2), tableBlocks(1)]
const paragraph = 'paragraph_open inline paragraph_close'
const failureBlocks = `heading_open inline heading_close ${paragraph} ${paragraph} ${paragraph} fence`
const titleAndTable = `heading_open inline heading_close ${tableBlocks(4)}`

describe('hostile text in the job summary', () => {
  test('stays the text of its cell in a table', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const table = markdownTable(['Name', one], [[{ text: one }, { text: two, url: 'https://ours/' }]])
        expectSame(renderMarkdown(asBytes(table)), {
          code: [],
          blocks: twoColumns,
          shown: [shown('Name'), shown(one), shown(one), shown(two, 'https://ours/')],
        })
      }),
      hostileRuns,
    )
  })

  test('stays the target of its link', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const table = markdownTable(['Name'], [[{ text: 'a', url: `https://ours/${text}` }]])
        const target = encodeURI(`https://ours/${asBytes(text)}`)
        expectSame(renderMarkdown(table), {
          code: [],
          blocks: oneColumn,
          shown: [shown('Name'), shown('a', target)],
        })
      }),
      hostileRuns,
    )
  })

  test('adds nothing to what happened, what to do and what to copy when a step fails', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, hostileText, async (message, advice, text) => {
        let markdown = ''
        const copyables = [{ purpose: 'Copy @it', language: 'yaml', text } as const]
        await reportFailure(new Failure(message, advice, { copyables }), new KeptLog(), async (more) => {
          markdown += more
        })
        const { blocks, shown, code } = renderMarkdown(asBytes(markdown))
        expectSame(blocks, failureBlocks)
        const markup = ['strong_open', 'strong_close']
        // Longer lines are cut, because GitHub discards a summary above 1 MiB.
        const cut = (line: string) =>
          line.length > 4000 ? `${line.slice(0, 4000)}... (more in the log)` : line
        const lines = message.split('\n').map((line) => oneLine(cut(line)))
        if (lines.length > 10) lines.splice(10, lines.length, moreLines(lines.length - 10))
        expectSame(shown, [
          { text: 'Lightsail: this step failed', links: [], markup: [] },
          { text: asBytes(`What happened: ${lines.join('\n')}`.trim()), links: [], markup },
          { text: asBytes(`What to do: ${oneLine(cut(advice))}`.trim()), links: [], markup },
          { text: 'Copy @it:', links: [], markup: [] },
        ])
        expectSame(code[0]?.info, 'yaml')
        expectSame(visible(code[0]?.content ?? ''), visible(text))
      }),
      hostileRuns,
    )
  })

  test('stays the name of a source or a snapshot in the table of snapshots', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (name, more) => {
        const snapshotName = `x${more}`
        const step = exampleStep({}, { run: exampleRun({ serverUrl: 'https://ours' }) })
        const planned = { source: { type: 'disk', name }, snapshotName } as const
        await summarize(planOf([planned]), [], undefined, step)
        const { blocks, shown: seen } = renderMarkdown(asBytes(step.summary.join('')))
        expectSame(blocks, titleAndTable)
        expectSame(seen.slice(5), [
          shown(`disk ${name}`),
          shown(snapshotName),
          shown('not taken'),
          shown(exampleSha.slice(0, 7), `https://ours/octo-org/web-shop/commit/${exampleSha}`),
        ])
      }),
      hostileRuns,
    )
  })

  test('stays a name in the timeline', () => {
    const line =
      /^ {2}(?:disk|instance|snapshot) [\w. -]*, [\w. -]* :(?:done|active|crit), [-\d]+ [:.\d]+, [-\d]+ [:.\d]+$/
    const times = { detail: '5s', kind: 'done', startMs: 0, endMs: 5000 } as const
    fc.assert(
      fc.property(hostileText, hostileText, (name, detail) => {
        const bars = [
          { what: 'disk', name, ...times },
          { what: 'snapshot', name, ...times, detail },
        ] as const
        const { blocks, code } = renderMarkdown(asBytes(timeline(bars)))
        expectSame(blocks, `${paragraph} fence`)
        const lines = code[0]?.content.trimEnd().split('\n') ?? []
        expectSame([lines.length, lines.slice(6).filter((text) => !line.test(text))], [8, []])
      }),
      hostileRuns,
    )
  })
})
