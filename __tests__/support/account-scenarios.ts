import type { Behaviour } from '../../emulator/service/behaviour.js'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import { putPastSnapshot, snapshotNames } from './account.js'
import { region } from './emulated.js'
import type { EmulatedAccount, StartAccount, StepEnd, StepToRun } from './emulated-account.js'
import { clockAhead } from './wrong-clock.js'

// What happens in an account besides the fault of one request, and the outcome. The instance "shop" has the disk "shop-data",
// which has held "broken" since a deploy failed; each snapshot "day-N" is N days old and holds "day-N".

/** Something that happens: a step of an action, several at once (an array), or a change from outside. */
type Event = StepToRun | readonly StepToRun[] | ((emulator: EmulatedAccount) => unknown)

/** The account in the end. */
export interface End {
  /** The exit codes of the steps; undefined if each may succeed or fail. */
  readonly exits: readonly number[] | undefined
  /** The remaining snapshots. */
  readonly left: readonly string[]
  /** What the instance's disk holds if the instance runs, else the state of the instance. */
  readonly live: string
}

export interface Scenario {
  readonly title: string
  /** The row in the document, which scenarios with the same end may share; otherwise its title. */
  readonly row?: string
  readonly behaviour?: Partial<Behaviour>
  /** The ages of the existing snapshots, in days. */
  readonly days: readonly number[]
  readonly events: readonly Event[]
  readonly end: End
}

const disk = { 'disk-name': 'shop-data' }
const broken = 'broken'

const prune = (inputs: StepToRun['inputs'], environment: StepToRun['environment'] = {}): StepToRun => ({
  folder: 'prune',
  inputs: { ...disk, ...inputs },
  environment,
})
const take = (inputs: StepToRun['inputs'] = {}, environment: StepToRun['environment'] = {}): StepToRun => ({
  inputs: { ...disk, 'snapshot-name': 'new', ...inputs },
  environment,
})
const rollBack = (
  environment: StepToRun['environment'] = {},
  inputs: StepToRun['inputs'] = {},
): StepToRun => ({
  folder: 'restore',
  inputs: { ...disk, swap: 'true', 'wait-timeout': '2m', ...inputs },
  environment,
})
const attempt = (number: number) => ({ GITHUB_RUN_ATTEMPT: String(number) })
/** The commit that a snapshot of this age was taken for. */
const commitOf = (days: number) => String(days).padStart(40, '0')
const run = (number: number) => ({ GITHUB_RUN_ID: String(number) })

/** A deploy that writes to the disk in use. */
const writesLive = (content: string) => (emulator: EmulatedAccount) =>
  emulator.region(region).writeTo('shop', '/dev/xvdf', content, emulator.now())
const breaksLive = writesLive('broken again')

const denied = { fault: 'access-denied', occurrences: 'all' } as const
/** From now on, Lightsail refuses this request. */
const refuse = (operation: string) => (emulator: EmulatedAccount) =>
  emulator.faults.add({ operation, ...denied })
const refuseNothing = (emulator: EmulatedAccount) => {
  emulator.beforeRequest = undefined
  emulator.faults.clear()
}
/** Lightsail refuses this request once the instance has been started. */
const refuseOnceRunning = (operation: string) => (emulator: EmulatedAccount) => {
  emulator.beforeRequest = (request) => {
    if (request.operation === 'StartInstance') refuse(operation)(emulator)
  }
}

const farAhead = clockAhead(25 * 86_400_000)

const changing = 'added or deleted between two pages of the list (oldest or newest first)'
const shifts = (['oldest-first', 'newest-first'] as const).flatMap((listOrder) =>
  (['insert', 'remove'] as const).map((change) => ({
    words: `listed ${listOrder.replace('-', ' ')}, while another is ${change === 'insert' ? 'added' : 'deleted'} between two pages`,
    behaviour: (operation: 'GetDiskSnapshots' | 'GetDisks'): Partial<Behaviour> => ({
      listOrder,
      // With one item per page, the change shows the first item twice or hides it.
      pageSize: 1,
      listShift: { operation, change, times: 1 },
    }),
  })),
)

