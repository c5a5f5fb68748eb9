// The guide's recipes, and a database under load to try them on.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect } from '@jest/globals'
import { parse } from 'yaml'
import { type LoopDisk, type Machine, needsRecovery } from './machine.js'

/** The commands of the guide's recipe under this heading; empty if it has none. */
export async function recipe(heading: string): Promise<{ before: string; after: string }> {
  const page = await readFile('docs/consistency.md', 'utf8')
  const section = page.slice(page.indexOf(`### ${heading}\n`))
  const [, block = ''] = /```yaml\n(.*?)```/s.exec(section) ?? []
  const [{ with: inputs }] = parse(block)
  expect(inputs.freeze).toBe('/srv/data')
  return { before: inputs['before-snapshot'] ?? '', after: inputs['after-snapshot'] ?? '' }
}

/** A client that inserts one row after the other. */
export interface Load {
  /** How many rows the database has acknowledged. */
  readonly acknowledged: () => number
  readonly stop: () => void
}

/** Processes and mounts of tests. They end after each test: made before what removes its machine, before that. */
export class Trial {
  readonly #processes: ChildProcess[] = []
  readonly #mounts: string[] = []

  constructor() {
    afterEach(() => this.#end())
  }

  /** Starts a server, and waits until `isUp` doesn't throw. */
  async serve(command: string, options: readonly string[], isUp: () => void): Promise<void> {
    const server = spawn(command, options, { stdio: 'ignore' })
    this.#processes.push(server)
    for (let waits = 0; ; waits += 1) {
      try {
        return isUp()
      } catch (error) {
        if (waits === 200 || server.exitCode !== null) throw error
        await delay(100)
      }
    }
  }

  /** Starts a client whose input is SQL, and which inserts rows with numbers from 1 on into these tables. */
  async load(command: string, options: readonly string[], tables: readonly string[]): Promise<Load> {
    const client = spawn(command, options, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#processes.push(client)
    // It may be ended while it is written to.
    client.stdin.on('error', () => {})
    let acknowledged = 0
    const next = () => {
      const number = acknowledged + 1
      const inserts = tables.map((table) => `INSERT INTO ${table} VALUES (${number});`)
      client.stdin.write(`${inserts.join(' ')} SELECT ${number};\n`)
    }
    createInterface({ input: client.stdout }).on('line', (line) => {
      acknowledged = Number(line)
      next()
    })
    next()
    while (acknowledged < 50) await delay(20)
    return { acknowledged: () => acknowledged, stop: () => client.kill() }
  }

  /**
   * Follows a recipe while the database is under load, and copies the disk during the pause. Returns the folder on which the
   * copy is mounted, and how many rows had been acknowledged before the pause.
   */
  async copyPaused(
    machine: Machine,
    disk: LoopDisk,
    commands: { readonly before: string; readonly after: string },
    { acknowledged, stop }: Load,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ copy: string; rows: number }> {
    const pause = machine.start({ mounts: [disk.mount], ...commands }, { environment })
    await pause.reported('frozen')
    const rows = acknowledged()
    const image = machine.copy(disk)
    expect(acknowledged()).toBeLessThanOrEqual(rows + 1)
    pause.say('thaw')
    await pause.ended
    expect(pause.words()).toContain('held')
    for (let waits = 0; acknowledged() < rows + 20 && waits < 500; waits += 1) await delay(20)
    expect(acknowledged()).toBeGreaterThanOrEqual(rows + 20)
    stop()
    expect(await needsRecovery(image)).toBe(false)
    const copy = join(machine.folder, 'restored')
    await mkdir(copy)
    execFileSync('mount', ['-o', 'loop', image, copy])
    this.#mounts.push(copy)
    return { copy, rows }
  }

  async #end(): Promise<void> {
    for (const each of this.#processes.splice(0)) {
      if (each.exitCode !== null || each.signalCode !== null) continue
      each.kill()
      await once(each, 'exit')
    }
    for (const mount of this.#mounts.splice(0)) execFileSync('umount', [mount])
  }
}
