import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { withTimeLimit } from '../basics/signals.js'
import type { Step } from '../github/entry-point.js'
import type { InstanceAccess } from '../lightsail/types.js'
import { writeAccessFiles } from './access-files.js'
import { afterFailed, connectionProblem, type InstanceName, noSsh, refusal, wentSilent } from './problems.js'
import { freezeLine, type RemotePause, type Report, remoteInput, thawLine } from './remote.js'
import { Connection, sshArguments, type Target } from './ssh.js'

/** How long (ms) to wait for the instance. Each of the two commands has five minutes there. */
const limits = { connect: 45_000, hook: 330_000, thaw: 15_000, output: 2000, cancelled: 1500 }

export interface SessionTools extends Pick<Step, 'log' | 'signal' | 'environment'> {
  readonly clock: Pick<Clock, 'timeLimit' | 'monotonic'>
  /** The folder for the files with the credentials. */
  readonly temporaryFolder: string
}

/** Where the pause takes place. */
export interface SessionPlan {
  readonly instance: InstanceName
  readonly target: Target
  readonly pause: RemotePause
  readonly mode: 'check' | 'pause'
}

/** A connection to an instance whose checks have passed. */
export class Session {
  /** Of each mount point, what it is on, in the order given. */
  readonly devices: readonly string[]
  readonly #plan: SessionPlan
  readonly #connection: Connection
  readonly #tools: SessionTools

  constructor(plan: SessionPlan, connection: Connection, devices: readonly string[], tools: SessionTools) {
    this.#plan = plan
    this.#connection = connection
    this.devices = devices
    this.#tools = tools
  }

  /** Whether the connection is up, as far as is known. */
  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  /** Runs `before-snapshot` and freezes. Throws a Failure if that fails; everything on the instance resumes then. */
  async begin(): Promise<void> {
    const { pause, instance } = this.#plan
    this.#connection.send(freezeLine)
    const ms = limits.hook + pause.timeoutMs
    const report = await this.#await(['frozen', 'refused'], ms, this.#tools.signal)
    if (report === undefined) {
      this.close()
      throw wentSilent(instance)
    }
    if (report.word === 'frozen') return
    await this.finish()
    throw refusal(instance, report)
  }

  /** Thaws. Returns whether every file system was frozen until now; nothing proves it if the instance doesn't say so. */
  async thaw(): Promise<boolean> {
    this.#connection.send(thawLine)
    const ms = this.#tools.signal.aborted ? limits.cancelled : limits.thaw
    const report = await this.#await(['held', 'lost'], ms, undefined)
    return report?.word === 'held'
  }

  /** Waits until `after-snapshot` has ended. Returns the failure if it failed. */
  async finish(): Promise<Failure | undefined> {
    const { instance } = this.#plan
    const { signal } = this.#tools
    const report = await this.#await(['after-failed', 'finished'], limits.hook, signal)
    // The last of their output may come after the report. A process that they leave behind can hold it open.
    await withTimeLimit(limits.output, signal, this.#tools.clock, (limit) => this.#connection.closed(limit))
    this.close()
    // After a cancellation it runs to its end without this step.
    if (report === undefined) return signal.aborted ? undefined : wentSilent(instance)
    return report.word === 'finished' ? undefined : afterFailed(instance, report.subject)
  }

  /** Ends the connection, and logs what the commands have printed. Whatever is paused on the instance resumes. */
  close(): void {
    this.#connection.end()
    const output = this.#connection.takeErrors()
    if (output === '') return
    const title = `Output of the commands on instance "${this.#plan.instance.name}"`
    this.#tools.log.group(title, output.split('\n'))
  }

  /** Returns the first of these reports. Undefined if the connection ends, the time is over or the signal is aborted before. */
  #await(words: readonly string[], ms: number, signal: AbortSignal | undefined): Promise<Report | undefined> {
    return withTimeLimit(ms, signal, this.#tools.clock, async (limit) => {
      for (;;) {
        const report = await this.#connection.next(limit)
        if (report === undefined || words.includes(report.word)) return report
      }
    })
  }
}

/**
 * Connects to the instance and makes the checks there. The credentials are in files only until the connection is up.
 * Throws a Failure if there is no connection, or if a check fails.
 */
export async function openSession(
  plan: SessionPlan,
  access: InstanceAccess,
  tools: SessionTools,
): Promise<Session> {
  const files = await writeAccessFiles(access, tools.temporaryFolder)
  try {
    const connect = (legacy: boolean) => tryToConnect(plan, sshArguments(plan.target, files, legacy), tools)
    const first = await connect(false)
    const { connection, report } = first instanceof Failure ? await orThrow(connect(true)) : first
    // From here on the files aren't needed.
    await files.remove()
    return await readChecks(plan, connection, report, tools)
  } finally {
    await files.remove()
  }
}

interface Connected {
  readonly connection: Connection
  readonly report: Report
}

/** Returns a Failure if the certificate was refused, and throws it for any other reason. */
async function tryToConnect(
  plan: SessionPlan,
  args: readonly string[],
  { clock, signal, environment }: SessionTools,
): Promise<Connected | Failure> {
  const connection = new Connection(args, environment)
  connection.send(remoteInput(plan.mode, plan.pause))
  return withTimeLimit(limits.connect, signal, clock, async (limit) => {
    const report = await connection.next(limit)
    if (report !== undefined) return { connection, report }
    const isLate = limit.aborted
    connection.end()
    if (connection.isMissing) throw noSsh(plan.instance)
    const problem = connectionProblem(plan.instance, plan.target, connection.takeErrors(), isLate)
    if (problem.isCertificateRefused) return problem.failure
    throw problem.failure
  })
}

async function orThrow(second: Promise<Connected | Failure>): Promise<Connected> {
  const outcome = await second
  if (outcome instanceof Failure) throw outcome
  return outcome
}

/** Reads what the checks report, up to their end. */
async function readChecks(
  plan: SessionPlan,
  connection: Connection,
  first: Report,
  tools: SessionTools,
): Promise<Session> {
  const devices: string[] = []
  try {
    return await withTimeLimit(limits.connect, tools.signal, tools.clock, async (limit) => {
      let report: Report | undefined = first
      while (report?.word === 'device') {
        devices.push(report.subject)
        report = await connection.next(limit)
      }
      if (report?.word === 'ready') return new Session(plan, connection, devices, tools)
      throw report === undefined ? wentSilent(plan.instance) : refusal(plan.instance, report)
    })
  } catch (error) {
    connection.end()
    throw error
  }
}
