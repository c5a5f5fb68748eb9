import { prepareAfterSwap } from '../../emulator/service/after-swap.js'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { type FaultName, faults, isFaultName } from '../../emulator/service/faults.js'
import { putPastSnapshot } from './account.js'
import { region } from './emulated.js'
import type { EmulatedAccount, StartAccount, StepEnd } from './emulated-account.js'

/** A step to run with faults: what it does, what it needs, and the requests it sends. */
export interface TestedStep {
  readonly title: string
  /** Its name in the document, which several steps may share; otherwise its title. */
  readonly sharedTitle?: string
  /** Each fault occurs at each of these requests. */
  readonly requests: readonly string[]
  readonly inputs: Readonly<Record<string, string>>
  /** How many snapshots exist in the end if nothing fails. */
  readonly snapshots: number
  readonly folder?: 'wait' | 'prune' | 'restore'
  /** Whether it is about a whole instance, and not a disk. */
  readonly ofInstance?: true
  /** Whether it deletes old snapshots, so that the remaining ones matter. */
  readonly prunes?: true
  /** Whether the response to its create request is lost. */
  readonly losesResponse?: true
  /** Prepares the emulator. Returns further inputs. */
  readonly prepare?: (emulator: EmulatedAccount) => Promise<Record<string, string>>
}

async function withLogs(emulator: EmulatedAccount): Promise<Record<string, string>> {
  emulator.region(region).addDisk('logs', 8, emulator.now())
  return {}
}

/** Starts snapshots in an earlier step. Returns the ids of their operations as the input of `wait/`. */
async function started(emulator: EmulatedAccount, disks: string): Promise<Record<string, string>> {
  const { outputs } = await emulator.run({ inputs: { 'disk-name': disks, wait: 'false' } })
  return { 'operation-id': outputs['operation-ids'] ?? '' }
}

/** The response to the create request is lost, so that the snapshot and its operation have to be looked up. */
async function responseLost(emulator: EmulatedAccount): Promise<Record<string, string>> {
  emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] })
  return {}
}

/** Three snapshots of earlier deploys. Deleting one takes a moment. */
async function withPast(emulator: EmulatedAccount): Promise<Record<string, string>> {
  emulator.behaviour.deleteDurationMs = 700
  for (const days of [1, 2, 3]) putPastSnapshot(emulator, `day-${days}`, { days }, emulator.now())
  return {}
}

/** A disk that a deploy has broken, and a snapshot from before that deploy. */
async function withSwappable(emulator: EmulatedAccount): Promise<Record<string, string>> {
  putPastSnapshot(emulator, 'day-1', { days: 1, content: 'good' }, emulator.now())
  emulator.region(region).setContent('shop-data', 'broken')
  Object.assign(emulator.behaviour, everyChangeTakes(100))
  return {}
}

/** An instance with a static IP that a deploy has broken, with a snapshot of the whole of it from before that deploy. */
async function withSwappableInstance(emulator: EmulatedAccount): Promise<Record<string, string>> {
  const now = emulator.now()
  const account = emulator.region(region)
  account.addStaticIp('address', now, 'shop')
  const createdAt = now - 86_400_000
  const tags = [
    { key: 'managed-by', value: 'lightsail-disk-snapshot' },
    { key: 'repository', value: 'octo-org/web-shop' },
  ]
  account.putInstanceSnapshot({ name: 'day-1', instanceName: 'shop', createdAt, content: 'good', tags })
  account.writeTo('shop', systemDisk, 'broken', now)
  const shop = account.instances.find('shop', now)
  // Other ports than those of a new instance, so that they have to be opened.
  account.instances.change('shop', { ...shop, firewall: { ...shop.firewall, after: [], endsAt: 0 } })
  Object.assign(emulator.behaviour, everyChangeTakes(100), { movesStaticIps: false })
  return {}
}

/** The original disk is deleted, and the disk that replaced it in a roll-back is attached. */
async function withReplacement(emulator: EmulatedAccount): Promise<Record<string, string>> {
  const account = emulator.region(region)
  prepareAfterSwap(account, { repository: 'octo-org/web-shop', now: emulator.now() })
  account.removeDisk('shop-data')
  return {}
}

const systemDisk = '/dev/xvda'
const oneDisk = { 'disk-name': 'shop-data' }
const wholeInstance = { 'instance-name': 'shop', 'snapshot-type': 'instance' }
const twoDisks = { 'disk-name': 'shop-data, logs' }

