// The recipe of the guide for MariaDB, with a real server under load: InnoDB and MyISAM.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { type Machine, needsRecovery, newMachine, whyNotHere } from '../support/machine.js'

const reason = whyNotHere(['mariadbd', 'mariadb', 'mariadb-install-db', 'dumpe2fs'])

/** The commands of the guide's recipe. */
async function recipe(): Promise<{ before: string; after: string }> {
  const page = await readFile('docs/consistency.md', 'utf8')
  const section = page.slice(page.indexOf('### MariaDB'))
  const [, block = ''] = /```yaml\n(.*?)```/s.exec(section) ?? []
  const [{ with: inputs }] = parse(block)
  return { before: inputs['before-snapshot'], after: inputs['after-snapshot'] }
}

if (reason !== undefined) {
  test.skip(`the recipe for MariaDB, because ${reason}`, () => {})
} else {
  let machine: Machine
  const processes: ChildProcess[] = []
  const mounts: string[] = []
  beforeEach(async () => {
    machine = await newMachine()
  })
  afterEach(async () => {
    for (const each of processes.splice(0)) {
      if (each.exitCode !== null || each.signalCode !== null) continue
      each.kill()
      await once(each, 'exit')
    }
    for (const mount of mounts.splice(0)) execFileSync('umount', [mount])
    await machine.close()
  })

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
    const server = spawn('mariadbd', options, { stdio: 'ignore' })
    processes.push(server)
    for (let waits = 0; ; waits += 1) {
      try {
        ask(socket, 'SELECT 1')
        return socket
      } catch (error) {
        if (waits === 200 || server.exitCode !== null) throw error
        await delay(100)
      }
    }
  }

  function ask(socket: string, statement: string): string {
    const options = ['--no-defaults', '-N', `--socket=${socket}`, '-e', statement]
    return execFileSync('mariadb', options, { stdio: 'pipe' }).toString().trim()
  }

  /** Inserts one number after the other into both tables, and counts those that the server has acknowledged. */
  function load(socket: string): { readonly acknowledged: () => number; readonly stop: () => void } {
    const client = spawn('mariadb', ['--no-defaults', '-nN', `--socket=${socket}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let acknowledged = 0
    const next = () => {
      const number = acknowledged + 1
      client.stdin.write(
        `INSERT INTO t.a VALUES (${number}); INSERT INTO t.b VALUES (${number}); SELECT ${number};\n`,
      )
    }
    createInterface({ input: client.stdout }).on('line', (line) => {
      acknowledged = Number(line)
      next()
    })
    next()
    // It may be ended while it is written to.
    client.stdin.on('error', () => {})
    processes.push(client)
    return { acknowledged: () => acknowledged, stop: () => client.kill() }
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
    const { acknowledged, stop } = load(socket)
    while (acknowledged() < 50) await delay(20)

    await writeFile(join(machine.folder, '.my.cnf'), `[client]\nsocket=${socket}\n`)
    const environment = { HOME: machine.folder }
    const pause = machine.start({ mounts: [disk.mount], ...(await recipe()) }, { environment })
    await pause.reported('frozen')
    const rows = acknowledged()
    const copy = machine.copy(disk)
    expect(acknowledged()).toBe(rows)
    pause.say('thaw')
    await pause.ended
    expect(pause.words()).toContain('held')
    for (let waits = 0; acknowledged() < rows + 20 && waits < 500; waits += 1) await delay(20)
    expect(acknowledged()).toBeGreaterThanOrEqual(rows + 20)
    stop()

    expect(await needsRecovery(copy)).toBe(false)
    const restored = join(machine.folder, 'restored')
    await mkdir(restored)
    execFileSync('mount', ['-o', 'loop', copy, restored])
    mounts.push(restored)
    const second = await serve(join(restored, 'mysql'), 'restored')
    expect(ask(second, 'CHECK TABLE t.a, t.b EXTENDED').split('\n')).toEqual([
      't.a\tcheck\tstatus\tOK',
      't.b\tcheck\tstatus\tOK',
    ])
    // The row that was on its way may be there as well.
    const counts = ask(second, 'SELECT COUNT(*) FROM t.a UNION ALL SELECT COUNT(*) FROM t.b').split('\n')
    for (const number of counts) expect([rows, rows + 1]).toContain(Number(number))
  })
}
