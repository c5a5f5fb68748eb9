// The connection to the instance, with OpenSSH's own client and server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Clock, realTimeLimit } from '../../src/basics/clock.js'
import type { InstanceAccess } from '../../src/lightsail/types.js'
import type { RemotePause } from '../../src/pause/remote.js'
import { openSession, type Session } from '../../src/pause/session.js'
import { failureOf } from '../support/failure.js'
import { type LoopDisk, type Machine, newMachine, thaw, whyNotHere, writesAgain } from '../support/machine.js'
import { freePort, makeKeys, type SshServer, startSshServer } from '../support/ssh-server.js'
import { exampleStep, type KeptStep } from '../support/step.js'

const reason = whyNotHere(['/usr/sbin/sshd', 'ssh', 'ssh-keygen'])

if (reason !== undefined) {
  test.skip(`a session over SSH, because ${reason}`, () => {})
} else {
  let machine: Machine
  let disk: LoopDisk
  let server: SshServer
  let temporaryFolder: string
  let step: KeptStep
  let cancel: AbortController
  const servers: SshServer[] = []

  beforeEach(async () => {
    machine = await newMachine()
    disk = await machine.addDisk('ext4')
    temporaryFolder = await mkdtemp(join(tmpdir(), 'runner temp%-'))
    cancel = new AbortController()
    step = exampleStep({}, { signal: cancel.signal, environment: process.env })
    server = await serve([])
  })
  afterEach(async () => {
    await machine.close()
    for (const each of servers.splice(0)) await each.close()
    await rm(temporaryFolder, { recursive: true })
  })

  async function serve(lines: readonly string[], variables = ''): Promise<SshServer> {
    const started = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock ${variables}`, ...lines])
    servers.push(started)
    return started
  }

  /** Starts a server that has nothing to do with the others. */
  async function startOther(): Promise<SshServer> {
    const started = await startSshServer([], await makeKeys())
    servers.push(started)
    return started
  }

  interface Changes {
    readonly access?: Partial<InstanceAccess>
    readonly pause?: Partial<RemotePause>
    readonly port?: number
    readonly host?: string
    readonly environment?: NodeJS.ProcessEnv
    readonly mode?: 'check' | 'pause'
    readonly clock?: Pick<Clock, 'monotonic' | 'timeLimit'>
  }

  function open({
    access = {},
    pause = {},
    port = server.port,
    host,
    environment,
    mode = 'pause',
    clock = step.clock,
  }: Changes = {}): Promise<Session> {
    const whole = { ...server.access, ...access }
    return openSession(
      {
        instance: { name: 'shop', region: 'eu-central-1' },
        target: { userName: whole.userName, host: host ?? whole.address, port },
        pause: { mounts: [disk.mount], before: '', after: '', timeoutMs: 30_000, ...pause },
        mode,
      },
      whole,
      { ...step, clock, environment: environment ?? process.env, temporaryFolder },
    )
  }

  const outputTitle = 'group: Output of the commands on instance "shop"'

  /** The files that are left of the credentials. */
  const left = () => readdir(temporaryFolder)

  test('freezes and thaws, and keeps no credentials once the connection is up', async () => {
    const session = await open()
    expect(await left()).toEqual([])
    expect(session.devices).toEqual([expect.stringContaining(`${disk.mount}:${disk.device} `)])
    await session.begin()
    machine.startWriter(disk.mount)
    expect(await session.thaw()).toBe(true)
    await writesAgain(disk.mount)
    expect(await session.finish()).toBeUndefined()
  })

  test('shows what the commands print, in a group, and no more than 64 KB of it', async () => {
    const before = 'echo before; echo "::error::no" >&2'
    const after = 'head -c 10000000 /dev/zero | tr "\\0" x'
    const session = await open({ pause: { before, after } })
    await session.begin()
    expect(await session.thaw()).toBe(true)
    expect(await session.finish()).toBeUndefined()
    const [title, first, second, long = '', more] = step.log.lines
    expect([title, first, second]).toEqual([outputTitle, 'before', '::error::no'])
    expect(long.length).toBe(65_536 - 'before\n::error::no\n'.length)
    expect(more).toMatch(/^\(99\d{5} more characters are left out\)$/)
  })

  test('takes the key without a final line end', async () => {
    const session = await open({ access: { privateKey: server.access.privateKey.trim() } })
    await session.begin()
    expect(await session.thaw()).toBe(true)
    await session.finish()
  })

  test('ends with the step: what is frozen thaws', async () => {
    const session = await open()
    await session.begin()
    machine.startWriter(disk.mount)
    session.close()
    await writesAgain(disk.mount)
  })

  test('ends with the runner: what is frozen thaws when its process is killed', async () => {
    const plan = {
      instance: { name: 'shop', region: 'eu-central-1' },
      target: { userName: 'root', host: '127.0.0.1', port: server.port },
      pause: {
        mounts: [disk.mount],
        before: '',
        after: `touch "${machine.folder}/after"`,
        timeoutMs: 60_000,
      },
      mode: 'pause',
    }
    const argument = JSON.stringify({ plan, access: server.access, temporaryFolder })
    const runner = spawn(process.execPath, ['.build/__tests__/support/pausing-process.js', argument])
    await once(runner.stdout, 'data')
    machine.startWriter(disk.mount)
    runner.kill('SIGKILL')
    await writesAgain(disk.mount)
    while (!(await readdir(machine.folder)).includes('after')) await delay(20)
  })

  test('is no proof if the connection is cut during the pause', async () => {
    const session = await open()
    await session.begin()
    machine.startWriter(disk.mount)
    server.cut()
    await writesAgain(disk.mount)
    expect(await session.thaw()).toBe(false)
    expect((await session.finish())?.message).toBe('Lost the connection to instance "shop" during the pause.')
  })

  test('is no proof if the time was up during the pause', async () => {
    const session = await open({ pause: { timeoutMs: 1000 } })
    await session.begin()
    machine.startWriter(disk.mount)
    await writesAgain(disk.mount)
    expect(await session.thaw()).toBe(false)
    expect(await session.finish()).toBeUndefined()
  })

  test('thaws after a cancellation, and doesn’t wait for the commands', async () => {
    const session = await open({ pause: { after: 'sleep 4' } })
    await session.begin()
    cancel.abort()
    expect(await session.thaw()).toBe(true)
    expect(await session.finish()).toBeUndefined()
    expect(await thaw(disk.mount)).toBe(false)
  })

  test('says how the commands failed', async () => {
    const session = await open({ pause: { before: 'echo no such service; exit 5', after: 'exit 3' } })
    const { message } = await failureOf(() => session.begin())
    expect(message).toBe('Can\'t pause instance "shop": before-snapshot failed with exit code 5.')
    expect(step.log.lines).toEqual([outputTitle, 'no such service'])
    const next = await open({ pause: { after: 'exit 3' } })
    await next.begin()
    await next.thaw()
    expect((await next.finish())?.message).toMatch(
      'after-snapshot failed with exit code 3 on instance "shop".',
    )
  })

  test('says that commands take too long, and ends them', async () => {
    const { port, access } = await serve([], 'PAUSE_HOOK_LIMIT=1')
    const session = await open({ port, access, pause: { before: 'sleep 100' } })
    const { message } = await failureOf(() => session.begin())
    expect(message).toBe('Can\'t pause instance "shop": before-snapshot didn\'t finish within five minutes.')
    const next = await open({ port, access, pause: { after: 'sleep 100' } })
    await next.begin()
    expect(await next.thaw()).toBe(true)
    const failure = await next.finish()
    expect(failure?.message).toBe('after-snapshot didn\'t finish within five minutes on instance "shop".')
  })

  /** A server whose sessions have these programs besides the machine's. */
  async function serveWith(programs: Readonly<Record<string, string>>): Promise<SshServer> {
    const folder = join(machine.folder, 'bin')
    await mkdir(folder)
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    }
    return serve([], `PATH=${folder}:${process.env['PATH']}`)
  }

  test('refuses what isn’t Linux', async () => {
    const { port, access } = await serveWith({ uname: 'echo FreeBSD' })
    const { message } = await failureOf(() => open({ port, access }))
    expect(message).toBe('Can\'t pause instance "shop": it runs FreeBSD.')
  })

  describe('a user who isn’t root', () => {
    /** A server whose sessions have a program that says who the user is, and this sudo. */
    const serveUser = (sudo: string) =>
      serveWith({
        id: '[ "$ROOT" = yes ] && exec /usr/bin/id "$@"; case $1 in -un) echo admin ;; *) echo 1000 ;; esac',
        sudo,
      })

    test('becomes root with sudo', async () => {
      const { port, access } = await serveUser('[ "$1" = -n ] || exit 1; shift; ROOT=yes exec "$@"')
      const session = await open({ port, access })
      await session.begin()
      expect(await session.thaw()).toBe(true)
      expect(await session.finish()).toBeUndefined()
    })

    test('gets words of its own if sudo asks for a password', async () => {
      const { port, access } = await serveUser('echo "sudo: a password is required" >&2; exit 1')
      const failure = await failureOf(() => open({ port, access }))
      expect(failure.message).toBe(
        'Can\'t pause instance "shop": user "admin" can\'t become root without a password.',
      )
    })
  })

  test('an old server accepts the certificate at the second attempt', async () => {
    const { port, access } = await serve(['PubkeyAcceptedAlgorithms ssh-rsa-cert-v01@openssh.com'])
    const session = await open({ port, access })
    await session.begin()
    expect(await session.thaw()).toBe(true)
    await session.finish()
  })

  test('an address of IPv6 is one', async () => {
    const { port, access } = await serve(['ListenAddress ::1'])
    const session = await open({ port, access: { ...access, address: '::1' } })
    session.close()
  })

  describe('a bad day has its own words:', () => {
    const cases: readonly (readonly [string, () => Changes | Promise<Changes>, RegExp])[] = [
      [
        'no ssh on the runner',
        () => ({ environment: { PATH: '/nowhere' } }),
        /there is no ssh on this runner\.$/,
      ],
      [
        'a closed port',
        async () => ({ port: await freePort() }),
        /as root at 127\.0\.0\.1 port \d+: nothing listens on the port \(ssh: connect to host .*Connection refused\)\.$/,
      ],
      ['an unknown host', () => ({ host: 'no-such-host.invalid' }), /: the name is unknown \(/],
      [
        'another host key',
        async () => ({ access: { hostKeys: (await startOther()).access.hostKeys } }),
        /: it has a host key that Lightsail doesn't report \(Host key verification failed\.\)/,
      ],
      [
        'no host key of a kind that the server has',
        () => ({ access: { hostKeys: [{ algorithm: 'ssh-rsa', publicKey: 'AAAA' }] } }),
        /: it has a host key that Lightsail doesn't report \(/,
      ],
      [
        'a certificate of another authority',
        async () => ({ access: { certificate: (await startOther()).access.certificate } }),
        /: it refuses Lightsail's certificate \(.*Permission denied/,
      ],
      [
        'no certificate',
        () => ({ access: { certificate: '' } }),
        /^Lightsail's response to GetInstanceAccessDetails has no certificate\.$/,
      ],
      [
        'a key that is none',
        () => ({ access: { privateKey: '-----BEGIN RSA PRIVATE KEY-----\nno\n' } }),
        /: (the runner's ssh can't read the key|it refuses Lightsail's certificate)/,
      ],
      [
        'a folder that is no mount point',
        () => ({ pause: { mounts: ['/usr/share'] } }),
        /"\/usr\/share" is not a mount point\.$/,
      ],
      [
        'the system’s file system',
        () => ({ pause: { mounts: ['/'] } }),
        /"\/" is on a file system that the system itself uses\.$/,
      ],
    ]

    test.each(cases)('%s', async (_, changes, message) => {
      const changed = await changes()
      const failure = await failureOf(() => open(changed))
      expect(failure.message).toMatch(message)
      expect(failure.advice).not.toBe('')
      expect(await left()).toEqual([])
      const shown = JSON.stringify([failure, step.log.lines, failure.stack])
      expect(shown).not.toContain(server.access.privateKey.split('\n')[3])
    })

    test('a server that accepts connections and says nothing', async () => {
      const silent = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const address = silent.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const clock = { monotonic: () => 0, timeLimit: () => realTimeLimit(500) }
      const { message } = await failureOf(() => open({ port, clock }))
      expect(message).toBe(
        `Can't connect to instance "shop" as root at 127.0.0.1 port ${port}: it doesn't answer in time.`,
      )
      expect(await left()).toEqual([])
      silent.close()
    })

    test('a server that doesn’t answer, after a cancellation', async () => {
      const opening = failureOf(() => open())
      cancel.abort()
      await opening
      expect(await left()).toEqual([])
    })

    test('another step that pauses the instance', async () => {
      const first = await open()
      await first.begin()
      const failure = await failureOf(() => open())
      expect(failure.message).toBe('Can\'t pause instance "shop": another step is pausing it.')
      expect(await first.thaw()).toBe(true)
      await first.finish()
    })
  })

  test('the checks alone begin nothing', async () => {
    const session = await open({ mode: 'check', pause: { before: `touch "${machine.folder}/begun"` } })
    session.close()
    expect(await readdir(machine.folder)).not.toContain('begun')
  })
}
