import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { textMember } from '../basics/member.js'
import { whenAborted } from '../basics/signals.js'
import { type AccessFiles, hostAlias } from './access-files.js'
import { type Report, readReport } from './remote.js'

/** Where to connect to, and as whom. */
export interface Target {
  readonly userName: string
  readonly host: string
  readonly port: number
}

/**
 * The arguments of ssh. Of the runner's own configuration nothing is used, and nothing is asked. With `legacy`, servers before
 * OpenSSH 7.8 accept the certificate: they know it only with a signature that newer clients don't make unasked.
 */
export function sshArguments(
  { userName, host, port }: Target,
  files: AccessFiles,
  legacy: boolean,
): string[] {
  const options = {
    BatchMode: 'yes',
    CertificateFile: optionPath(files.certificate),
    CheckHostIP: 'no',
    ClearAllForwardings: 'yes',
    ConnectTimeout: '15',
    ControlPath: 'none',
    GlobalKnownHostsFile: devNull,
    HostKeyAlias: hostAlias,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    IdentityFile: optionPath(files.key),
    PreferredAuthentications: 'publickey',
    ServerAliveCountMax: '3',
    ServerAliveInterval: '5',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: optionPath(files.knownHosts),
    // The name of this option in OpenSSH before 8.5, which newer ones know too.
    ...(legacy ? { PubkeyAcceptedKeyTypes: 'ssh-rsa-cert-v01@openssh.com,ssh-rsa' } : {}),
  }
  return [
    ...['-F', devNull, '-T', '-l', userName, '-p', String(port)],
    ...Object.entries(options).map(([name, value]) => `-o${name}=${value}`),
    ...['--', host, rootShell],
  ]
}

/** In an option, a space separates files, and `%` begins a placeholder. */
function optionPath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}

/** Starts a root shell that reads its commands from standard input. The login shell may be any. */
const rootShell = `exec sh -c '${[
  'if [ "$(id -u)" = 0 ]; then exec sh',
  'elif sudo -n true </dev/null 2>/dev/null; then exec sudo -n sh',
  'else echo "pause refused no-sudo $(id -un)"; fi',
].join('; ')}'`

/** Characters of output that are kept, of each kind. */
const mostOutput = 65_536

/** A running ssh, and what the script at its other end says. */
export class Connection {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #reports: Report[] = []
  #line = ''
  #errors = ''
  #dropped = 0
  #end: { readonly thrown?: unknown } | undefined
  #wake: () => void = () => {}

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn('ssh', args, { env: environment, stdio: 'pipe', windowsHide: true })
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#readReports(chunk))
    this.#child.stderr.setEncoding('utf8').on('data', (chunk: string) => this.#readErrors(chunk))
    // Written to a connection that has ended.
    this.#child.stdin.on('error', () => {})
    this.#child.once('error', (thrown) => this.#close({ thrown }))
    this.#child.once('close', () => this.#close({}))
  }

  /** Whether ssh could not be started because there is none. */
  get isMissing(): boolean {
    return textMember(this.#end?.thrown, 'code') === 'ENOENT'
  }

  get isOpen(): boolean {
    return this.#end === undefined
  }

  send(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Returns the next report. Undefined if the connection ended, or the signal was aborted, before there is one. */
  async next(signal: AbortSignal): Promise<Report | undefined> {
    while (this.#reports.length === 0 && this.#end === undefined && !signal.aborted) {
      await this.#change(signal)
    }
    return this.#reports.shift()
  }

  /** Resolves once the connection has ended, or the signal is aborted. */
  async closed(signal: AbortSignal): Promise<void> {
    while (this.#end === undefined && !signal.aborted) await this.#change(signal)
  }

  /** Returns what ssh and the commands have printed since the last time, at most 64 KB of it. */
  takeErrors(): string {
    const dropped = this.#dropped === 0 ? '' : `\n(${this.#dropped} more characters are left out)`
    const text = `${this.#errors.trimEnd()}${dropped}`
    this.#errors = ''
    this.#dropped = 0
    return text
  }

  /** Ends the connection. Whatever is paused on the instance resumes. */
  end(): void {
    this.#child.stdin.end()
    this.#child.kill()
  }

  /** Resolves at the next report, at the end of the connection, or when the signal is aborted. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const remove = whenAborted(signal, resolve)
      this.#wake = () => {
        remove()
        resolve()
      }
    })
  }

  #readReports(chunk: string): void {
    const lines = `${this.#line}${chunk}`.split('\n')
    this.#line = (lines.pop() ?? '').slice(0, mostOutput)
    const reports = lines.flatMap((line) => readReport(line) ?? [])
    this.#reports.push(...reports)
    if (reports.length > 0) this.#wake()
  }

  #readErrors(chunk: string): void {
    const kept = chunk.slice(0, mostOutput - this.#errors.length)
    this.#errors += kept
    this.#dropped += chunk.length - kept.length
  }

  #close(end: { readonly thrown?: unknown }): void {
    this.#end ??= end
    this.#wake()
  }
}