const twoSources = 'Two sources: disks, instances, or an instance and its disk'
const oneOrTwo = '`wait/` for one snapshot, or for two'

/** Steps that together send every request. */
export const testedSteps: readonly TestedStep[] = [
  {
    title: 'One disk',
    requests: ['GetDisk', 'CreateDiskSnapshot', 'GetDiskSnapshot', 'GetOperation'],
    inputs: oneDisk,
    snapshots: 1,
  },
  {
    title: 'Two disks',
    sharedTitle: twoSources,
    requests: ['GetDisks', 'CreateDiskSnapshot', 'GetDiskSnapshots', 'GetOperations'],
    inputs: twoDisks,
    snapshots: 2,
    prepare: withLogs,
  },
  {
    title: 'Two instances',
    sharedTitle: twoSources,
    requests: ['GetInstances'],
    inputs: { 'instance-name': 'wordpress, blog' },
    snapshots: 2,
    async prepare(emulator) {
      emulator.region(region).addInstance('blog', 40, emulator.now())
      return {}
    },
  },
  {
    title: 'An instance with its disks',
    sharedTitle: twoSources,
    requests: ['GetInstance', 'GetDisk'],
    inputs: { 'instance-name': 'shop', 'attached-disks': 'true' },
    snapshots: 2,
  },
  {
    title: 'A whole instance',
    requests: ['GetInstance', 'CreateInstanceSnapshot', 'GetInstanceSnapshot'],
    inputs: wholeInstance,
    snapshots: 1,
    ofInstance: true,
  },
  {
    title: 'A disk that was replaced in a roll-back, and then deleted',
    requests: ['GetDisk', 'GetDisks'],
    inputs: oneDisk,
    snapshots: 1,
    prepare: withReplacement,
  },
  {
    title: 'A dry run for a disk',
    requests: ['GetDisk'],
    inputs: { ...oneDisk, 'dry-run': 'true' },
    snapshots: 0,
  },
  {
    title: 'One disk, if the response to its create request is lost',
    requests: ['GetDiskSnapshot', 'GetOperationsForResource'],
    inputs: oneDisk,
    snapshots: 1,
    losesResponse: true,
    prepare: responseLost,
  },
  {
    title: 'The same, if Lightsail lists no operations for a snapshot',
    requests: ['GetOperations'],
    inputs: oneDisk,
    snapshots: 1,
    losesResponse: true,
    prepare(emulator) {
      emulator.behaviour.operationsForSnapshots = false
      return responseLost(emulator)
    },
  },
  {
    title: '`wait/` for one snapshot',
    sharedTitle: oneOrTwo,
    requests: ['GetOperation', 'GetDiskSnapshot'],
    inputs: {},
    snapshots: 1,
    folder: 'wait',
    prepare: (emulator) => started(emulator, 'shop-data'),
  },
  {
    title: '`wait/` for two snapshots',
    sharedTitle: oneOrTwo,
    requests: ['GetOperations', 'GetDiskSnapshots'],
    inputs: {},
    snapshots: 2,
    folder: 'wait',
    async prepare(emulator) {
      await withLogs(emulator)
      return started(emulator, 'shop-data, logs')
    },
  },
  {
    title: 'One disk, with `keep-last: 1` and three older snapshots',
    requests: ['GetDiskSnapshots', 'DeleteDiskSnapshot'],
    inputs: { ...oneDisk, 'keep-last': '1' },
    snapshots: 1,
    prunes: true,
    prepare: withPast,
  },
  {
    title: '`prune/` with `keep-last: 1` and three snapshots',
    requests: ['GetDisk', 'GetDiskSnapshots', 'GetDiskSnapshot', 'DeleteDiskSnapshot', 'GetOperation'],
    inputs: { ...oneDisk, 'keep-last': '1' },
    snapshots: 1,
    folder: 'prune',
    prunes: true,
    prepare: withPast,
  },
  {
    title: '`restore/` with `swap: true`',
    requests: [
      'CreateDiskFromSnapshot',
      'TagResource',
      'StopInstance',
      'DetachDisk',
      'AttachDisk',
      'StartInstance',
    ],
    inputs: { ...oneDisk, swap: 'true' },
    snapshots: 1,
    folder: 'restore',
    prepare: withSwappable,
  },
  {
    title: '`restore/` with `swap: true` for a whole instance',
    requests: [
      'CreateInstancesFromSnapshot',
      'PutInstancePublicPorts',
      'TagResource',
      'GetStaticIp',
      'DetachStaticIp',
      'AttachStaticIp',
      'StopInstance',
    ],
    inputs: { ...wholeInstance, swap: 'true' },
    snapshots: 1,
    ofInstance: true,
    folder: 'restore',
    prepare: withSwappableInstance,
  },
]

