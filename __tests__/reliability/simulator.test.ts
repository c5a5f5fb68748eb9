// The simulator against reality: the same schedules, in one process on a virtual clock, and with the built actions, each step in a
// process of its own that sends its requests over HTTP in real time.
import { env } from 'node:process'
import { beforeAll, expect, test } from '@jest/globals'
import type { Decision, RunDecision } from '../../dev/simulate/decisions.js'
import { prepare, simulate, type Trace } from '../../dev/simulate/simulate.js'
import { everyChangeTakes } from '../../emulator/service/behaviour.js'
import { machineOf } from '../support/restore.js'
import { stepProcesses } from '../support/step-processes.js'

beforeAll(() => prepare(env))

const quick = { is: 'service', set: { ...everyChangeTakes(300), snapshotDurationMs: 1500 } } as const
const deploy = { is: 'run', run: 1, kind: 'deploy', startsAt: 1, deploys: ['bad'] } as const
const twice = { ...deploy, deploys: ['bad', 'bad'] } as const
const rollBack = { is: 'run', run: 1, kind: 'roll-back', startsAt: 1, deploys: ['good', 'good'] } as const
/** A run after the others, because only one step can run at a time. */
const later = (run: RunDecision): RunDecision => ({ ...run, run: 2, startsAt: 3000 })

const schedules: readonly (readonly [string, readonly Decision[]])[] = [
  [
    'a deploy that fails, is rolled back and followed by one that deletes old snapshots',
    [
      deploy,
      later({ ...deploy, deploys: ['good'], inputs: { 'keep-last': '2' } }),
      { is: 'act', act: 'tag oldest snapshot keep', at: { run: 2, operation: 'CreateDiskSnapshot', nth: 1 } },
    ],
  ],
  [
    'lost responses, throttling and a page at a time, and a second attempt',
    [
      { ...twice, rollBackTo: 'own', inputs: { 'snapshot-name': '{{source}}-{{run_id}}' } },
      { is: 'service', set: { pageSize: 2, listOrder: 'newest-first' } },
      { is: 'fault', fault: 'drop-after', at: { operation: 'CreateDiskSnapshot', nth: 1 } },
      { is: 'fault', fault: 'throttle', at: { operation: 'GetDiskSnapshot', nth: 2 } },
      { is: 'fault', fault: 'internal-error-after', at: { operation: 'AttachDisk', nth: 1 } },
      { is: 'fault', fault: 'truncated-body', at: { operation: 'StopInstance', nth: 1 } },
    ],
  ],
  [
    'a snapshot that nobody waits for, on a runner whose clock is ten days ahead',
    [{ ...deploy, clockAhead: 864_000, inputs: { wait: 'false' }, rollBackTo: 'commit' }],
  ],
  [
    'a step that is cancelled while it waits, and the attempt that finds its snapshot',
    [
      { ...twice, inputs: { 'snapshot-name': '{{source}}-{{run_id}}' } },
      // On a busy machine too, it is still pending when the step is cancelled.
      { is: 'service', set: { snapshotDurationMs: 20_000 } },
      // By then it has seen the snapshot, so that the response to this request doesn't matter.
      { is: 'cancelled', at: { operation: 'GetDiskSnapshot', nth: 2 } },
    ],
  ],
  [
    'roll-backs that are killed right before and right after a request',
    [
      { ...rollBack, deploys: ['good', 'good', 'good'] },
      { is: 'killed after', at: { operation: 'CreateDiskFromSnapshot', nth: 1 } },
      { is: 'killed before', at: { operation: 'AttachDisk', nth: 1 } },
    ],
  ],
  [
    'a disk that cannot be attached at first, and a deletion that is denied',
    [
      rollBack,
      { is: 'fails later', operation: 'AttachDisk', at: { operation: 'AttachDisk', nth: 1 } },
      later({ ...deploy, kind: 'prune', deploys: ['good'], inputs: { 'keep-last': '1' } }),
      { is: 'denied', run: 2, operation: 'DeleteDiskSnapshot' },
    ],
  ],
]

/** What a schedule has come to, without what differs from run to run: times, progress and ids. */
function outcomeOf({ steps, world: { region, now } }: Trace): unknown {
  const end = now()
  const of = (names: readonly string[]) => names.toSorted()
  const outcome = {
    steps: steps.map(({ label, inputs, outcome, failure, outputs, requests }) => ({
      label,
      inputs,
      outcome,
      error: failure?.message.split('\n')[0],
      outputs,
      changes: requests.flatMap(({ operation, accepted }) => (accepted ? operation : [])),
    })),
    snapshots: of(region.snapshots.names(end)).map((name) => {
      const { state, fromDiskName, tags } = region.snapshot(name, end)
      return { name, state, fromDiskName, content: region.contentOfSnapshot(name), tags }
    }),
    disks: of(region.disks.names(end)).map((name) => {
      const { state, attachedTo, path, tags } = region.disk(name, end)
      return { name, state, attachedTo, path, tags }
    }),
    machine: machineOf(region.instance('shop', end)),
    live: region.contentOfInstance('shop', '/dev/xvdf'),
  }
  return JSON.parse(withoutChance(JSON.stringify(outcome)))
}

function withoutChance(text: string): string {
  const ids = new Map<string, string>()
  const ordinal = (id: string) => {
    const known = ids.get(id) ?? `id ${ids.size + 1}`
    ids.set(id, known)
    return known
  }
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, ordinal)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time')
    .replaceAll(/\d+%/g, 'some progress')
    .replaceAll(/\b(?:\d+(?:\.\d+)?(?:ms|[smh]))+\b/g, 'a duration')
}

test.concurrent.each(schedules)(
  'ends the same way in one process and in many: %s',
  async (_, decisions) => {
    const schedule = { seed: 1, decisions: [quick, ...decisions] }
    const simulated = outcomeOf(await simulate(schedule))
    expect(outcomeOf(await simulate(schedule, stepProcesses()))).toEqual(simulated)
  },
  300_000,
)
