import { prepareAfterSwap } from '../../emulator/service/after-swap.js'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { type FaultName, faults, isFaultName } from '../../emulator/service/faults.js'
import type { Emulator } from '../../emulator/service/server.js'
import { putPastSnapshot } from './account.js'
import { type BuiltStepResult, runBuiltAction } from './built-action.js'
import { region, startFilledEmulator } from './emulated.js'

/** A step that sends certain requests, and what it needs. */
export interface Way {
  readonly title: string
  /** The requests at which the faults occur, one after the other. */
  readonly requests: readonly string[]
  readonly inputs: Readonly<Record<string, string>>
  /** How many snapshots there are if nothing fails. */
  readonly snapshots: number
  readonly folder?: 'wait' | 'prune' | 'restore'
  /** Whether it deletes old snapshots, so that the ones left matter. */
  readonly prunes?: true
  /** Prepares the emulator. Returns further inputs. */
  readonly prepare?: (emulator: Emulator) => Promise<Record<string, string>>
}

async function withLogs(emulator: Emulator): Promise<Record<string, string>> {
  emulator.region(region).addDisk('logs', 8, Date.now())
  return {}
}

/** Starts snapshots in an earlier step. Gives the ids of their operations, as `wait/` takes them. */
async function started(emulator: Emulator, disks: string): Promise<Record<string, string>> {
  const { outputs } = await runBuiltAction(emulator, { 'disk-name': disks, wait: 'false' })
  return { 'operation-id': outputs['operation-ids'] ?? '' }
}

/** The response to the create request is lost, so that the snapshot and its operation have to be looked up. */
async function responseLost(emulator: Emulator): Promise<Record<string, string>> {
  emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] })
  return {}
}

/** Three snapshots of earlier deploys. Deleting one takes a moment. */
async function withPast(emulator: Emulator): Promise<Record<string, string>> {
  emulator.behaviour.deleteDurationMs = 700
  for (const days of [1, 2, 3]) putPastSnapshot(emulator, `day-${days}`, { days })
  return {}
}

/** A disk that a deploy has broken, and a snapshot of it from before. */
async function withSwappable(emulator: Emulator): Promise<Record<string, string>> {
  putPastSnapshot(emulator, 'day-1', { days: 1, content: 'good' })
  emulator.region(region).setContent('shop-data', 'broken')
  Object.assign(emulator.behaviour, everyChangeTakes(100))
  return {}
}

/** The original is deleted, and the disk that replaced it in a roll-back is attached. */
async function withHeir(emulator: Emulator): Promise<Record<string, string>> {
  const account = emulator.region(region)
  prepareAfterSwap(account, { repository: 'octo-org/web-shop', now: Date.now() })
  account.removeDisk('shop-data')
  return {}
}

const oneDisk = { 'disk-name': 'shop-data' }
const twoDisks = { 'disk-name': 'shop-data, logs' }

