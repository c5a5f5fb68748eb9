import type { Behaviour } from '../../emulator/service/behaviour.js'
import { Random } from '../bench/random.js'
import type { ActName, Decision, Moment, RunDecision, Schedule } from './decisions.js'
import { lasting, passing } from './faults.js'

// Swarm testing: each schedule draws which kinds of trouble it has and how much, and leaves the others out.

/** Draws the schedule of a seed. */
export function drawSchedule(seed: number): Schedule {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ seed)
  const runs = drawRuns(random)
  const isMild = random.percent(20)
  const kinds = isMild ? [drawPassing] : troubles.filter(() => random.percent(40))
  return {
    seed,
    decisions: [
      ...runs,
      ...(isMild ? [] : drawBehaviours(random)),
      ...kinds.flatMap((draw) =>
        Array.from({ length: random.whole(1, 4) }, () => draw(random, random.one(asPair(runs)).run)),
      ),
    ],
  }
}

function asPair<T>([first, ...others]: readonly T[]): readonly [T, ...T[]] {
  if (first === undefined) throw new Error('There is nothing to draw from.')
  return [first, ...others]
}

function drawRuns(random: Random): RunDecision[] {
  const base = { is: 'run', run: 1, kind: 'deploy', startsAt: 1, ...drawRunner(random) } as const
  const first: RunDecision = { ...base, ...drawDeploy(random) }
  const others = Array.from({ length: random.whole(0, 3) }, (_, index) => drawRun(random, index + 2))
  return [first, ...others]
}

function drawRun(random: Random, run: number): RunDecision {
  const kind = random.one(['deploy', 'roll-back', 'prune', 'prune', 'backup'])
  const base = { is: 'run', run, kind, startsAt: random.whole(1, 600), ...drawRunner(random) } as const
  if (kind === 'deploy') return { ...base, ...drawDeploy(random) }
  if (kind === 'roll-back') {
    return { ...base, deploys: drawAttempts(random), inputs: drawTimeout(random), ...drawRerun(random) }
  }
  if (kind === 'prune') return { ...base, deploys: drawAttempts(random), inputs: drawRule(random) }
  return {
    ...base,
    deploys: drawAttempts(random),
    inputs: { ...(random.percent(50) ? drawRule(random) : {}) },
  }
}

function drawDeploy(random: Random): Pick<RunDecision, 'deploys' | 'inputs' | 'rollBackTo' | 'rerunsGreen'> {
  const rule = random.percent(30) ? drawRule(random) : {}
  const mayNotWait = Object.keys(rule).length === 0
  const wait: Record<string, string> = random.percent(25) && mayNotWait ? { wait: 'false' } : {}
  return {
    deploys: drawAttempts(random),
    rollBackTo: random.one(['newest', 'newest', 'own', 'commit']),
    inputs: { ...rule, ...wait, ...drawTimeout(random), ...drawName(random) },
    ...drawRerun(random),
  }
}

function drawRerun(random: Random): Pick<RunDecision, 'rerunsGreen'> {
  return random.percent(20) ? { rerunsGreen: true } : {}
}

function drawName(random: Random): Record<string, string> {
  return random.percent(30) ? { 'snapshot-name': '{{source}}-{{run_id}}' } : {}
}

function drawAttempts(random: Random): ('good' | 'bad')[] {
  return Array.from({ length: random.whole(1, 3) }, () => (random.percent(60) ? 'bad' : 'good'))
}

function drawTimeout(random: Random): Record<string, string> {
  return random.percent(25) ? { 'wait-timeout': random.one(['30s', '2m', '4m', '8m']) } : {}
}

function drawRule(random: Random): Record<string, string> {
  return random.one<Record<string, string>>([
    { 'keep-last': '1' },
    { 'keep-last': '2' },
    { 'keep-within': '2m' },
    { 'keep-within': '3d' },
    { 'keep-last': '2', 'keep-within': '3d' },
  ])
}

function drawRunner(random: Random): Pick<RunDecision, 'clockAhead' | 'credentials'> {
  return {
    ...(random.percent(15) ? { clockAhead: random.one([-864_000, -3600, 3600, 864_000]) } : {}),
    ...(random.percent(8)
      ? { credentials: { lastFor: random.whole(20, 600), known: random.percent(50) } }
      : {}),
  }
}