// Further refusals, after which no request is retried either: __tests__/lightsail/retry.test.ts.
const untested: readonly FaultName[] = ['invalid-token', 'unauthenticated', 'account-setup', 'region-setup']

/** Every tested fault, in the order of the emulator's table. */
const testedFaults = Object.keys(faults)
  .filter(isFaultName)
  .filter((name) => !untested.includes(name))

const refusals: readonly FaultName[] = ['access-denied', 'expired-token', 'operation-failure']

export type FaultKind = 'temporary errors' | 'lost responses' | 'refusals'

/** Every kind of fault, in the order of the document. */
export const faultKinds: readonly FaultKind[] = ['temporary errors', 'lost responses', 'refusals']

/** What kind of fault this is: a lost response if the operation is carried out anyway. */
export function kindOf(fault: FaultName): FaultKind {
  if (faults[fault].works) return 'lost responses'
  return refusals.includes(fault) ? 'refusals' : 'temporary errors'
}

/** The tested faults of a kind. */
export function faultsOf(kind: FaultKind): FaultName[] {
  return testedFaults.filter((fault) => kindOf(fault) === kind)
}

/** Whether this fault is possible at this request. */
function canOccur(request: string, fault: FaultName): boolean {
  return fault !== 'auto-snapshot' || request === 'CreateDiskSnapshot'
}

/** One fault at one request of one step. */
export interface Cell {
  readonly step: TestedStep
  readonly request: string
  readonly fault: FaultName
  readonly times: 'once' | 'every time'
}

export interface CellResult extends Cell {
  readonly result: StepEnd
  /** The snapshots in the end. */
  readonly left: readonly { readonly source: string; readonly name: string; readonly operationId: string }[]
  /** How many of them are complete. */
  readonly completed: number
  /** The names of the restored disks or instances. */
  readonly restored: readonly string[]
  /** The names of the block storage disks that are attached to the instance; of whole instances, the one with the static IP. */
  readonly attached: readonly string[]
  /** Whether the disk or the instance from before a roll-back still exists. */
  readonly hasPrevious: boolean
  /** Of the instance that visitors reach. */
  readonly instanceState: string
  /** What the instance's disk holds; undefined if it has none. */
  readonly live: string | undefined
  /** Whether the fault occurred at all. */
  readonly hasOccurred: boolean
}

/** Every cell of the matrix. */
export function cells(): Cell[] {
  return testedSteps.flatMap((step) =>
    step.requests.flatMap((request) =>
      testedFaults
        .filter((fault) => canOccur(request, fault))
        .flatMap((fault) =>
          (['once', 'every time'] as const).map((times) => ({ step, request, fault, times })),
        ),
    ),
  )
}

/** How long (ms) a roll-back may take beyond wait-timeout to get the instance running again. */
const bringBackMs = 300_000

/** How long (ms) retention in the root action may always take. */
const retentionMs = 30_000

/** The input `wait-timeout` of a cell, in milliseconds. */
function waitTimeoutMs({ step, request, fault, times }: Cell): number {
  // Long enough to abandon a request that hangs and to retry it.
  if (times === 'once') return 120_000
  // The search for an operation may take a quarter of this, long enough for a refused connection to be possible again.
  if (request === 'GetOperationsForResource') return 12_000
  if (step.folder === 'restore') return isSlow(request, fault) ? 60_000 : 20_000
  // Only the end matters.
  return 3000
}

/**
 * Whether a roll-back needs more time with this fault: a request that hangs is abandoned after 15 seconds. Before the instance is
 * stopped, half of wait-timeout must be left; if the request was carried out, the step continues.
 */
function isSlow(request: string, fault: FaultName): boolean {
  if (fault === 'hang') return ['CreateDiskFromSnapshot', 'TagResource'].includes(request)
  return fault === 'hang-after' || fault === 'stalled-body'
}

/** How long (ms) the cell's step may take by its inputs. */
export function longestMs(cell: Cell): number {
  const { step, times } = cell
  if (times === 'once') return 90_000
  if (step.folder === 'restore') return waitTimeoutMs(cell) + bringBackMs
  return waitTimeoutMs(cell) + (step.folder === undefined && step.prunes ? retentionMs : 0)
}