const secondRollBack =
  'A second roll-back after another failed deploy: in one attempt, or in the next while tags become visible late'
const laterSnapshot =
  'A roll-back, a deploy that takes a snapshot and fails, and a roll-back to that snapshot, also without the original disk'

/** Every scenario. */
export const scenarios: readonly Scenario[] = [
  {
    title: '`prune/` with `keep-within: 14d` alone, 15 days after the last deploy',
    days: [15, 16, 17],
    events: [prune({ 'keep-within': '14d' })],
    end: { exits: [0], left: ['day-15'], live: broken },
  },
  {
    title: 'A snapshot with `keep-within: 14d` alone, 15 days after the last deploy',
    days: [15, 16, 17],
    events: [take({ 'keep-within': '14d' })],
    end: { exits: [0], left: ['new'], live: broken },
  },
  ...shifts.map(({ words, behaviour }) => ({
    title: `\`prune/\` with \`keep-last: 2\`: snapshots ${words}`,
    row: `\`prune/\` with \`keep-last: 2\`, while a snapshot is ${changing}`,
    behaviour: behaviour('GetDiskSnapshots'),
    days: [5, 4, 3, 2, 1],
    events: [prune({ 'keep-last': '2' })],
    end: { exits: [0], left: ['day-1', 'day-2'], live: broken },
  })),
  ...shifts.map(({ words, behaviour }) => ({
    title: `A roll-back: snapshots ${words}`,
    row: `A roll-back, while a snapshot is ${changing}`,
    behaviour: behaviour('GetDiskSnapshots'),
    days: [5, 4, 3, 2, 1],
    events: [rollBack()],
    end: { exits: [0], left: ['day-1', 'day-2', 'day-3', 'day-4', 'day-5'], live: 'day-1' },
  })),
  ...shifts.map(({ words, behaviour }) => ({
    title: `A step restores a disk, and the next attempt swaps it in: disks ${words}`,
    row: `A step restores a disk, and the next attempt swaps it in, while a disk is ${changing}`,
    days: [1],
    events: [
      (emulator: EmulatedAccount) => {
        for (const name of ['a-1', 'a-2', 'a-3']) emulator.region(region).addDisk(name, 8, emulator.now())
      },
      rollBack({}, { swap: 'false' }),
      (emulator: EmulatedAccount) => Object.assign(emulator.behaviour, behaviour('GetDisks')),
      rollBack(attempt(2)),
    ],
    end: { exits: [0, 0], left: ['day-1'], live: 'day-1' },
  })),
  {
    title: '`prune/` with a list of snapshots that never stops changing',
    behaviour: { pageSize: 2, listShift: { operation: 'GetDiskSnapshots', change: 'insert', times: 1000 } },
    days: [3, 2, 1],
    events: [prune({ 'keep-last': '1' })],
    end: { exits: [1], left: ['day-1', 'day-2', 'day-3'], live: broken },
  },
  {
    title: 'Tags become visible late, and the response to the create request is lost',
    behaviour: { tagsLateMs: 4000 },
    days: [],
    events: [
      (emulator) =>
        emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] }),
      take(),
    ],
    end: { exits: [0], left: ['new'], live: broken },
  },
  {
    title: 'A roll-back, a deploy that fails again and another roll-back; tags become visible late',
    row: secondRollBack,
    behaviour: { tagsLateMs: 4000 },
    days: [1],
    events: [rollBack(), breaksLive, (emulator) => emulator.skip(5000), rollBack(attempt(2))],
    end: { exits: [0, 0], left: ['day-1'], live: 'day-1' },
  },
  {
    title:
      'The same, and the second roll-back follows at once, because the first waits until its tags are visible',
    row: secondRollBack,
    behaviour: { tagsLateMs: 10_000 },
    days: [1],
    events: [rollBack(), breaksLive, rollBack(attempt(2))],
    end: { exits: [0, 0], left: ['day-1'], live: 'day-1' },
  },
  {
    title: 'A snapshot fails and is deleted; its name is still held when the job is rerun',
    behaviour: { snapshotEnd: 'error', nameHeldMs: 5000 },
    days: [],
    events: [
      take(),
      async (emulator) => {
        await emulator.send('DeleteDiskSnapshot', { diskSnapshotName: 'new' })
        emulator.behaviour.snapshotEnd = 'completed'
      },
      take({}, attempt(2)),
    ],
    end: { exits: [1, 0], left: ['new'], live: broken },
  },
  {
    title: 'A restored disk fails and is deleted; its name is still held when the job is rerun',
    behaviour: { diskEnd: 'error', nameHeldMs: 5000 },
    days: [1],
    events: [
      rollBack({}, { 'restored-disk-name': 'shop-data-restored' }),
      async (emulator) => {
        await emulator.send('DeleteDisk', { diskName: 'shop-data-restored' })
        emulator.behaviour.diskEnd = 'available'
      },
      rollBack(attempt(2), { 'restored-disk-name': 'shop-data-restored' }),
    ],
    end: { exits: [1, 0], left: ['day-1'], live: 'day-1' },
  },
  {
    title: '`prune/`: deletions are accepted and fail later',
    behaviour: { failingOperations: ['DeleteDiskSnapshot'], deleteDurationMs: 1000 },
    days: [3, 2, 1],
    events: [prune({ 'keep-last': '1' })],
    end: { exits: [1], left: ['day-1', 'day-2', 'day-3'], live: broken },
  },
  {
    title: 'A snapshot with `keep-last: 1`: deletions are accepted and fail later',
    behaviour: { failingOperations: ['DeleteDiskSnapshot'], deleteDurationMs: 1000 },
    days: [2, 1],
    events: [take({ 'keep-last': '1' })],
    end: { exits: [0], left: ['day-1', 'day-2', 'new'], live: broken },
  },
  {
    title: "`prune/` with `keep-within: 14d`, the runner's clock 25 days ahead",
    behaviour: { checksClock: true },
    days: [20, 10, 1],
    events: [prune({ 'keep-within': '14d' }, farAhead)],
    end: { exits: [0], left: ['day-1', 'day-10'], live: broken },
  },
  {
    title: "A snapshot with `keep-within: 14d`, the runner's clock 25 days ahead",
    behaviour: { checksClock: true },
    days: [20, 10, 1],
    events: [take({ 'keep-within': '14d' }, farAhead)],
    end: { exits: [0], left: ['day-1', 'day-10', 'new'], live: broken },
  },
  {
    title: "A roll-back, the runner's clock 25 days ahead",
    behaviour: { checksClock: true },
    days: [1],
    events: [rollBack(farAhead)],
    end: { exits: [0], left: ['day-1'], live: 'day-1' },
  },
  {
    title: 'A rerun after a finished roll-back, whose deploy failed again',
    days: [2, 1],
    events: [rollBack(), breaksLive, rollBack(attempt(2))],
    end: { exits: [0, 0], left: ['day-1', 'day-2'], live: 'day-1' },
  },
  {
    title: 'A roll-back, and another one to an older commit',
    days: [2, 1],
    events: [rollBack(), breaksLive, rollBack(run(2), { 'commit-sha': commitOf(2) })],
    end: { exits: [0, 0], left: ['day-1', 'day-2'], live: 'day-2' },
  },
  {
    title: 'A second roll-back in one attempt, after a deploy that failed again',
    row: secondRollBack,
    days: [1],
    events: [rollBack(), breaksLive, rollBack()],
    end: { exits: [0, 0], left: ['day-1'], live: 'day-1' },
  },
  {
    title: 'A roll-back, a deploy that takes a snapshot and fails, and a roll-back to that snapshot',
    row: laterSnapshot,
    days: [1],
    events: [rollBack(), writesLive('fixed'), take({}, run(2)), breaksLive, rollBack(run(2))],
    end: { exits: [0, 0, 0], left: ['day-1', 'new'], live: 'fixed' },
  },
  {
    title: 'The same, and the original disk is deleted before that deploy',
    row: laterSnapshot,
    days: [1],
    events: [
      rollBack(),
      (emulator) => emulator.region(region).removeDisk('shop-data'),
      writesLive('fixed'),
      take({ 'keep-last': '2' }, run(2)),
      breaksLive,
      rollBack(run(2)),
    ],
    end: { exits: [0, 0, 0], left: ['day-1', 'new'], live: 'fixed' },
  },
  {
    title: 'The tags of a finished roll-back are refused; the job is rerun after another deploy that failed',
    days: [1],
    events: [refuseOnceRunning('TagResource'), rollBack(), breaksLive, refuseNothing, rollBack(attempt(2))],
    end: { exits: [1, 0], left: ['day-1'], live: 'day-1' },
  },
  {
    title: "The restored disk can't be attached: the operation is accepted and fails later",
    behaviour: { failingOperations: ['AttachDisk'] },
    days: [1],
    events: [
      (emulator) => {
        let requests = 0
        emulator.beforeRequest = ({ operation }) => {
          if (operation === 'AttachDisk') requests += 1
          if (requests === 2) emulator.behaviour.failingOperations = []
        }
      },
      rollBack(),
    ],
    end: { exits: [1], left: ['day-1'], live: broken },
  },
  {
    title: 'The start of the instance is refused',
    days: [1],
    events: [refuse('StartInstance'), rollBack()],
    end: { exits: [1], left: ['day-1'], live: 'stopped' },
  },
  {
    title: 'The start of the instance is refused, and the job is rerun',
    days: [1],
    events: [refuse('StartInstance'), rollBack(), refuseNothing, rollBack(attempt(2))],
    end: { exits: [1, 0], left: ['day-1'], live: 'day-1' },
  },
  {
    title: 'The start of the instance is refused, and another run rolls back to another commit',
    days: [2, 1],
    events: [
      refuse('StartInstance'),
      rollBack(),
      refuseNothing,
      rollBack(run(2), { 'commit-sha': commitOf(2) }),
    ],
    end: { exits: [1, 0], left: ['day-1', 'day-2'], live: 'day-2' },
  },
  {
    title: 'Two runs roll back the same disk at once',
    days: [1],
    events: [[rollBack(run(1)), rollBack(run(2))]],
    end: { exits: undefined, left: ['day-1'], live: 'day-1' },
  },
  {
    title: 'Two runs take a snapshot under one name at once',
    days: [],
    events: [[take({}, run(1)), take({}, run(2))]],
    end: { exits: undefined, left: ['new'], live: broken },
  },
]

