import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { count } from '../../src/basics/text.js'
import type { Step } from '../../src/github/entry-point.js'
import { getState } from '../../src/github/job.js'
import { markdownTable } from '../../src/github/summary.js'
import { requestLog, savedFolder } from './job.js'
import { endProcess } from './process.js'

/** Ends the emulator of this job, and reports the job's requests. */
export async function stopRehearsal({ log, appendSummary }: Step): Promise<void> {
  const folder = getState(savedFolder)
  // Nothing was started if the inputs were wrong.
  if (folder === '') return
  const lines = await readLines(join(folder, requestLog))
  await endProcess(folder)
  log.group(`Rehearsal: ${count(lines.length, 'request')} to the emulator`, countRepeats(lines))
  await appendSummary(
    `### :performing_arts: Rehearsal: requests of this job to Lightsail\n\n${requestTable(lines)}`,
  )
}

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

/** Merges equal consecutive lines into one line with their number. */
function countRepeats(lines: readonly string[]): string[] {
  const runs: { line: string; times: number }[] = []
  for (const line of lines) {
    const last = runs.at(-1)
    if (last?.line === line) last.times += 1
    else runs.push({ line, times: 1 })
  }
  return runs.map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`))
}

/** How often each operation was requested, and how often it failed. */
function requestTable(lines: readonly string[]): string {
  const operations = [...new Set(lines.map(operationOf))]
  const rows = operations.map((operation) => {
    const requests = lines.filter((line) => operationOf(line) === operation)
    return [{ text: operation }, { text: String(requests.length) }, { text: failures(requests) }]
  })
  return markdownTable(['Request', 'Times', 'Failed or lost'], rows)
}

function operationOf(line: string): string {
  return line.split(' ')[0] ?? ''
}

function failures(lines: readonly string[]): string {
  const results = lines.flatMap((line) => /^[^(]*\((.*)\)$/.exec(line)?.[1] ?? [])
  return [...new Set(results)]
    .map((result) => `${results.filter((other) => other === result).length} ${result}`)
    .join(', ')
}
