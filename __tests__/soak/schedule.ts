import { Random } from '../../dev/bench/random.js'
import { brief } from '../../dev/simulate/faults.js'
import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { FaultName, FaultRule } from '../../emulator/service/faults.js'

/** Everything that happens in one run of the soak, decided in advance. */
export interface Schedule {
  readonly inputs: Readonly<Record<string, string>>
  /** The number of disks in the inputs. */
  readonly disks: number
  readonly behaviour: Partial<Behaviour>
  readonly faults: readonly FaultRule[]
  /** Whether `wait/` follows if the first step doesn't wait. */
  readonly thenWait: boolean
  /** Whether an earlier attempt of the run already took the snapshots. */
  readonly takenBefore: boolean
  /** The pause in which the step is cancelled; undefined if it isn't. */
  readonly cancelledAt: number | undefined
  /** Whether everything that goes wrong is temporary, so that the step must succeed. */
  readonly isBenign: boolean
}

/** Faults that end a step, at once or when there are many. */
const ending = [
  'access-denied',
  'expired-token',
  'clock-skew',
  'operation-failure',
  'unreadable-body',
  'wrong-content-type',
] as const satisfies readonly FaultName[]

const requests = [
  'CreateDiskSnapshot',
  'CreateDiskSnapshot',
  'GetDiskSnapshot',
  'GetDiskSnapshots',
  'GetOperation',
  'GetOperations',
  'GetOperationsForResource',
  'GetDisk',
  'GetDisks',
  '*',
] as const

/** Returns the schedule with this number for this seed. */
export function makeSchedule(seed: number, number: number): Schedule {
  const random = new Random(Math.imul(seed, 1_000_003) + number)
  const disks = random.one([1, 1, 2, 6])
  const waits = random.percent(80)
  const isBenign = random.percent(50)
  const behaviour = makeBehaviour(random, isBenign)
  return {
    inputs: {
      'disk-name': Array.from({ length: disks }, (_, index) => `disk-${index}`).join(','),
      'snapshot-name': '{{source}}-{{sha7}}',
      'if-exists': random.one(['adopt', 'adopt', 'fail']),
      'wait-timeout': isBenign ? '10h' : random.one(['1s', '20s', '2m', '10m']),
      'poll-interval': random.one(['10s', '15s', '5m']),
      wait: String(waits),
    },
    disks,
    behaviour,
    faults: Array.from({ length: random.whole(0, 5) }, () => makeFault(random, isBenign)),
    thenWait: !waits && random.percent(80),
    takenBefore: !isBenign && random.percent(25),
    cancelledAt: !isBenign && random.percent(15) ? random.whole(1, 10) : undefined,
    isBenign,
  }
}

function makeBehaviour(random: Random, isBenign: boolean): Partial<Behaviour> {
  const snapshotEnd = isBenign || random.percent(80) ? 'completed' : random.one(['error', 'stuck'])
  return {
    snapshotDurationMs: random.one([0, 3000, 60_000, 600_000]),
    snapshotEnd,
    operationEnd: snapshotEnd === 'error' ? 'Failed' : random.one(['Succeeded', 'Completed']),
    operationLagMs: random.one([0, 0, 30_000, -2000]),
    progress: random.one(['linear', 'stalls', 'none']),
    invisibleMs: random.one([0, 0, 5000, 40_000]),
    unknownMs: random.one([0, 0, 5000]),
    firstOperation: random.one(['DiskSnapshot', 'source']),
    operationsForSnapshots: random.percent(50),
    pageSize: random.one([1, 3, 20]),
    listOrder: random.one(['oldest-first', 'newest-first']),
    tagsLateMs: random.one([0, 0, 5000]),
    operationOrder: random.one(['oldest-first', 'newest-first']),
    namesErrorsByCode: random.percent(20),
  }
}

function makeFault(random: Random, isBenign: boolean): FaultRule {
  const fault = isBenign || random.percent(70) ? random.one(brief) : random.one(ending)
  const always = !isBenign && random.percent(10)
  const first = random.whole(1, 4)
  const length = random.whole(1, 4)
  return {
    operation: random.one(requests),
    fault,
    retryAfter: random.one([undefined, undefined, undefined, '3000', '40000', 'soon']),
    occurrences: always ? 'all' : Array.from({ length }, (_, index) => first + index),
  }
}
