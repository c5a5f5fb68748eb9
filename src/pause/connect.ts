import { tmpdir } from 'node:os'
import { Failure } from '../basics/failure.js'
import { whenAborted } from '../basics/signals.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Instance, Source } from '../lightsail/types.js'
import { noAddress } from './problems.js'
import type { RemotePause } from './remote.js'
import { openSession, type Session } from './session.js'

/** The pause that a step asks for. */
export interface PausePlan extends RemotePause {
  /** What to do if it doesn't hold. */
  readonly onFailure: 'fail' | 'continue'
  /** Where the SSH server is reached. Undefined: the address that Lightsail reports. */
  readonly host: string | undefined
  readonly port: number
}

export type PauseService = Pick<Lightsail, 'region' | 'getDisk' | 'getInstance' | 'getInstanceAccess'>

export interface ConnectTools {
  readonly plan: PausePlan
  /** Whether to make the checks alone. */
  readonly mode: 'check' | 'pause'
  readonly lightsail: PauseService
  readonly patience: Patience
  readonly step: Pick<Step, 'log' | 'signal' | 'environment' | 'clock'>
}

/** An instance whose checks have passed, and the connection to it. */
export interface Reached {
  readonly instance: Instance
  readonly session: Session
}

/** Connects to an instance and makes the checks there. Throws a Failure if that fails. */
export async function reach(name: string, tools: ConnectTools): Promise<Reached> {
  const { lightsail, patience } = tools
  const [found, opened] = await Promise.allSettled([
    lightsail.getInstance(name, patience),
    openAt(name, tools),
  ])
  if (found.status === 'fulfilled' && opened.status === 'fulfilled' && found.value !== undefined) {
    return { instance: found.value, session: opened.value }
  }
  if (opened.status === 'fulfilled') opened.value.close()
  if (found.status === 'rejected') throw found.reason
  throw opened.status === 'rejected' ? opened.reason : noInstance(name, lightsail.region)
}

async function openAt(
  name: string,
  { plan, mode, lightsail, patience, step }: ConnectTools,
): Promise<Session> {
  const access = await lightsail.getInstanceAccess(name, patience)
  if (access === undefined) throw noInstance(name, lightsail.region)
  // The runner refuses an empty mask.
  if (access.privateKey !== '') step.log.mask(access.privateKey)
  const instance = { name, region: lightsail.region }
  const host = plan.host ?? access.address
  if (host === '') throw noAddress(instance)
  const target = { userName: access.userName, host, port: plan.port }
  const temporaryFolder = step.environment['RUNNER_TEMP'] || tmpdir()
  return openSession({ instance, target, pause: plan, mode }, access, { ...step, temporaryFolder })
}

function noInstance(name: string, region: string): Failure {
  return new Failure(`There is no instance "${name}" in ${region}.`, 'Check the spelling and aws-region.', {
    isMissing: true,
  })
}

/**
 * A connection that is set up while the sources are still looked up: to the instance that the first name in the inputs leads to.
 * If it turns out that another one is meant, or if it has ended by then, it isn't taken. Nothing is changed on the instance.
 */
export class EarlyConnection {
  readonly #stop = new AbortController()
  readonly #name: Promise<string | undefined>
  readonly #reached: Promise<Reached | undefined>
  #isTaken = false

  constructor(first: Source, tools: ConnectTools) {
    const { signal } = this.#stop
    // For as long as the step lives: once it is taken, a cancellation of the step ends it.
    whenAborted(tools.step.signal, () => this.#stop.abort())
    const own = {
      ...tools,
      patience: { ...tools.patience, signal },
      step: { ...tools.step, signal },
    }
    this.#name = likelyInstance(first, own)
    this.#reached = this.#name.then((name) => (name === undefined ? undefined : reach(name, own)))
    // Whoever takes it learns of it.
    this.#reached.catch(() => {})
  }

  /** Returns the connection if it is to this instance and still up, and ends it otherwise. Throws a Failure if it failed. */
  async take(name: string): Promise<Reached | undefined> {
    const reached = (await this.#name) === name ? await this.#reached : undefined
    this.#isTaken = reached?.session.isOpen === true
    if (this.#isTaken) return reached
    await this.close()
    return undefined
  }

  /** Ends the connection unless it was taken. Resolves when no file with credentials is left. */
  async close(): Promise<void> {
    if (this.#isTaken) return
    this.#stop.abort()
    const reached = await this.#reached.catch(() => undefined)
    reached?.session.close()
  }
}

/** Returns the name of the instance that a source is on; undefined if that isn't known after one request. */
async function likelyInstance(
  { type, name }: Source,
  { lightsail, patience }: ConnectTools,
): Promise<string | undefined> {
  if (type === 'instance') return name
  try {
    const disk = await lightsail.getDisk(name, { ...patience, attempts: 1 })
    return disk?.attachedTo ?? undefined
  } catch {
    // The look-up of the sources reports it.
    return undefined
  }
}