export interface ScenarioResult extends End {
  readonly scenario: Scenario
  readonly steps: readonly StepEnd[]
}

/** Runs one scenario in an account of its own. */
export async function runScenario(scenario: Scenario, start: StartAccount): Promise<ScenarioResult> {
  const emulator = await start(everyChangeTakes(200))
  try {
    for (const days of scenario.days)
      putPastSnapshot(
        emulator,
        `day-${days}`,
        { days, commit: commitOf(days), content: `day-${days}` },
        emulator.now(),
      )
    emulator.region(region).setContent('shop-data', broken)
    Object.assign(emulator.behaviour, scenario.behaviour)
    const steps: StepEnd[] = []
    for (const event of scenario.events) {
      if (typeof event === 'function') await event(emulator)
      else
        steps.push(
          ...(await Promise.all(('map' in event ? event : [event]).map((step) => emulator.run(step)))),
        )
    }
    const left = snapshotNames(emulator, emulator.now()).filter((name) => !name.startsWith('unrelated-'))
    const live = liveContent(emulator.region(region), emulator.now())
    return { scenario, steps, exits: steps.map(({ exitCode }) => exitCode ?? -1), left, live }
  } finally {
    await emulator.close()
  }
}

function liveContent(account: Region, now: number): string {
  const { state } = account.instance('shop', now)
  return state.name === 'running' ? (account.contentOfInstance('shop', '/dev/xvdf') ?? 'no disk') : state.name
}
