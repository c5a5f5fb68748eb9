// The built action with a pause: with a connection that is begun early and leads to nothing, and with a real SSH server.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { type LoopDisk, type Machine, newMachine, whyNotHere, writesAgain } from '../support/machine.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'

let emulator: Emulator
let silent: Server
let temporaryFolder: string
let connections: number

beforeEach(async () => {
  emulator = await startFilledEmulator()
  temporaryFolder = await mkdtemp(join(tmpdir(), 'runner-temp-'))
  connections = 0
  // Accepts connections, and says nothing.
  silent = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  emulator.region(region).access.set('shop', {
    username: 'root',
    ipAddress: '127.0.0.1',
    privateKey: 'none',
    certKey: 'none',
    hostKeys: [{ algorithm: 'ssh-ed25519', publicKey: 'AAAA' }],
  })
})
afterEach(async () => {
  silent.close()
  await emulator.close()
  await rm(temporaryFolder, { recursive: true })
})

function run(inputs: Readonly<Record<string, string>>, options: Parameters<typeof runBuiltAction>[2] = {}) {
  const address = silent.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return runBuiltAction(
    emulator,
    { 'disk-name': 'shop-data, nothing', freeze: '/srv/data', 'ssh-port': String(address.port), ...inputs },
    { ...options, environment: { RUNNER_TEMP: temporaryFolder } },
  )
}

const missing = [expect.stringMatching(/^There is no disk "nothing" in eu-central-1\./)]

const reason = whyNotHere(['ssh'])

if (reason !== undefined) {
  test.skip(`a connection that leads to nothing, because ${reason}`, () => {})
} else {
  test('a connection that hangs doesn’t delay the report of a missing disk, and leaves no file', async () => {
    // The look-up is retried after a while: by then the connection has been begun.
    emulator.faults.add({ operation: 'GetDisks', fault: 'throttle', occurrences: [1] })
    const { errors, milliseconds } = await run({})
    expect(errors).toEqual(missing)
    expect(connections).toBe(1)
    expect(milliseconds).toBeLessThan(10_000)
    expect(await readdir(temporaryFolder)).toEqual([])
  })

  test('a connection that has failed before a look-up has ended is no error of its own', async () => {
    emulator.faults.add({ operation: 'GetInstanceAccessDetails', fault: 'access-denied', occurrences: 'all' })
    emulator.faults.add({ operation: 'GetDisks', fault: 'throttle', occurrences: [1] })
    const { errors, standardError, exitCode } = await run({})
    expect([errors, standardError, exitCode]).toEqual([missing, '', 1])
  })

  test('a job that is cancelled while it connects ends at once, and leaves no file', async () => {
    let wasCancelledAt = 0
    const { log, exitCode } = await run(
      { 'disk-name': 'shop-data' },
      {
        onStart: (send) => {
          silent.once('connection', () => {
            wasCancelledAt = performance.now()
            send('SIGINT')
          })
        },
      },
    )
    expect(performance.now() - wasCancelledAt).toBeLessThan(5000)
    expect(exitCode).toBe(1)
    expect(log).toContain('cancelled')
    expect(emulator.requests.map(({ operation }) => operation)).not.toContain('CreateDiskSnapshot')
    expect(await readdir(temporaryFolder)).toEqual([])
  })
}

const noServer = whyNotHere(['ssh', '/usr/sbin/sshd', 'ssh-keygen'])

if (noServer !== undefined) {
  test.skip(`a pause of a real instance, because ${noServer}`, () => {})
} else {
  describe('a real instance', () => {
    let machine: Machine
    let disk: LoopDisk
    let server: SshServer
    beforeEach(async () => {
      machine = await newMachine()
      disk = await machine.addDisk('ext4')
      server = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock`])
      emulator.region(region).access.set('shop', server.details)
    })
    afterEach(async () => {
      await machine.close()
      await server.close()
    })
    const pause = () => ({
      'disk-name': 'shop-data',
      freeze: disk.mount,
      'ssh-port': String(server.port),
    })

    test('whose commands print ten megabytes and workflow commands sets nothing, and no key is shown', async () => {
      const commands = [
        '::error::forged',
        '::set-output name=state::forged',
        '::stop-commands::x',
        '##[error]forged',
      ]
      const { log, lines, summary, outputs, annotations, exitCode } = await run({
        ...pause(),
        'before-snapshot': `printf '%s\\n' ${commands.map((text) => `'${text}'`).join(' ')}`,
        'after-snapshot': 'head -c 10000000 /dev/zero | tr "\\0" x',
      })
      expect(exitCode).toBe(0)
      expect(annotations.filter(({ message }) => message.includes('forged'))).toEqual([])
      expect([outputs['state'], outputs['consistency']]).toEqual(['completed', 'file-system'])
      expect(log).toContain('forged')
      expect(log.length).toBeLessThan(100_000)
      // The runner never shows what masks a text.
      const shown = lines.filter((line) => !line.startsWith('::add-mask::')).join('\n')
      for (const line of server.details.privateKey?.trim().split('\n') ?? []) {
        expect(`${shown}${summary}`).not.toContain(line)
      }
      expect(await readdir(temporaryFolder)).toEqual([])
    })

    test('thaws when the process of the step is killed while a request hangs', async () => {
      machine.startWriter(disk.mount)
      emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'hang', occurrences: 'all' })
      let kill = () => {}
      emulator.beforeRequest = ({ operation }) => {
        if (operation === 'CreateDiskSnapshot') kill()
      }
      const running = run(
        { ...pause(), 'after-snapshot': `touch "${machine.folder}/after"` },
        {
          onStart: (send) => {
            kill = () => send('SIGKILL')
          },
        },
      )
      expect((await running).exitCode).toBeNull()
      await writesAgain(disk.mount)
      while (!(await readdir(machine.folder)).includes('after')) await delay(20)
    })
  })
}
