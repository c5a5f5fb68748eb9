import { summary } from '@actions/core'
import { markdownText } from './escaping.js'

/** One cell of a table: any text, linked if `url` is given. */
export interface Cell {
  readonly text: string
  readonly url?: string
}

/** A table in GitHub's Markdown. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(headings.map(markdownText)),
    line(headings.map(() => '---')),
    ...rows.map((cells) => line(cells.map(markdownCell))),
  ].join('\n')
}

/** Returns the table without its empty columns. */
export function withoutEmptyColumns(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): [string[], Cell[][]] {
  const isUsed = (_: unknown, index: number) => rows.some((cells) => cells[index]?.text !== '')
  return [headings.filter(isUsed), rows.map((cells) => cells.filter(isUsed))]
}

function markdownCell({ text, url }: Cell): string {
  const shown = markdownText(text) || ' '
  return url === undefined ? shown : `[${shown}](<${linkTarget(url)}>)`
}

// encodeURI throws for half a surrogate pair. An ampersand could begin an entity.
function linkTarget(url: string): string {
  return encodeURI(url.toWellFormed()).replaceAll('&', '&amp;')
}

/** Adds Markdown to the job summary. Does nothing on a runner without one (GITHUB_STEP_SUMMARY). */
export async function appendSummary(markdown: string): Promise<void> {
  try {
    await summary.addRaw(`${markdown}\n\n`).write()
  } catch {
    summary.emptyBuffer()
  }
}
