import { type KnownSnapshot, wasComplete } from '../history.js'
import type { Trace } from '../simulate.js'
import type { StepTrace } from '../step.js'
import { acceptedBy, earlierSteps, type Invariant, namesIn, says } from './invariant.js'

/** The gate: what a green step that takes snapshots, or waits for them, promises. */
export const snapshotInvariants: readonly Invariant[] = [
  {
    name: 'gate',
    sentence:
      'A green step that waits has a complete snapshot of the live disk, holding what that disk held at a moment within the step, or within an earlier attempt of its run.',
    check: (step, trace) =>
      step.action === 'snapshot' && step.outcome === 'green' && step.inputs['wait'] !== 'false'
        ? checkEach(step, (name) => whyNotGood(name, step, trace))
        : [],
  },
  {
    name: 'waiting gate',
    sentence: 'A green step of wait/ has waited for snapshots that were complete then.',
    check: (step, trace) =>
      step.action === 'wait' && step.outcome === 'green'
        ? checkEach(step, (name) =>
            whyNotComplete(trace.world.history.snapshotNamed(name, step.endedAt), step),
          )
        : [],
  },
  {
    name: 'one each',
    sentence: 'A step takes at most one snapshot of a source.',
    check: (step) => {
      const taken = acceptedBy(step, 'CreateDiskSnapshot')
      return taken.length <= 1 ? [] : [`it has taken ${taken.length}`]
    },
  },
  {
    name: 'nothing silent',
    sentence: 'What a step has started is named in its outputs, its log or its error.',
    check: (step) =>
      step.outcome === 'killed'
        ? []
        : acceptedBy(step, 'CreateDiskSnapshot')
            .map(({ input }) => String(input.get('diskSnapshotName')))
            .filter((name) => !namesIn(step, 'snapshot-names').includes(name) && !says(step, name))
            .map((name) => `nothing names snapshot ${name}`),
  },
]

/** A step that says so may have a snapshot of another disk. */
const warnings = [
  'is attached to nothing',
  'without knowing whether the disk is attached or was replaced',
] as const

function checkEach(step: StepTrace, why: (name: string) => string | undefined): string[] {
  const names = namesIn(step, 'snapshot-names')
  if (names.length === 0) return ['it names no snapshot']
  return names.flatMap((name) => {
    const reason = why(name)
    return reason === undefined ? [] : [`snapshot ${name} ${reason}`]
  })
}

function whyNotComplete(snapshot: KnownSnapshot | undefined, step: StepTrace): string | undefined {
  if (snapshot === undefined) return 'does not exist'
  return wasComplete(snapshot, step.startedAt, step.endedAt) ? undefined : 'was not complete'
}

function whyNotGood(name: string, step: StepTrace, trace: Trace): string | undefined {
  const { history } = trace.world
  const snapshot = history.snapshotNamed(name, step.endedAt)
  const incomplete = whyNotComplete(snapshot, step)
  if (snapshot === undefined || incomplete !== undefined) return incomplete
  const isOwn = snapshot.by === step.label
  const by = earlierSteps(step, trace).find(({ label }) => label === snapshot.by)
  if (!isOwn && by === undefined) return `was taken by ${snapshot.by}`
  const from = by?.startedAt ?? step.startedAt
  if (warnings.some((warning) => says(step, warning))) return undefined
  const isLive = history
    .placesBetween(step.startedAt, step.endedAt)
    .some(({ diskArn }) => diskArn === snapshot.sourceArn)
  if (!isLive) return 'is of a disk that was not live'
  const held = history.placesBetween(from, step.endedAt)
  return held.some(({ diskArn, content }) => diskArn === snapshot.sourceArn && content === snapshot.content)
    ? undefined
    : `holds "${snapshot.content}", which the live disk did not hold then`
}
