import type { Schedule } from './decisions.js'

/** A schedule that has once broken an invariant, shortened. */
export interface Regression {
  /** What was wrong with the actions. */
  readonly fault: string
  /** The invariant that it broke. */
  readonly broke: string
  readonly schedule: Schedule
}

/** Every fault of the actions that the simulator has found. Add a schedule as it is printed: what a seed draws may change. */
export const regressions: readonly Regression[] = [
  {
    fault: 'The error said that the site is up when the credentials had expired right after the stop.',
    broke: 'site up',
    schedule: {
      seed: 11785,
      decisions: [
        {
          is: 'run',
          run: 1,
          kind: 'deploy',
          startsAt: 1,
          deploys: ['bad', 'good', 'bad'],
          rollBackTo: 'commit',
          inputs: { wait: 'false', 'snapshot-name': '{{source}}-{{run_id}}' },
        },
        {
          is: 'run',
          run: 4,
          kind: 'roll-back',
          startsAt: 258,
          credentials: { lastFor: 58, known: false },
          deploys: ['bad'],
          inputs: {},
        },
      ],
    },
  },
  {
    fault:
      'A step that was cancelled while the instance was being stopped did not say first that it may be down.',
    broke: 'site up',
    schedule: {
      seed: 20606,
      decisions: [
        {
          is: 'run',
          run: 1,
          kind: 'deploy',
          startsAt: 1,
          deploys: ['bad'],
          rollBackTo: 'own',
          inputs: {},
        },
        { is: 'cancelled', at: { run: 1, operation: 'StopInstance', nth: 1 } },
      ],
    },
  },
  {
    fault:
      'With tags that are visible late, a roll-back wrote an earlier, finished run into roll-back-runs again.',
    broke: 'right snapshot',
    schedule: {
      seed: 4047,
      decisions: [
        {
          is: 'run',
          run: 1,
          kind: 'deploy',
          startsAt: 1,
          deploys: ['bad', 'bad', 'good'],
          rollBackTo: 'newest',
          inputs: {},
        },
        {
          is: 'run',
          run: 2,
          kind: 'roll-back',
          startsAt: 160,
          deploys: ['bad', 'bad', 'good'],
          inputs: {},
        },
        { is: 'service', set: { tagsLateMs: 8000 } },
      ],
    },
  },
  {
    fault:
      'A deploy after a roll-back that was killed between two tags took a snapshot that no later roll-back found.',
    broke: 'same snapshot again',
    schedule: {
      seed: 40716,
      decisions: [
        {
          is: 'run',
          run: 1,
          kind: 'deploy',
          startsAt: 1,
          deploys: ['good', 'bad'],
          rollBackTo: 'own',
          inputs: { 'keep-last': '2', 'keep-within': '3d', 'snapshot-name': '{{source}}-{{run_id}}' },
        },
        {
          is: 'run',
          run: 2,
          kind: 'deploy',
          startsAt: 569,
          credentials: { lastFor: 335, known: false },
          deploys: ['bad', 'bad'],
          rollBackTo: 'newest',
          inputs: { 'keep-last': '1', 'snapshot-name': '{{source}}-{{run_id}}' },
        },
        { is: 'killed after', at: { run: 1, operation: 'TagResource', nth: 2 } },
        { is: 'killed before', at: { run: 2, operation: '*', nth: 57 } },
        { is: 'killed after', at: { run: 1, operation: '*', nth: 12 } },
      ],
    },
  },
  {
    fault:
      'An interrupted rerun of a finished roll-back went on with a newer snapshot, not with the one it had chosen again.',
    broke: 'same snapshot again',
    schedule: {
      seed: 1,
      decisions: [
        {
          is: 'run',
          run: 1,
          kind: 'roll-back',
          startsAt: 1,
          deploys: ['good', 'good', 'good'],
          rerunsGreen: true,
        },
        { is: 'run', run: 2, kind: 'backup', startsAt: 140, deploys: ['good'] },
        { is: 'service', set: { snapshotDurationMs: 40_000 } },
        { is: 'killed after', at: { run: 1, operation: 'CreateDiskFromSnapshot', nth: 2 } },
      ],
    },
  },
]
