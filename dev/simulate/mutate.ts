// Puts known faults into the compiled code, one at a time, and lets the simulator find each: npm run simulate:mutations.
// With numbers as arguments, only the faults with these numbers. `--schedules N`: how many schedules at most.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, execPath, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { type Mutation, mutations } from './mutations.js'

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { schedules: { type: 'string', default: '20000' } },
})

/** Returns where the code with the fault is. */
function mutate({ file, edits, fault }: Mutation, number: number): string {
  const root = join('.build', 'mutants', String(number))
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  for (const folder of ['src', 'emulator', 'dev']) {
    cpSync(join('.build', folder), join(root, folder), { recursive: true })
  }
  const path = join(root, 'src', `${file}.js`)
  const mutated = edits.reduce(
    (text, [from, to]) => {
      if (text.split(from).length !== 2)
        throw new Error(`${fault}: not found exactly once in ${file}: ${from}`)
      return text.replace(from, () => to)
    },
    readFileSync(path, 'utf8'),
  )
  writeFileSync(path, mutated)
  return root
}

/** The events of a shortened story: every line that begins with a time. */
function eventsIn(lines: readonly string[]): number {
  return lines.filter((line) => /^\d\d:\d\d/.test(line)).length
}

const chosen = new Set(positionals.map(Number))
let missed = 0
stdout.write('| fault | found by | schedules needed | events in the story |\n| --- | --- | --- | --- |\n')
for (const [index, mutation] of mutations.entries()) {
  if (chosen.size > 0 && !chosen.has(index + 1)) continue
  const root = mutate(mutation, index + 1)
  const main = join(root, 'dev', 'simulate', 'main.js')
  const args = ['--no-warnings', main, '--seed', '1', '--schedules', values.schedules]
  const { stdout: output } = spawnSync(execPath, args, { encoding: 'utf8', maxBuffer: 1e8 })
  const lines = output.split('\n')
  const invariant = /^BROKEN "(.*?)"/m.exec(output)?.[1]
  const schedules = /^(\d+) schedules with/m.exec(output)?.[1] ?? '?'
  if (invariant === undefined) missed += 1
  const cells = [
    mutation.fault,
    invariant ?? 'not found',
    schedules,
    invariant === undefined ? '' : String(eventsIn(lines)),
  ]
  stdout.write(`| ${cells.join(' | ')} |\n`)
  rmSync(root, { recursive: true })
}
process.exitCode = missed > 0 ? 1 : 0
