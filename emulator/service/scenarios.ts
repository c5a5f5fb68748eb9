import { type Preparation, prepareAfterSwap } from './after-swap.js'
import type { Behaviour } from './behaviour.js'
import type { FaultName, FaultRule } from './faults.js'
import type { Region } from './region.js'

/** A scenario to rehearse. */
export interface Scenario {
  /** What happens, and how the action reacts. */
  readonly words: string
  /** The result of a job that takes a snapshot, waits for it and restores it. */
  readonly ends: 'green' | 'red'
  readonly behaviour: Partial<Behaviour>
  readonly faults: readonly FaultRule[]
  /** Changes the resources of a filled Region. */
  readonly prepare: (region: Region, preparation: Preparation) => void
}

function course(
  ends: Scenario['ends'],
  words: string,
  {
    faults = [],
    prepare = () => {},
    ...behaviour
  }: Partial<Behaviour> & Partial<Pick<Scenario, 'faults' | 'prepare'>> = {},
): Scenario {
  return { ends, words, behaviour, faults, prepare }
}

function always(operation: string, fault: FaultName): FaultRule {
  return { operation, fault, occurrences: 'all' }
}

/** Every scenario, by name. */
export const scenarios = {
  good: course('green', 'All goes well.'),
  'snapshot-fails': course('red', 'The snapshot ends in `error`, and its operation in `Failed`.', {
    snapshotEnd: 'error',
    operationEnd: 'Failed',
  }),
  'snapshot-hangs': course(
    'red',
    'The snapshot stays `pending` for ever: the step ends at its `wait-timeout`.',
    {
      snapshotEnd: 'stuck',
    },
  ),
  throttled: course(
    'green',
    'The account is throttled: the first three requests are refused, and sent again.',
    {
      faults: [{ operation: '*', fault: 'throttle', occurrences: [1, 2, 3] }],
    },
  ),
  'answer-lost': course('green', 'The snapshot is started, and the answer that says so is lost.', {
    faults: [{ operation: 'CreateDiskSnapshot', fault: 'drop-after', occurrences: [1] }],
  }),
  'not-allowed': course('red', 'The role may not take a snapshot.', {
    faults: [always('CreateDiskSnapshot', 'access-denied')],
  }),
  'credentials-expire': course('red', 'The credentials expire once the snapshot is started.', {
    faults: ['GetDiskSnapshot', 'GetDiskSnapshots', 'GetOperation'].map((name) =>
      always(name, 'expired-token'),
    ),
  }),
  'service-down': course(
    'red',
    'Lightsail answers every request with an error: the step tries until its `wait-timeout`.',
    {
      faults: [always('*', 'unavailable')],
    },
  ),
  'deletion-refused': course(
    'green',
    'Old snapshots can not be deleted: a warning where the new one is good, a failure in `prune/`.',
    {
      faults: [always('DeleteDiskSnapshot', 'access-denied')],
    },
  ),
  'deletion-fails-later': course(
    'green',
    'Deletions of old snapshots are accepted and fail a moment later: a warning if the new snapshot is good.',
    {
      failingOperations: ['DeleteDiskSnapshot'],
      deleteDurationMs: 2000,
    },
  ),
  'restored-disk-fails': course('red', 'The disk that `restore/` makes ends in `error`.', {
    diskEnd: 'error',
  }),
  'attach-fails': course(
    'red',
    'The restored disk can not be attached: the operation is accepted, and fails.',
    {
      failingOperations: ['AttachDisk'],
    },
  ),
  'deploy-after-swap': course(
    'green',
    'The account starts as a roll-back leaves it: `NAME-restored-1-1` is attached in place of each disk `NAME`.',
    { prepare: prepareAfterSwap },
  ),
} as const satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

/** Whether `name` is the name of a scenario. */
export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name)
}
