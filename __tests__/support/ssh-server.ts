// OpenSSH's server on a port that the system chooses, with a certificate authority of the test's own, as an instance has it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessDetails } from '../../emulator/service/wire.js'
import { readAccess } from '../../src/lightsail/instance-responses.js'
import type { InstanceAccess } from '../../src/lightsail/types.js'

export interface SshServer {
  readonly port: number
  /** What Lightsail says about it, as its client gives it and as its response does. */
  readonly access: InstanceAccess
  readonly details: AccessDetails
  /** Ends the server's side of every connection. Programs that were started through it keep running. */
  cut(): void
  /** Ends that and everything that was started in a connection, as a reboot does. */
  killAll(): void
  close(): Promise<void>
}

/** Returns a port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The files of a server's keys, by name: its own, those of the authority, and the user's with its certificate. */
type Keys = ReadonlyMap<string, string>

/** Makes new keys. */
export async function makeKeys(): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-keys-'))
  const keygen = (...options: string[]) => execFileSync('ssh-keygen', ['-q', ...options], { cwd: folder })
  keygen('-t', 'rsa', '-b', '2048', '-N', '', '-f', 'ca')
  keygen('-t', 'ed25519', '-N', '', '-f', 'host')
  keygen('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', 'user')
  keygen('-s', 'ca', '-I', 'test', '-n', 'root', '-V', '-5m:+1h', 'user.pub')
  const names = ['ca.pub', 'host', 'host.pub', 'user', 'user-cert.pub']
  const files = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)
  const keys = new Map(await Promise.all(files))
  await rm(folder, { recursive: true })
  return keys
}

/** The keys of most servers: making them takes longer than starting a server. */
let usualKeys: Promise<Keys> | undefined

/** Starts a server with these lines in its configuration. Root logs in, as the only user that there is for certain. */
export async function startSshServer(lines: readonly string[] = [], ownKeys?: Keys): Promise<SshServer> {
  usualKeys ??= makeKeys()
  const keys = ownKeys ?? (await usualKeys)
  const folder = await mkdtemp(join(tmpdir(), 'ssh-server-'))
  for (const [name, key] of keys) writeFileSync(join(folder, name), key, { mode: 0o600 })
  const port = await freePort()
  const config = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${join(folder, 'host')}`,
    `TrustedUserCAKeys ${join(folder, 'ca.pub')}`,
    'AuthorizedKeysFile none',
    'PidFile none',
    'PermitRootLogin prohibit-password',
    ...lines,
  ]
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`)
  // The folder that Debian's init script makes.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await listening(server)
  const [algorithm = '', publicKey = ''] = keys.get('host.pub')?.split(' ') ?? []
  const details = {
    username: 'root',
    ipAddress: '127.0.0.1',
    privateKey: keys.get('user') ?? '',
    certKey: keys.get('user-cert.pub') ?? '',
    hostKeys: [{ algorithm, publicKey }],
  }
  return {
    port,
    access: readAccess(details),
    details,
    cut: () => killEach(childrenOf(server.pid)),
    killAll: () => killAtOnce(descendantsOf(server.pid)),
    close: async () => {
      killEach(childrenOf(server.pid))
      server.kill()
      await once(server, 'close')
      await rm(folder, { recursive: true })
    },
  }
}

async function listening(server: ChildProcess): Promise<void> {
  let said = ''
  for await (const chunk of server.stderr ?? []) {
    said += String(chunk)
    if (said.includes('listening on')) {
      server.stderr?.on('data', () => {})
      return
    }
  }
  throw new Error(`sshd ended: ${said}`)
}

function killEach(processes: readonly number[]): void {
  for (const each of processes) process.kill(each, 'SIGKILL')
}

/** So that none can do anything about the end of another. */
function killAtOnce(processes: readonly number[]): void {
  for (const each of processes) process.kill(each, 'SIGSTOP')
  killEach(processes)
}

/** The processes of the server's connections, if it is the server's. */
function childrenOf(pid: number | undefined): number[] {
  // A process may end while this is read.
  const text = execFileSync('sh', ['-c', `cat /proc/${pid}/task/*/children 2>/dev/null || :`]).toString()
  return text
    .split(' ')
    .filter((word) => /^\d+$/.test(word))
    .map(Number)
}

function descendantsOf(pid: number | undefined): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}
