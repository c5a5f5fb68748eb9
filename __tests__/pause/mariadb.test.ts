// The recipe of the guide for MariaDB, with a real server under load: InnoDB and MyISAM.
import { execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type Machine, newMachine, whyNotHere } from '../support/machine.js'
import { recipe, Trial } from '../support/recipes.js'

const reason = whyNotHere(['mariadbd', 'mariadb', 'mariadb-install-db', 'dumpe2fs'])

if (reason !== undefined) {
  test.skip(`the recipe for MariaDB, because ${reason}`, () => {})
} else {
  let machine: Machine
  beforeEach(async () => {
    machine = await newMachine()
  })
  const trial = new Trial()
  afterEach(() => machine.close())

  /** Starts a server on the data in a folder. Returns its socket. */
  async function serve(data: string, name: string): Promise<string> {
    const socket = join(machine.folder, `${name}.sock`)
    const options = [
      '--no-defaults',
      '--user=root',
      '--skip-networking',
      '--myisam-recover-options=OFF',
      '--innodb-buffer-pool-size=16M',
      '--innodb-log-file-size=8M',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--pid-file=${socket}.pid`,
      `--log-error=${socket}.log`,
    ]
    await trial.serve('mariadbd', options, () => ask(socket, 'SELECT 1'))
    return socket
  }

  function ask(socket: string, statement: string): string {
    const options = ['--no-defaults', '-N', `--socket=${socket}`, '-e', statement]
    return execFileSync('mariadb', options, { stdio: 'pipe' }).toString().trim()
  }

  test('the copy starts without repair, and has every acknowledged row', async () => {
    const disk = await machine.addDisk('ext4', { mb: 400 })
    // Its scripts take no path with a space.
    const data = join(machine.folder, 'data')
    await mkdir(join(disk.mount, 'mysql'))
    await symlink(join(disk.mount, 'mysql'), data)
    execFileSync(
      'mariadb-install-db',
      ['--no-defaults', '--user=root', '--skip-test-db', `--datadir=${data}`],
      {
        stdio: 'ignore',
      },
    )
    const socket = await serve(data, 'live')
    ask(
      socket,
      'CREATE DATABASE t; CREATE TABLE t.a (n INT PRIMARY KEY) ENGINE=InnoDB; CREATE TABLE t.b (n INT PRIMARY KEY) ENGINE=MyISAM',
    )
    const load = await trial.load('mariadb', ['--no-defaults', '-nN', `--socket=${socket}`], ['t.a', 't.b'])
    await writeFile(join(machine.folder, '.my.cnf'), `[client]\nsocket=${socket}\n`)
    const commands = await recipe('WordPress and MariaDB')
    const environment = { HOME: machine.folder }
    const { copy, rows } = await trial.copyPaused(machine, disk, commands, load, environment)

    const second = await serve(join(copy, 'mysql'), 'restored')
    expect(ask(second, 'CHECK TABLE t.a, t.b EXTENDED').split('\n')).toEqual([
      't.a\tcheck\tstatus\tOK',
      't.b\tcheck\tstatus\tOK',
    ])
    // The row that was on its way may be there as well.
    const counts = ask(second, 'SELECT COUNT(*) FROM t.a UNION ALL SELECT COUNT(*) FROM t.b').split('\n')
    for (const number of counts) expect([rows, rows + 1]).toContain(Number(number))
  })
}
