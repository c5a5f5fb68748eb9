import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, Operation } from '../lightsail/types.js'
import {
  attachCommand,
  type Command,
  deleteCommand,
  detachCommand,
  startCommand,
  stopCommand,
} from './commands.js'
import { isAt, type Place, type RestorePlan, type World } from './plan.js'

/** What the stages ask of the service. */
export type StageService = Pick<
  Lightsail,
  | 'region'
  | 'getDisk'
  | 'getInstance'
  | 'getOperation'
  | 'operationsOf'
  | 'createDiskFromSnapshot'
  | 'stopInstance'
  | 'detachDisk'
  | 'attachDisk'
  | 'startInstance'
  | 'tagResource'
  | 'serviceTime'
  | 'credentialsExpireAt'
>

export type StageName = 'create' | 'stop' | 'detach' | 'attach' | 'start' | 'check'

/** Where a stage is: over, to be requested, on its way, or never to be reached. */
export type StageState = 'reached' | 'ready' | 'under way' | { readonly brokenBecause: string }

/** How long the pauses between two looks are, in milliseconds: in proportion to how long the stage has lasted. */
export interface Pace {
  readonly share: number
  readonly leastMs: number
  readonly mostMs: number
}

/** One stage of a roll-back. It is carried out by its states alone, so that it can be begun again at any point. */
export interface Stage {
  readonly name: StageName
  /** The thing that shows how far the stage is. */
  readonly looksAt: keyof World
  readonly pace: Pace
  /** How long refusals are retried, in milliseconds: what came before may not be known everywhere in the service yet. */
  readonly refusableMs: number
  /** Whether it continues beyond wait-timeout, and after an operation that failed: without it the site stays down. */
  readonly isVital: boolean
  /** What a person reads of it: before, and once it is reached. */
  readonly toDo: string
  readonly done: string
  stateIn(world: World): StageState
  /** The world once the stage is reached, as far as that matters to the others. */
  after(world: World): World
  /** Sends the request; undefined for a stage that only waits. */
  readonly request: ((service: StageService, patience: Patience) => Promise<Operation>) | undefined
  /** The command that does the same by hand, where there is one. */
  readonly command: Command | undefined
}

const unhurried: Pace = { share: 1 / 4, leastMs: 1000, mostMs: 15_000 }
/** While the instance is down, every second counts: no look comes later than a twentieth of the stage's own time. */
const tight: Pace = { share: 1 / 20, leastMs: 500, mostMs: 5000 }

/** Before the site is down, and for an attachment beside it. */
const briefMs = 15_000
/** While the site is down for a disk, before the previous one is put back. */
const patientMs = 120_000

/** The stages of a plan, in order: the new disk is there before anything is stopped. */
export function stagesOf(plan: RestorePlan): Stage[] {
  const { place, swap } = plan
  if (place === undefined) return [create(plan)]
  if (swap === undefined) return [create(plan), attach(plan, place, briefMs), check(plan, place, false)]
  const around = (stage: Stage) => (swap.wasRunning ? [stage] : [])
  return [
    create(plan),
    ...around(stop(plan, place)),
    detach(plan, place, swap.previousDiskName),
    attach(plan, place, patientMs),
    ...around(start(plan, place)),
    check(plan, place, swap.wasRunning),
  ]
}

function create({ diskName, snapshot, availabilityZone, sizeInGb, tags, region }: RestorePlan): Stage {
  const snapshotName = snapshot.name
  return {
    name: 'create',
    looksAt: 'restored',
    pace: unhurried,
    refusableMs: 0,
    isVital: false,
    toDo: `create disk "${diskName}" (${sizeInGb} GB, ${availabilityZone}) from snapshot "${snapshotName}"`,
    done: `disk "${diskName}" is created from snapshot "${snapshotName}"`,
    stateIn: ({ restored }) => {
      if (restored === undefined) return 'ready'
      if (restored.state === 'error') {
        const clear = deleteCommand(region, diskName)
        return { brokenBecause: `the disk failed in Lightsail (to clear it away: ${clear})` }
      }
      return restored.state === 'available' || restored.attachedTo !== null ? 'reached' : 'under way'
    },
    after: (world) => world,
    request: (service, patience) =>
      service.createDiskFromSnapshot({ diskName, snapshotName, availabilityZone, sizeInGb, tags }, patience),
    // A disk created by hand has no tags for the next attempt to know it by.
    command: undefined,
  }
}

/** Whether the previous disk no longer has the place. A disk that is gone is detached. */
function isOut(previous: Disk | undefined, place: Place): boolean {
  return previous?.attachedTo !== place.instanceName || previous.path !== place.path
}