/** The requests at which a fault that occurs every time takes a roll-back minutes, longest first. */
const slowRequests = [
  'StartInstance',
  'AttachStaticIp',
  'AttachDisk',
  'DetachDisk',
  'StopInstance',
  'DetachStaticIp',
  'GetStaticIp',
]

/** The cells that mostly wait, those that take longest first. */
export function waitingCells(all: readonly Cell[]): Cell[] {
  const rank = ({ request }: Cell) => slowRequests.indexOf(request) + 1 || slowRequests.length + 1
  return all.filter(mostlyWaits).sort((a, b) => rank(a) - rank(b))
}

/** Whether the cell mostly waits, for longer than the others. */
export function mostlyWaits(cell: Cell): boolean {
  return cell.times === 'every time' && longestMs(cell) > retentionMs
}

/** Runs one cell in an account of its own. */
export async function runCell(cell: Cell, start: StartAccount): Promise<CellResult> {
  const { step, request, fault, times } = cell
  // Long enough for the first poll to come before the snapshot is complete, so that the operation is asked for.
  const emulator = await start({ snapshotDurationMs: 700 })
  try {
    const more = await step.prepare?.(emulator)
    emulator.faults.add({ operation: request, fault, occurrences: times === 'once' ? [1] : 'all' })
    const seen = emulator.requests.length
    const inputs = { ...step.inputs, ...more, 'wait-timeout': `${waitTimeoutMs(cell) / 1000}s` }
    const result = await emulator.run({
      inputs,
      ...(step.folder === undefined ? {} : { folder: step.folder }),
    })
    const hasOccurred = emulator.requests.slice(seen).some(({ operation }) => operation === request)
    const snapshots = snapshotsOf(emulator)
    // By then every operation has finished.
    await emulator.skip(60_000)
    const machine = step.ofInstance ? siteOf(emulator) : machineOf(emulator)
    return { ...cell, result, hasOccurred, ...snapshots, ...machine }
  } finally {
    await emulator.close()
  }
}

function snapshotsOf(emulator: EmulatedAccount): Pick<CellResult, 'left' | 'completed'> {
  const now = emulator.now()
  const account = emulator.region(region)
  const ofInstances = account.instanceSnapshots.names(now).map((name) => account.instanceSnapshot(name, now))
  const ofDisks = account.allSnapshots(now)
  const snapshots = [
    ...ofDisks.map((snapshot) => ({ ...snapshot, isComplete: snapshot.state === 'completed' })),
    ...ofInstances.map((snapshot) => ({
      ...snapshot,
      isComplete: snapshot.state === 'available',
      fromDiskName: undefined,
    })),
  ]
  const operations = emulator.region(region).allOperations(now)
  return {
    left: snapshots.map(({ name, fromDiskName, fromInstanceName }) => ({
      name,
      source: fromDiskName ?? fromInstanceName ?? '',
      operationId: operations.find(({ resourceName }) => resourceName === name)?.id ?? '',
    })),
    completed: snapshots.filter(({ isComplete }) => isComplete).length,
  }
}

type Site = Pick<CellResult, 'restored' | 'attached' | 'hasPrevious' | 'instanceState' | 'live'>

function machineOf(emulator: EmulatedAccount): Site {
  const now = emulator.now()
  const account = emulator.region(region)
  const { hardware, state } = account.instance('shop', now)
  const disks = account.disks.names(now)
  return {
    restored: disks.filter((name) => name.includes('-restored-')),
    hasPrevious: disks.includes('shop-data'),
    attached: hardware.disks.flatMap(({ name, isSystemDisk }) =>
      isSystemDisk || name === undefined ? [] : name,
    ),
    instanceState: state.name,
    live: account.contentOfInstance('shop', '/dev/xvdf'),
  }
}

/** The same for the instance that has the static IP, if there is one. */
function siteOf(emulator: EmulatedAccount): Site {
  const now = emulator.now()
  const account = emulator.region(region)
  const instances = account.instances.names(now)
  const holder = instances.find((name) => account.staticIpOf(name, now) !== undefined)
  return {
    restored: instances.filter((name) => name.includes('-restored-')),
    hasPrevious: instances.includes('shop'),
    attached: holder === undefined ? [] : [holder],
    instanceState: holder === undefined ? 'none' : account.instance(holder, now).state.name,
    live: holder === undefined ? undefined : account.contentOfInstance(holder, systemDisk),
  }
}
