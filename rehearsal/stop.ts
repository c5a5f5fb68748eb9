import { readFile } from 'node:fs/promises'
import { count } from '../src/basics/text.js'
import type { Step } from '../src/workflow/door.js'
import { getState } from '../src/workflow/job.js'
import { markdownTable } from '../src/workflow/summary.js'
import { savedStates } from './job.js'

/** Ends the emulator of this job, and says what the job asked of it. */
export async function stopRehearsal({ log, appendSummary }: Step): Promise<void> {
  const pid = Number(getState(savedStates.pid))
  // Nothing was started where the inputs were wrong.
  if (!(pid > 0)) return
  const lines = await readLines(getState(savedStates.log))
  end(pid)
  log.group(`Rehearsal: ${count(lines.length, 'request')} to the emulator`, lines)
  await appendSummary(`### Rehearsal: what this job asked of Lightsail\n\n${requestTable(lines)}`)
}

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

function end(pid: number): void {
  try {
    process.kill(pid)
  } catch {
    // It is over already.
  }
}

/** How often each operation was asked for, and how often it was not simply answered. */
function requestTable(lines: readonly string[]): string {
  const operations = [...new Set(lines.map(operationOf))]
  const rows = operations.map((operation) => {
    const own = lines.filter((line) => operationOf(line) === operation)
    return [{ text: operation }, { text: String(own.length) }, { text: oddResults(own) }]
  })
  return markdownTable(['Request', 'Times', 'Not answered as usual'], rows)
}

function operationOf(line: string): string {
  return line.split(' ')[0] ?? ''
}

function oddResults(lines: readonly string[]): string {
  const results = lines.flatMap((line) => /\((.*)\)$/.exec(line)?.[1] ?? [])
  return [...new Set(results)]
    .map((result) => `${results.filter((other) => other === result).length} ${result}`)
    .join(', ')
}
