// The recipes of the guide for PostgreSQL and SQLite, with real databases under load.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Machine, newMachine, whyNotHere } from '../support/machine.js'
import { recipe, Trial } from '../support/recipes.js'

let machine: Machine

/** Debian keeps the programs of each version in a folder of its own. */
const versions = '/usr/lib/postgresql'

function postgresPrograms(): string {
  try {
    return join(versions, readdirSync(versions).at(-1) ?? '', 'bin')
  } catch {
    return ''
  }
}

const programs = postgresPrograms()
const noPostgres = whyNotHere([
  join(programs, 'postgres'),
  join(programs, 'initdb'),
  'psql',
  'runuser',
  'dumpe2fs',
])
const noSqlite = whyNotHere(['sqlite3', 'dumpe2fs'])

if (noPostgres !== undefined) {
  test.skip(`the recipe for PostgreSQL, because ${noPostgres}`, () => {})
} else {
  describe('PostgreSQL', () => {
    beforeEach(async () => {
      machine = await newMachine()
    })
    const trial = new Trial()
    afterEach(() => machine.close())
    const asPostgres = (...words: string[]) => [
      ...['--reuid=postgres', '--regid=postgres', '--clear-groups'],
      ...words,
    ]

    /** Starts a server on the data in a folder. Returns the folder with its socket. */
    async function serve(data: string, name: string): Promise<string> {
      const folder = join(machine.folder, `${name} socket`)
      await mkdir(folder)
      const { uid, gid } = await stat(data)
      await chown(folder, uid, gid)
      const options = ['-D', data, '-k', folder, '-c', 'listen_addresses=']
      await trial.serve('setpriv', asPostgres(join(programs, 'postgres'), ...options), () =>
        ask(folder, 'SELECT 1'),
      )
      return folder
    }

    function ask(folder: string, statement: string): string {
      const options = ['-h', folder, '-U', 'postgres', '-Atc', statement]
      return execFileSync('psql', options, { stdio: 'pipe' }).toString().trim()
    }

    test('the copy starts, and has every acknowledged row', async () => {
      // The server isn't root.
      await chmod(machine.folder, 0o711)
      const disk = await machine.addDisk('ext4', { mb: 400 })
      const data = join(disk.mount, 'postgresql')
      await mkdir(data)
      execFileSync('chown', ['postgres:', data])
      const initialize = [join(programs, 'initdb'), '-D', data, '-A', 'trust']
      execFileSync('setpriv', asPostgres(...initialize), { stdio: 'ignore' })
      const socket = await serve(data, 'live')
      ask(socket, 'CREATE TABLE a (n INT PRIMARY KEY)')
      const load = await trial.load('psql', ['-h', socket, '-U', 'postgres', '-qAt'], ['a'])
      const commands = await recipe('PostgreSQL')
      const { copy, rows } = await trial.copyPaused(machine, disk, commands, load, { PGHOST: socket })

      // Here the first server still runs, which it doesn't on a restored instance.
      await rm(join(copy, 'postgresql/postmaster.pid'))
      const second = await serve(join(copy, 'postgresql'), 'restored')
      // The row that was on its way may be there as well.
      expect([rows, rows + 1]).toContain(Number(ask(second, 'SELECT count(*) FROM a')))
      expect(Number(ask(second, 'SELECT max(n) FROM a'))).toBeGreaterThanOrEqual(rows)
    })
  })
}

if (noSqlite !== undefined) {
  test.skip(`the recipe for SQLite, because ${noSqlite}`, () => {})
} else {
  describe('SQLite', () => {
    beforeEach(async () => {
      machine = await newMachine()
    })
    const trial = new Trial()
    afterEach(() => machine.close())
    const ask = (file: string, statement: string) =>
      execFileSync('sqlite3', [file, statement]).toString().trim()

    test.each(['delete', 'wal'])(
      'the copy is whole, and has every acknowledged row, with journal mode %s',
      async (mode) => {
        const disk = await machine.addDisk('ext4')
        const file = join(disk.mount, 'shop.db')
        expect(ask(file, `PRAGMA journal_mode=${mode}; CREATE TABLE a (n INTEGER PRIMARY KEY)`)).toBe(mode)
        const load = await trial.load('sqlite3', [file], ['a'])
        const { copy, rows } = await trial.copyPaused(machine, disk, await recipe('SQLite'), load)
        const restored = join(copy, 'shop.db')
        expect(ask(restored, 'PRAGMA integrity_check')).toBe('ok')
        expect([rows, rows + 1]).toContain(Number(ask(restored, 'SELECT count(*) FROM a')))
      },
    )
  })
}