/** Steps that together send every request. */
export const ways: readonly Way[] = [
  {
    title: 'One disk',
    requests: ['GetDisk', 'CreateDiskSnapshot', 'GetDiskSnapshot', 'GetOperation'],
    inputs: oneDisk,
    snapshots: 1,
  },
  {
    title: 'Two disks',
    requests: ['GetDisks', 'CreateDiskSnapshot', 'GetDiskSnapshots', 'GetOperations'],
    inputs: twoDisks,
    snapshots: 2,
    prepare: withLogs,
  },
  {
    title: 'Two instances',
    requests: ['GetInstances'],
    inputs: { 'instance-name': 'wordpress, blog' },
    snapshots: 2,
    async prepare(emulator) {
      emulator.region(region).addInstance('blog', 40, Date.now())
      return {}
    },
  },
  {
    title: 'An instance with its disks',
    requests: ['GetInstance', 'GetDisk'],
    inputs: { 'instance-name': 'shop', 'attached-disks': 'true' },
    snapshots: 2,
  },
  {
    title: 'One disk that was deleted after a roll-back, so that its name means its replacement',
    requests: ['GetDisk', 'GetDisks'],
    inputs: oneDisk,
    snapshots: 1,
    prepare: withHeir,
  },
  {
    title: 'A dry run for a disk',
    requests: ['GetDisk'],
    inputs: { ...oneDisk, 'dry-run': 'true' },
    snapshots: 0,
  },
  {
    title: 'One disk, after the response to its create request was lost',
    requests: ['GetDiskSnapshot', 'GetOperationsForResource'],
    inputs: oneDisk,
    snapshots: 1,
    prepare: responseLost,
  },
  {
    title: 'The same, if the service lists no operations for a snapshot',
    requests: ['GetOperations'],
    inputs: oneDisk,
    snapshots: 1,
    prepare(emulator) {
      emulator.behaviour.operationsForSnapshots = false
      return responseLost(emulator)
    },
  },
  {
    title: '`wait/` for one snapshot',
    requests: ['GetOperation', 'GetDiskSnapshot'],
    inputs: {},
    snapshots: 1,
    folder: 'wait',
    prepare: (emulator) => started(emulator, 'shop-data'),
  },
  {
    title: '`wait/` for two snapshots',
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
]

// These refusals end a step as `access-denied` does, with another message.
const alike: readonly FaultName[] = ['invalid-token', 'unauthenticated', 'account-setup', 'region-setup']

/** Every fault, in the order of the emulator's table. */
const matrixFaults = Object.keys(faults)
  .filter(isFaultName)
  .filter((name) => !alike.includes(name))

/** Whether this fault is possible at this request. */
function canMeet(request: string, fault: FaultName): boolean {
  return fault !== 'auto-snapshot' || request === 'CreateDiskSnapshot'
}

export interface Cell {
  readonly way: Way
  readonly request: string
  readonly fault: FaultName
  readonly times: 'once' | 'every time'
}

export interface CellResult extends Cell {
  readonly result: BuiltStepResult
  /** The snapshots that there are in the end, by the name of their source. */
  readonly made: readonly { readonly source: string; readonly name: string; readonly operationId: string }[]
  readonly completed: number
  /** The disks that were restored, and the names of those that are attached to the instance. */
  readonly restored: readonly string[]
  readonly attached: readonly string[]
  readonly instanceState: string
  /** What the instance's disk holds; undefined if it has none. */
  readonly live: string | undefined
  /** Whether the fault occurred at all. */
  readonly isMet: boolean
}

/** Every cell of the matrix. */
export function cells(): Cell[] {
  return ways.flatMap((way) =>
    way.requests.flatMap((request) =>
      matrixFaults
        .filter((fault) => canMeet(request, fault))
        .flatMap((fault) =>
          (['once', 'every time'] as const).map((times) => ({ way, request, fault, times })),
        ),
    ),
  )
}

/** How long (ms) a roll-back may take beyond wait-timeout to get the instance running again. */
const bringBackMs = 300_000

/** How long retention in the root action may take at least, in milliseconds. */
const retentionMs = 30_000

/** The input `wait-timeout` of a cell, in milliseconds. */
function waitTimeoutMs({ way, request, fault, times }: Cell): number {
  // Long enough to abandon a request that hangs and to retry it.
  if (times === 'once') return 120_000
  // The search for an operation has a quarter of it, in which connections that are refused for a while come back.
  if (request === 'GetOperationsForResource') return 12_000
  // Half of it must be left for the swap when the disk is created, and a request that hangs is abandoned after 15 seconds.
  if (way.folder === 'restore') return /^(?:hang|stalled)/.test(fault) ? 60_000 : 20_000
  // The end is what counts.
  return 3000
}

/** How long the cell's step may take by its inputs, in milliseconds. */
export function longestMs(cell: Cell): number {
  const { way, times } = cell
  if (times === 'once') return 90_000
  if (way.folder === 'restore') return waitTimeoutMs(cell) + bringBackMs
  return waitTimeoutMs(cell) + (way.folder === undefined && way.prunes ? retentionMs : 0)
}

/** Whether it mostly waits, for longer than others. */
export function isPatient(cell: Cell): boolean {
  return cell.times === 'every time' && longestMs(cell) > retentionMs
}

/** Runs one cell: the built action in a process of its own, an emulator of its own. */
export async function runCell(cell: Cell): Promise<CellResult> {
  const { way, request, fault, times } = cell
  let laterMs = 0
  // Long enough for the first poll to come before the end, so that the operation is asked for.
  const emulator = await startFilledEmulator({ snapshotDurationMs: 700 }, () => Date.now() + laterMs)
  try {
    const more = await way.prepare?.(emulator)
    emulator.faults.add({ operation: request, fault, occurrences: times === 'once' ? [1] : 'all' })
    const seen = emulator.requests.length
    const inputs = { ...way.inputs, ...more, 'wait-timeout': `${waitTimeoutMs(cell) / 1000}s` }
    const result = await runBuiltAction(emulator, inputs, {
      ...(way.folder === undefined ? {} : { action: `${process.cwd()}/${way.folder}` }),
      timeoutMs: 450_000,
    })
    const isMet = emulator.requests.slice(seen).some(({ operation }) => operation === request)
    const snapshots = snapshotsOf(emulator)
    // By then whatever was asked for has been done.
    laterMs = 60_000
    return { ...cell, result, isMet, ...snapshots, ...machineOf(emulator) }
  } finally {
    await emulator.close()
  }
}

function snapshotsOf(emulator: Emulator): Pick<CellResult, 'made' | 'completed'> {
  const now = Date.now()
  const snapshots = emulator.region(region).allSnapshots(now)
  const operations = emulator.region(region).allOperations(now)
  return {
    made: snapshots.map(({ name, fromDiskName, fromInstanceName }) => ({
      name,
      source: fromDiskName ?? fromInstanceName ?? '',
      operationId: operations.find(({ resourceName }) => resourceName === name)?.id ?? '',
    })),
    completed: snapshots.filter(({ state }) => state === 'completed').length,
  }
}

function machineOf(emulator: Emulator): Pick<CellResult, 'restored' | 'attached' | 'instanceState' | 'live'> {
  const later = Date.now() + 60_000
  const account = emulator.region(region)
  const { hardware, state } = account.instance('shop', later)
  return {
    restored: account.disks.names(later).filter((name) => name.includes('-restored-')),
    attached: hardware.disks.flatMap(({ name, isSystemDisk }) =>
      isSystemDisk || name === undefined ? [] : name,
    ),
    instanceState: state.name,
    live: account.contentOfInstance('shop', '/dev/xvdf'),
  }
}