function stop({ region }: RestorePlan, place: Place): Stage {
  const { instanceName } = place
  return {
    name: 'stop',
    looksAt: 'instance',
    pace: tight,
    refusableMs: briefMs,
    isVital: false,
    toDo: `stop instance "${instanceName}"`,
    done: `instance "${instanceName}" is stopped`,
    // Also for an empty place: a file system is mounted when the instance starts.
    stateIn: ({ restored, instance }) => {
      if (isAt(restored, place) || instance?.state === 'stopped') return 'reached'
      return instance?.state === 'running' ? 'ready' : 'under way'
    },
    after: (world) => ({ ...world, instance: world.instance && { ...world.instance, state: 'stopped' } }),
    request: (service, patience) => service.stopInstance(instanceName, patience),
    command: stopCommand(region, instanceName),
  }
}

const loose = { state: 'available', attachedTo: null, path: null }

function detach({ region }: RestorePlan, place: Place, previousName: string): Stage {
  return {
    name: 'detach',
    looksAt: 'previous',
    pace: tight,
    refusableMs: patientMs,
    isVital: false,
    toDo: `detach disk "${previousName}" from instance "${place.instanceName}"`,
    done: `disk "${previousName}" is detached from instance "${place.instanceName}"`,
    stateIn: ({ previous }) => (isOut(previous, place) ? 'reached' : 'ready'),
    after: (world) => ({ ...world, previous: world.previous && { ...world.previous, ...loose } }),
    request: (service, patience) => service.detachDisk(previousName, patience),
    command: detachCommand(region, previousName),
  }
}

/** The disk that somebody else, such as another roll-back, has put into the place. */
function intruderAt({ path }: Place, { instance }: World, ours: readonly (string | undefined)[]) {
  // GetInstance lags, so it may still list the previous disk. A disk without a name may be that one as well.
  return instance?.disks.find((disk) => disk.path === path && disk.name !== '' && !ours.includes(disk.name))
    ?.name
}

function attach({ region, diskName, swap }: RestorePlan, place: Place, refusableMs: number): Stage {
  const { instanceName, path } = place
  const previousName = swap?.previousDiskName
  return {
    name: 'attach',
    looksAt: 'restored',
    pace: tight,
    refusableMs,
    isVital: false,
    toDo: `attach disk "${diskName}" to instance "${instanceName}" at ${path}`,
    done: `disk "${diskName}" is attached to instance "${instanceName}" at ${path}`,
    stateIn: (world) => {
      const { restored } = world
      if (isAt(restored, place)) return 'reached'
      const { attachedTo = null, state } = restored ?? {}
      if (state === 'in-use' && attachedTo !== null && attachedTo !== instanceName) {
        return { brokenBecause: `the disk has since been attached to instance "${attachedTo}"` }
      }
      const intruder = intruderAt(place, world, [diskName, previousName])
      if (intruder !== undefined) {
        return { brokenBecause: `disk "${intruder}" has since been attached at ${path}` }
      }
      return state === 'available' ? 'ready' : 'under way'
    },
    after: (world) => ({
      ...world,
      restored: world.restored && { ...world.restored, state: 'in-use', attachedTo: instanceName, path },
    }),
    request: (service, patience) => service.attachDisk(diskName, instanceName, path, patience),
    command: attachCommand(region, diskName, place),
  }
}

function start({ region }: RestorePlan, { instanceName }: Place): Stage {
  return {
    name: 'start',
    looksAt: 'instance',
    pace: tight,
    refusableMs: Number.POSITIVE_INFINITY,
    isVital: true,
    toDo: `start instance "${instanceName}"`,
    done: `instance "${instanceName}" is running`,
    stateIn: ({ instance }) => {
      if (instance?.state === 'running') return 'reached'
      return instance?.state === 'stopped' ? 'ready' : 'under way'
    },
    after: (world) => ({ ...world, instance: world.instance && { ...world.instance, state: 'running' } }),
    request: (service, patience) => service.startInstance(instanceName, patience),
    command: startCommand(region, instanceName),
  }
}

/** The last look: the instance itself says that it has the disk. */
function check({ diskName }: RestorePlan, { instanceName, path }: Place, runs: boolean): Stage {
  return {
    name: 'check',
    looksAt: 'instance',
    pace: tight,
    refusableMs: 0,
    isVital: true,
    toDo: `check that instance "${instanceName}" ${runs ? 'runs with' : 'has'} disk "${diskName}" at ${path}`,
    done: `instance "${instanceName}" ${runs ? 'runs with' : 'has'} disk "${diskName}" at ${path}`,
    stateIn: ({ instance }) => {
      // No source says whether an instance always names its disks.
      const isOurs = (name: string) => name === diskName || name === ''
      const has = instance?.disks.some((disk) => isOurs(disk.name) && disk.path === path) === true
      return has && (!runs || instance.state === 'running') ? 'reached' : 'under way'
    },
    after: (world) => world,
    request: undefined,
    command: undefined,
  }
}
