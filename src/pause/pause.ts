import { tmpdir } from 'node:os'
import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import type { PlannedSource } from '../domain/planned-snapshot.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { disksBelow } from './devices.js'
import { didNotHold, type InstanceName } from './problems.js'
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

export interface PauseTools {
  readonly lightsail: PauseService
  readonly patience: Patience
  readonly step: Pick<Step, 'log' | 'signal' | 'environment' | 'clock'>
}

/** How many disks are looked up at once. */
const atOnce = 5

/** A pause that can begin: the connection is up, and the checks have passed. */
export interface ReadyPause {
  readonly instance: InstanceName
  /** The captured disks whose file systems are frozen during the pause. */
  readonly disks: ReadonlySet<string>
  readonly session: Session
}

/** Connects to the sources' instance and makes all checks. Throws a Failure if one fails; nothing is changed by then. */
export async function readyPause(
  plan: PausePlan,
  mode: 'check' | 'pause',
  sources: readonly PlannedSource[],
  tools: PauseTools,
): Promise<ReadyPause> {
  const { lightsail, patience, step } = tools
  const captured = await findDisks(sources, lightsail, patience)
  const name = instanceOf(sources, captured)
  const [found, access] = await Promise.all([
    lightsail.getInstance(name, patience),
    lightsail.getInstanceAccess(name, patience),
  ])
  if (found === undefined || access === undefined) throw noInstance(name, lightsail.region)
  // The runner refuses an empty mask.
  if (access.privateKey !== '') step.log.mask(access.privateKey)
  const instance = { name, region: lightsail.region }
  const host = plan.host ?? access.address
  const target = { userName: access.userName, host, port: plan.port }
  const temporaryFolder = step.environment['RUNNER_TEMP'] || tmpdir()
  const session = await openSession({ instance, target, pause: plan, mode }, access, {
    ...step,
    temporaryFolder,
  })
  try {
    return {
      instance,
      session,
      disks: disksBelow(plan.mounts, session.devices, { instance: found, captured }),
    }
  } catch (error) {
    session.close()
    throw error
  }
}

/** Returns the block storage disks among the sources. */
async function findDisks(
  sources: readonly PlannedSource[],
  { getDisk }: PauseService,
  patience: Patience,
): Promise<readonly Disk[]> {
  const names = sources.flatMap(({ source }) => (source.type === 'disk' ? source.name : []))
  const disks = await mapBounded(
    names,
    atOnce,
    (name, signal) => getDisk(name, { ...patience, signal }),
    patience.signal,
  )
  return disks.filter((disk) => disk !== undefined)
}

/** Returns the name of the one instance that all sources are on. */
function instanceOf(sources: readonly PlannedSource[], captured: readonly Disk[]): string {
  const ofSources = sources.flatMap(({ source }) => (source.type === 'instance' ? source.name : []))
  const names = new Set([...ofSources, ...captured.map(({ attachedTo }) => attachedTo)])
  const [name, ...others] = names
  if (typeof name === 'string' && others.length === 0) return name
  const detached = captured.filter(({ attachedTo }) => attachedTo === null)
  const reason =
    detached.length > 0
      ? `disk "${detached.map((disk) => disk.name).join('", "')}" is attached to no instance`
      : `they are on several instances: ${[...names].join(', ')}`
  throw new Failure(
    `Can't pause the instance of the disks: ${reason}.`,
    'A pause takes disks of one instance. Use a step for each instance.',
  )
}

function noInstance(name: string, region: string): Failure {
  return new Failure(`There is no instance "${name}" in ${region}.`, 'Check the spelling and aws-region.', {
    isMissing: true,
  })
}

/** What became of a pause. */
export interface Paused<T> {
  /** What the work returned. */
  readonly value: T
  /** Whether every file system was certainly frozen from before the work until after it. */
  readonly held: boolean
  /** How long the instance was paused, in milliseconds. */
  readonly durationMs: number
  /** What went wrong, after the work had begun. */
  readonly failures: readonly Failure[]
}

/** Does the work while the instance is paused. Throws a Failure if the pause doesn't begin: the work isn't done then. */
export async function whilePaused<T>(
  { instance, session }: ReadyPause,
  { clock, signal }: Pick<Step, 'clock' | 'signal'>,
  work: () => Promise<T>,
): Promise<Paused<T>> {
  try {
    await session.begin()
    const startedAt = clock.monotonic()
    const value = await work()
    const held = await session.thaw()
    const durationMs = clock.monotonic() - startedAt
    const after = await session.finish()
    const failures = [
      ...(held || signal.aborted ? [] : [didNotHold(instance)]),
      ...(after === undefined ? [] : [after]),
    ]
    return { value, held, durationMs, failures }
  } finally {
    session.close()
  }
}
