import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pageOf, run } from './page.js'

/** The width of the column in which GitHub shows a job summary, in pixels. */
const width = 1012

/** Takes a picture of a job summary at its full height. */
export async function photograph(markdown: string, file: string, isDark = false): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'picture-'))
  try {
    const page = join(folder, 'page.html')
    await writeFile(page, await pageOf(markdown, isDark))
    const look = (height: number, ...parameters: readonly string[]) =>
      run('chromium', [
        ...[
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--hide-scrollbars',
          '--force-device-scale-factor=1',
        ],
        // Advances the page's virtual time until the diagrams are drawn.
        ...['--virtual-time-budget=20000', `--user-data-dir=${folder}/profile`],
        ...[`--window-size=${width},${height}`, ...parameters, pathToFileURL(page).href],
      ])
    const height = /data-height="(\d+)"/.exec(look(200, '--dump-dom'))?.[1]
    if (height === undefined) throw new Error(`the diagrams of ${file} were not drawn`)
    look(Number(height), `--screenshot=${resolve(file)}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
