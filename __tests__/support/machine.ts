// A Linux machine with disks, for the tests that freeze file systems: loop devices with real file systems on them. They need
// root. Nothing stays frozen or mounted after a test, whatever it did.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type RemotePause, type Report, readReport, remoteInput } from '../../src/pause/remote.js'

const run = promisify(execFile)

export type FileSystem = 'ext4' | 'xfs'

const tools = ['fsfreeze', 'losetup', 'mkfs.ext4', 'mkfs.xfs', 'dash', 'bash', 'busybox', 'flock', 'unshare']

/** Why this machine can't freeze file systems; undefined if it can. */
export function whyNotHere(needed: readonly string[] = []): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid?.() !== 0) return 'this is not root'
  const missing = [...tools, ...needed].filter((tool) => !isThere(tool))
  if (missing.length > 0) return `there is no ${missing.join(', no ')}`
  try {
    execFileSync('losetup', ['--find'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'there are no loop devices'
  }
}

function isThere(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', tool], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** A file system on a loop device. */
export interface LoopDisk {
  readonly mount: string
  readonly device: string
}

/** The shells that the script has to run in. */
export const shells = { dash: ['dash'], bash: ['bash'], busybox: ['busybox', 'sh'] } as const

export type Shell = keyof typeof shells

/** What a test may change about how the script is started. */
export interface StartOptions {
  readonly shell?: Shell
  readonly mode?: 'check' | 'pause'
  readonly environment?: Readonly<Record<string, string>>
  /** A command that starts the shell. */
  readonly prefix?: readonly string[]
}

/** The script while it runs. It is told to begin once it is ready. */
export class RemoteRun {
  readonly child: ChildProcess
  readonly reports: Report[] = []
  hookOutput = ''
  readonly ended: Promise<unknown>
  #wake: () => void = () => {}

  constructor(child: ChildProcess) {
    this.child = child
    this.ended = once(child, 'close').then(() => this.#wake())
    if (child.stdout === null || child.stderr === null) throw new Error('the script has no output')
    createInterface({ input: child.stdout }).on('line', (line) => {
      const report = readReport(line)
      if (report === undefined) throw new Error(`not a report: ${line}`)
      this.reports.push(report)
      if (report.word === 'ready') this.say('freeze')
      this.#wake()
    })
    child.stderr.on('data', (chunk) => {
      this.hookOutput += String(chunk)
    })
    // A script that has ended reads no more.
    child.stdin?.on('error', () => {})
  }

  /** Sends a line, and leaves the connection open. */
  say(line: string): void {
    this.child.stdin?.write(`${line}\n`)
  }

  /** Ends the input, as a connection that is lost does. */
  hangUp(): void {
    this.child.stdin?.end()
  }

  /** The words of the reports so far. */
  words(): string[] {
    return this.reports.map(({ word }) => word)
  }

  /** Resolves once the script has reported this; rejects if it ends without. */
  async reported(word: string): Promise<void> {
    while (!this.words().includes(word)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`the script ended without "${word}": ${this.words().join(' ')} ${this.hookOutput}`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

export class Machine {
  /** A folder for the files of one test, not on any of the disks. */
  readonly folder: string
  readonly #disks: LoopDisk[] = []
  readonly #children: ChildProcess[] = []
  #copies = 0

  constructor(folder: string) {
    this.folder = folder
  }

  /** Adds a disk with an empty file system, mounted. With `on`, the disk is a file on that one. */
  async addDisk(
    type: FileSystem,
    { on = this.folder, mb = type === 'xfs' ? 320 : 32 } = {},
  ): Promise<LoopDisk> {
    const name = `disk ${this.#disks.length}`
    const image = join(on, `${name}.img`)
    const mount = join(this.folder, name)
    const file = await open(image, 'w')
    await file.truncate(mb * 1024 * 1024)
    await file.close()
    await run(`mkfs.${type}`, ['-q', image])
    const { stdout } = await run('losetup', ['--find', '--show', image])
    const disk = { mount, device: stdout.trim() }
    this.#disks.push(disk)
    await mkdir(mount)
    await run('mount', [disk.device, mount])
    return disk
  }

  /** Copies a disk as it is at this moment. Returns the file. */
  copy({ device }: LoopDisk): string {
    this.#copies += 1
    const file = join(this.folder, `copy ${this.#copies}.img`)
    execFileSync('cp', ['--sparse=always', device, file])
    return file
  }

  /** Reads a file on a copy, without recovering the copy's file system first. */
  async readCopy(copy: string, name: string): Promise<string> {
    const mount = join(this.folder, 'copy')
    await mkdir(mount, { recursive: true })
    await run('mount', ['--options', 'loop,ro,noload', copy, mount])
    try {
      return await readFile(join(mount, name), 'utf8')
    } finally {
      await unmount(mount)
    }
  }

  /** Starts the script as the step does. */
  start(
    pause: Partial<RemotePause>,
    { shell = 'dash', mode = 'pause', environment = {}, prefix = [] }: StartOptions = {},
  ): RemoteRun {
    const whole = { mounts: [], before: '', after: '', timeoutMs: 30_000, ...pause }
    const [command = '', ...options] = [...prefix, ...shells[shell]]
    const child = spawn(command, options, {
      env: { ...process.env, PAUSE_LOCK: join(this.folder, 'lock'), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#children.push(child)
    const started = new RemoteRun(child)
    child.stdin.write(remoteInput(mode, whole))
    return started
  }

  /** Starts a process that writes files and adds to one, on each of the disks in turn, a hundred times a second, and never stops. */
  startWriter(...mounts: string[]): ChildProcess {
    const each = 'for m in "$@"; do echo "$i" >"$m/$((i % 100))"; echo "$i" >>"$m/log"; done'
    const script = `i=0; while :; do i=$((i+1)); ${each}; sleep 0.01; done`
    const child = spawn('sh', ['-c', script, 'sh', ...mounts], { stdio: 'ignore' })
    this.#children.push(child)
    return child
  }

  /** Thaws every disk, until nothing of this test runs any more, and removes everything. */
  async close(): Promise<void> {
    // A process that waits for a frozen file system can't be ended.
    for (const { mount } of [...this.#disks].reverse()) await thaw(mount)
    for (const child of this.#children) {
      child.stdin?.destroy()
      while (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        for (const { mount } of [...this.#disks].reverse()) await thaw(mount)
        await delay(10)
      }
    }
    // A freeze that was started may still be in progress.
    await run('flock', ['--wait', '20', join(this.folder, 'lock'), 'true'])
    for (const { mount, device } of [...this.#disks].reverse()) {
      await thaw(mount)
      await unmount(mount)
      await run('losetup', ['--detach', device])
    }
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Whether a copy of an ext4 file system would have to be recovered before use. */
export async function needsRecovery(copy: string): Promise<boolean> {
  const { stdout } = await run('dumpe2fs', ['-h', copy])
  return stdout.includes('needs_recovery')
}

export async function newMachine(): Promise<Machine> {
  return new Machine(await mkdtemp(join(tmpdir(), 'machine-')))
}

/** Thaws a file system. Returns whether it was frozen. */
export async function thaw(mount: string): Promise<boolean> {
  try {
    await run('fsfreeze', ['--unfreeze', mount])
    return true
  } catch {
    return false
  }
}

/** What the script leaves behind may need a moment to end. */
async function unmount(mount: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run('umount', [mount])
      return
    } catch (error) {
      if (attempt === 100) throw error
      await thaw(mount)
      await delay(100)
    }
  }
}

/** Whether writes to the file system wait. */
export async function standsStill(mount: string): Promise<boolean> {
  // A write that was already beyond the barrier may still end.
  await delay(50)
  const before = await written(mount)
  await delay(150)
  return (await written(mount)) === before
}

/** Waits until the file system is written to again. */
export async function writesAgain(mount: string, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs
  const before = await written(mount)
  while ((await written(mount)) === before) {
    if (performance.now() > end) throw new Error(`${mount} is still frozen`)
    await delay(20)
  }
}

/** How much the writer has written so far. */
async function written(mount: string): Promise<number> {
  const log = await stat(join(mount, 'log')).catch(() => undefined)
  return log?.size ?? 0
}
