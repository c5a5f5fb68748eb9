import { Failure } from '../basics/failure.js'
import { mapBounded } from '../basics/parallel.js'
import type { PlannedSnapshot, PlannedSource } from '../domain/planned-snapshot.js'
import type { Step } from '../github/entry-point.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { type ConnectTools, EarlyConnection, type PauseService, reach } from './connect.js'
import { disksBelow } from './devices.js'
import { didNotHold, type InstanceName } from './problems.js'
import type { Session } from './session.js'

// What loads the code of a pause needs it too.
export { EarlyConnection }

/** How many disks are looked up at once. */
const atOnce = 5

/** A pause that can begin: the connection is up, and the checks have passed. */
export interface ReadyPause {
  readonly instance: InstanceName
  /** The captured disks whose file systems are frozen during the pause. */
  readonly disks: ReadonlySet<string>
  readonly session: Session
}

/**
 * Connects to the sources' instance, unless `early` is a connection to it, and makes all checks. Throws a Failure if one fails;
 * nothing is changed by then.
 */
export async function readyPause(
  tools: ConnectTools,
  sources: readonly (PlannedSource & Partial<Pick<PlannedSnapshot, 'snapshotType'>>)[],
  early?: EarlyConnection,
): Promise<ReadyPause> {
  const { lightsail, patience, plan } = tools
  const captured = await findDisks(sources, lightsail, patience)
  const name = instanceOf(sources, captured)
  const isWhole = sources.some(({ snapshotType }) => snapshotType === 'instance')
  const { instance, session } = (await early?.take(name)) ?? (await reach(name, tools))
  try {
    return {
      instance: { name, region: lightsail.region },
      session,
      // A whole instance has all of its disks, and its snapshot is never called consistent.
      disks: isWhole ? new Set() : disksBelow(plan.mounts, session.devices, { instance, captured }),
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
  const disks = await mapBounded(
    sources.filter(({ source }) => source.type === 'disk'),
    atOnce,
    async ({ source, disk }, signal) => disk ?? getDisk(source.name, { ...patience, signal }),
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
