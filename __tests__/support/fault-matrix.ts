import { everyChangeTakes } from '../../emulator/behaviour.js'
import { type FaultName, faults, isFaultName } from '../../emulator/faults.js'
import type { Emulator } from '../../emulator/server.js'
import { putPastSnapshot } from './account.js'
import { type BuiltStepResult, runBuiltAction } from './built-action.js'
import { region, startFilledEmulator } from './emulated.js'
import { call } from './raw-client.js'

/** A way through an action on which a request is sent, and what that way needs. */
export interface Way {
  readonly title: string
  /** The requests that meet the faults, one after the other. */
  readonly requests: readonly string[]
  readonly inputs: Readonly<Record<string, string>>
  /** How many snapshots there are when all goes well. */
  readonly snapshots: number
  readonly folder?: 'wait' | 'prune' | 'restore'
  /** Whether it takes its whole patience, which no input shortens, to give up. */
  readonly isPatient?: boolean
  /** Makes the emulator ready; gives further inputs. */
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

/** The answer to the create request is lost, so that the snapshot and its operation have to be found again. */
async function answerLost(emulator: Emulator): Promise<Record<string, string>> {
  emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] })
  return {}
}

/** Three snapshots of earlier deploys. */
async function withPast(emulator: Emulator): Promise<Record<string, string>> {
  for (const days of [1, 2, 3]) putPastSnapshot(emulator, `day-${days}`, { days })
  return {}
}

/** A disk that is attached to a running instance, and a snapshot of it from before. */
async function withSwappable(emulator: Emulator): Promise<Record<string, string>> {
  Object.assign(emulator.behaviour, everyChangeTakes(0))
  putPastSnapshot(emulator, 'day-1', { days: 1 })
  const place = { diskName: 'shop-data', instanceName: 'wordpress', diskPath: '/dev/xvdf' }
  await call(emulator, 'AttachDisk', place)
  Object.assign(emulator.behaviour, everyChangeTakes(100))
  return {}
}

const oneDisk = { 'disk-name': 'shop-data' }
const twoDisks = { 'disk-name': 'shop-data, logs' }

/** Every request that an action sends, each on a way that leads to it. */
export const ways: readonly Way[] = [
  {
    title: 'One disk',
    requests: ['CreateDiskSnapshot', 'GetDiskSnapshot', 'GetOperation'],
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
    requests: ['GetInstance'],
    inputs: { 'instance-name': 'wordpress', 'attached-disks': 'true' },
    snapshots: 1,
  },
  {
    title: 'A dry run for a disk',
    requests: ['GetDisk'],
    inputs: { ...oneDisk, 'dry-run': 'true' },
    snapshots: 0,
  },
  {
    title: 'One disk, after the answer to its create request was lost',
    requests: ['GetDiskSnapshot', 'GetOperationsForResource'],
    inputs: oneDisk,
    snapshots: 1,
    prepare: answerLost,
  },
  {
    title: 'The same, where the service lists no operations for a snapshot',
    requests: ['GetOperations'],
    inputs: oneDisk,
    snapshots: 1,
    prepare(emulator) {
      emulator.behaviour.operationsForSnapshots = false
      return answerLost(emulator)
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
    isPatient: true,
    prepare: withPast,
  },
  {
    title: '`prune/` with `keep-last: 1` and three snapshots',
    requests: ['GetDiskSnapshots', 'DeleteDiskSnapshot'],
    inputs: { ...oneDisk, 'keep-last': '1' },
    snapshots: 1,
    folder: 'prune',
    isPatient: true,
    prepare: withPast,
  },
  {
    title: '`restore/` with `swap: true`',
    requests: ['CreateDiskFromSnapshot', 'StopInstance', 'DetachDisk', 'AttachDisk', 'StartInstance'],
    inputs: { ...oneDisk, swap: 'true' },
    snapshots: 1,
    folder: 'restore',
    prepare: withSwappable,
  },
]

// These refusals end a step as `access-denied` does, with other words.
const alike: readonly FaultName[] = ['invalid-token', 'unauthenticated', 'account-setup', 'region-setup']

/** Every fault, in the order of the emulator's table. */
const matrixFaults = Object.keys(faults)
  .filter(isFaultName)
  .filter((name) => !alike.includes(name))

/** Whether the service could meet this request with this fault. */
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
  /** Whether the fault was met at all. */
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

/** Runs one cell: the built action in a process of its own, an emulator of its own. */
export async function runCell(cell: Cell): Promise<CellResult> {
  const { way, request, fault, times } = cell
  // Long enough for the first poll to come before the end, so that the operation is asked for.
  const emulator = await startFilledEmulator({ snapshotDurationMs: 700 })
  try {
    const more = await way.prepare?.(emulator)
    emulator.faults.add({ operation: request, fault, occurrences: times === 'once' ? [1] : 'all' })
    const seen = emulator.requests.length
    const inputs = {
      ...way.inputs,
      ...more,
      ...(way.folder === 'prune' ? {} : { 'wait-timeout': timeOf(cell) }),
    }
    const result = await runBuiltAction(emulator, inputs, {
      ...(way.folder === undefined ? {} : { action: `${process.cwd()}/${way.folder}` }),
      timeoutMs: 180_000,
    })
    const isMet = emulator.requests.slice(seen).some(({ operation }) => operation === request)
    return { ...cell, result, isMet, ...accountOf(emulator) }
  } finally {
    await emulator.close()
  }
}

function timeOf({ way, request, times }: Cell): string {
  // Long enough for what hangs to be given up and tried again.
  if (way.isPatient || times === 'once') return '2m'
  // The search for an operation has a quarter of it, in which connections that are refused for a while come back.
  if (request === 'GetOperationsForResource') return '12s'
  // The end is what counts.
  return way.folder === 'restore' ? '6s' : '3s'
}

function accountOf(emulator: Emulator): Omit<CellResult, keyof Cell | 'result' | 'isMet'> {
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
    ...machineOf(emulator),
  }
}

function machineOf(emulator: Emulator): Pick<CellResult, 'restored' | 'attached' | 'instanceState'> {
  // By then whatever was asked for has been done.
  const later = Date.now() + 60_000
  const account = emulator.region(region)
  const { hardware, state } = account.instance('wordpress', later)
  return {
    restored: account.disks.names(later).filter((name) => name.includes('-restored-')),
    attached: hardware.disks.flatMap(({ name, isSystemDisk }) =>
      isSystemDisk || name === undefined ? [] : name,
    ),
    instanceState: state.name,
  }
}