/** Behaviors with which everything still has to work. */
const variants: readonly ((random: Random) => Partial<Behaviour>)[] = [
  (random) => ({ snapshotDurationMs: random.one([0, 5000, 300_000]) }),
  (random) => ({ operationLagMs: random.one([30_000, -30_000]) }),
  () => ({ operationEnd: 'Completed' }),
  (random) => ({ progress: random.one(['stalls', 'none']) }),
  (random) => ({ invisibleMs: random.one([3000, 12_000]) }),
  (random) => ({ unknownMs: random.one([3000, 12_000]) }),
  (random) => ({ deleteDurationMs: random.one([2000, 20_000]) }),
  () => ({ deletesPending: false }),
  (random) => ({ diskDurationMs: random.one([100_000, 200_000]) }),
  (random) => ({ nameHeldMs: random.one([10_000, 60_000]) }),
  (random) => ({ attachingState: random.one(['pending', 'in-use']) }),
  () => ({ stateRefusal: 'OperationFailureException' }),
  (random) => ({ tagsLateMs: random.one([2000, 8000]) }),
  () => ({ firstOperation: 'source' }),
  () => ({ operationsForSnapshots: false }),
  (random) => ({ mostOperations: random.one([3, 20]) }),
  () => ({ listOrder: 'newest-first' }),
  (random) => ({
    pageSize: random.whole(1, 4),
    listOrder: random.one(['oldest-first', 'newest-first']),
    listShift: {
      operation: random.one(['GetDiskSnapshots', 'GetDisks']),
      change: random.one(['insert', 'remove']),
      times: random.whole(1, 3),
    },
  }),
  () => ({ namelessDisks: true }),
  (random) => ({ pageSize: random.one([1, 3, 7]) }),
  (random) => ({ requestsPerSecond: random.one([2, 10]) }),
  (random) => ({ startDurationMs: random.one([0, 100_000]), stopDurationMs: random.one([0, 60_000]) }),
]

function drawBehaviours(random: Random): Decision[] {
  if (random.percent(30)) return []
  return variants.filter(() => random.percent(12)).map((draw) => ({ is: 'service', set: draw(random) }))
}

const changes = [
  'CreateDiskSnapshot',
  'DeleteDiskSnapshot',
  'CreateDiskFromSnapshot',
  'TagResource',
  'StopInstance',
  'DetachDisk',
  'AttachDisk',
  'StartInstance',
] as const

const reads = [
  'GetDisk',
  'GetDisks',
  'GetInstance',
  'GetDiskSnapshot',
  'GetDiskSnapshots',
  'GetOperation',
  'GetOperationsForResource',
] as const

/** A moment at a change, at a read, or at any request. */
function drawMoment(random: Random, run: number): Moment {
  const kind = random.one(['change', 'change', 'read', 'any'])
  if (kind === 'change') return { run, operation: random.one(changes), nth: random.whole(1, 3) }
  if (kind === 'read') return { run, operation: random.one(reads), nth: random.whole(1, 12) }
  return { run, operation: '*', nth: random.whole(1, 80) }
}

const acts = [
  'write',
  'write',
  'delete newest snapshot',
  'delete oldest snapshot',
  'tag newest snapshot keep',
  'tag oldest snapshot keep',
  'stop instance',
  'start instance',
  'detach disk',
  'take snapshot',
] as const satisfies readonly ActName[]

function drawPassing(random: Random, run: number): Decision {
  return { is: 'fault', fault: random.one(passing), at: drawMoment(random, run) }
}

/** The kinds of trouble. */
const troubles: readonly ((random: Random, run: number) => Decision)[] = [
  drawPassing,
  (random, run) => ({ is: 'fault', fault: random.one(lasting), at: drawMoment(random, run) }),
  (random, run) => {
    const operation = random.one([
      'CreateDiskSnapshot',
      'DeleteDiskSnapshot',
      'CreateDiskFromSnapshot',
      'AttachDisk',
      'DetachDisk',
      'StopInstance',
      'StartInstance',
    ])
    return { is: 'fails later', operation, at: { run, operation, nth: random.whole(1, 2) } }
  },
  (random, run) => ({ is: 'denied', run, operation: random.one([...changes, ...reads]) }),
  (random, run) => ({ is: random.one(['killed before', 'killed after']), at: drawMoment(random, run) }),
  (random, run) => ({ is: 'cancelled', at: drawMoment(random, run) }),
  (random, run) => ({ is: 'act', act: random.one(acts), at: drawMoment(random, run) }),
]
