import { type Preparation, prepareAfterSwap } from './after-swap.js'
import type { Behaviour } from './behaviour.js'
import type { FaultName, FaultRule } from './faults.js'
import type { Region } from './region.js'

/** A scenario to rehearse. */
export interface Scenario {
  /** What happens, and how the action reacts, in Markdown. */
  readonly description: string
  /** The result of a job that takes a snapshot, waits for it and restores it. */
  readonly ends: 'green' | 'red'
  readonly behaviour: Partial<Behaviour>
  readonly faults: readonly FaultRule[]
  /** Changes the resources of a filled Region. */
  readonly prepare: (region: Region, preparation: Preparation) => void
}

function scenario(
  ends: Scenario['ends'],
  description: string,
  {
    faults = [],
    prepare = () => {},
    ...behaviour
  }: Partial<Behaviour> & Partial<Pick<Scenario, 'faults' | 'prepare'>> = {},
): Scenario {
  return { ends, description, behaviour, faults, prepare }
}

function always(operation: string, fault: FaultName): FaultRule {
  return { operation, fault, occurrences: 'all' }
}

/** The operations for snapshots of both types. */
function ofBoth(verb: 'Create' | 'Get' | 'Delete', ending = 'Snapshot'): string[] {
  return ['Disk', 'Instance'].map((type) => `${verb}${type}${ending}`)
}

/** Every scenario, by name. */
export const scenarios = {
  good: scenario('green', 'Everything succeeds.'),
  'snapshot-fails': scenario('red', 'The snapshot ends as `error`, its operation as `Failed`.', {
    snapshotEnd: 'error',
    operationEnd: 'Failed',
  }),
  'snapshot-hangs': scenario(
    'red',
    'The snapshot stays `pending` forever; the step ends at its `wait-timeout`.',
    {
      snapshotEnd: 'stuck',
    },
  ),
  throttled: scenario(
    'green',
    'The account is throttled: the first three requests are refused and retried.',
    {
      faults: [{ operation: '*', fault: 'throttle', occurrences: [1, 2, 3] }],
    },
  ),
  'answer-lost': scenario('green', 'The snapshot starts, but the response is lost.', {
    faults: ofBoth('Create').map((operation) => ({ operation, fault: 'drop-after', occurrences: [1] })),
  }),
  'not-allowed': scenario('red', 'The role may not take a snapshot.', {
    faults: ofBoth('Create').map((name) => always(name, 'access-denied')),
  }),
  'credentials-expire': scenario('red', 'The credentials expire after the snapshot has started.', {
    faults: [...ofBoth('Get'), ...ofBoth('Get', 'Snapshots'), 'GetOperation'].map((name) =>
      always(name, 'expired-token'),
    ),
  }),
  'service-down': scenario(
    'red',
    'Every request to Lightsail fails; the step retries until its `wait-timeout`.',
    {
      faults: [always('*', 'unavailable')],
    },
  ),
  'deletion-refused': scenario(
    'green',
    "Old snapshots can't be deleted: a warning if the new snapshot is good, a failure in `prune/`.",
    {
      faults: ofBoth('Delete').map((name) => always(name, 'access-denied')),
    },
  ),
  'deletion-fails-later': scenario(
    'green',
    'Deletions of old snapshots are accepted but fail a moment later: a warning if the new snapshot is good.',
    {
      failingOperations: ['DeleteDiskSnapshot', 'DeleteInstanceSnapshot'],
      deleteDurationMs: 2000,
    },
  ),
  'restored-disk-fails': scenario(
    'red',
    'The disk that `restore/` creates ends as `error`; an instance disappears again.',
    { diskEnd: 'error', instanceEnd: 'gone' },
  ),
  'attach-fails': scenario(
    'red',
    "The restored disk, or the static IP of a restored instance, can't be attached: the operation is accepted but fails.",
    {
      failingOperations: ['AttachDisk', 'AttachStaticIp'],
    },
  ),
  'deploy-after-swap': scenario(
    'green',
    'The account starts in the state after a roll-back: `NAME-restored-1-1` is attached in place of each disk `NAME`. Instances are as they were.',
    { prepare: prepareAfterSwap },
  ),
} as const satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof scenarios

/** Whether `name` is the name of a scenario. */
export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name)
}
