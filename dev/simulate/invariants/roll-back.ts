import type { KnownDisk, KnownSnapshot, Place } from '../history.js'
import { completeFrom } from '../history.js'
import { repository } from '../place.js'
import type { Trace } from '../simulate.js'
import type { StepTrace } from '../step.js'
import { acceptedBy, earlierSteps, type Invariant, isOfPlace, says } from './invariant.js'

/** Green means rolled back, to the right snapshot. */
export const rollBackInvariants: readonly Invariant[] = [
  {
    name: 'rolled back',
    sentence:
      'After a green roll-back the instance runs with a disk created from the chosen snapshot, and nothing was written to it before this step.',
    check: (step, trace) => (isGreen(step) && !isDisturbed(step, trace) ? whyNotRolledBack(step, trace) : []),
  },
  {
    name: 'right snapshot',
    sentence:
      'A roll-back to the newest snapshot is to the newest complete one, or to the one that an earlier attempt of its run has chosen.',
    check: (step, trace) => (isGreen(step) && isToNewest(step) ? whyNotNewest(step, trace) : []),
  },
  {
    name: 'same snapshot again',
    sentence:
      'A roll-back that an earlier attempt left unfinished continues with the snapshot that attempt chose.',
    check: (step, trace) => (isGreen(step) && isToNewest(step) ? whyNotSame(step, trace) : []),
  },
]

function isRollBack({ action }: StepTrace): boolean {
  return action === 'restore'
}

function isGreen(step: StepTrace): boolean {
  return isRollBack(step) && step.outcome === 'green'
}

function isToNewest({ inputs }: StepTrace): boolean {
  return !inputs['snapshot-name'] && !inputs['commit-sha']
}

/** Whether somebody worked on the instance during the step, in the console. */
function isDisturbed({ startedAt, endedAt }: StepTrace, { world }: Trace): boolean {
  return world.history.interventions.some((at) => startedAt <= at && at <= endedAt)
}

function placeAtEnd({ endedAt }: StepTrace, { world }: Trace): Place | undefined {
  return world.history.placesBetween(endedAt, endedAt).at(-1)
}

function whyNotRolledBack(step: StepTrace, trace: Trace): string[] {
  const { history } = trace.world
  const end = placeAtEnd(step, trace)
  const live = end?.diskArn
  const disk: KnownDisk | undefined = history.disks.find(({ arn }) => arn === live)
  if (disk === undefined) return [`the live disk ${live} was not created from a snapshot`]
  const early = history.writes.find(({ at, diskArn }) => diskArn === disk.arn && at < step.startedAt)
  return [
    ...(disk.name === step.outputs['disk-name'] ? [] : [`the live disk is ${disk.name}`]),
    ...(disk.from.name === step.outputs['snapshot-name']
      ? []
      : [`the live disk is from snapshot ${disk.from.name}`]),
    // Nobody but a roll-back has ever stopped it.
    ...(history.interventions.length > 0 || end?.instance === 'running'
      ? []
      : [`the instance is ${end?.instance}`]),
    ...(early === undefined ? [] : [`"${early.content}" had been written to the live disk before`]),
  ]
}

function whyNotNewest(step: StepTrace, trace: Trace): string[] {
  const chosen = step.outputs['snapshot-name'] ?? ''
  // A finished roll-back may have been unable to take its choice back, and says so.
  const before = earlierSteps(step, trace).filter(
    (other) =>
      other.action === 'restore' &&
      (other.outcome !== 'green' || says(other, 'The tag roll-back-runs')) &&
      other.outputs['snapshot-name'] === chosen,
  )
  if (before.length > 0) return []
  const snapshot = trace.world.history.snapshotNamed(chosen, step.endedAt)
  const newer = trace.world.history.snapshots.filter(
    (other) =>
      snapshot !== undefined &&
      other.createdAt > snapshot.createdAt &&
      isCandidate(other, step, trace) &&
      completeFrom(other) <= step.startedAt &&
      (other.goneAt ?? Number.POSITIVE_INFINITY) > step.endedAt,
  )
  return newer.map(({ name }) => `it chose ${chosen}, and ${name} is newer`)
}

function whyNotSame(step: StepTrace, trace: Trace): string[] {
  const last = earlierSteps(step, trace).findLast(({ action }) => action === 'restore')
  if (last === undefined || last.outcome === 'green' || !isToNewest(last)) return []
  const chosen = last.outputs['snapshot-name'] ?? ''
  const isTagged = acceptedBy(last, 'TagResource').some(({ input }) => input.get('resourceName') === chosen)
  const isThere = trace.world.history.snapshotNamed(chosen, last.endedAt)?.goneAt === undefined
  if (!isTagged || !isThere || isFinishedSince(last, chosen, step, trace)) return []
  if (step.outputs['snapshot-name'] === chosen) return []
  return [`the attempt before chose ${chosen}, and this one ${step.outputs['snapshot-name']}`]
}

/** Whether another run has finished what the last step began: then this one chooses anew. */
function isFinishedSince(
  last: StepTrace,
  chosen: string,
  { startedAt }: StepTrace,
  { world }: Trace,
): boolean {
  const { history } = world
  const live = history.placesBetween(startedAt, startedAt).at(-1)?.diskArn
  const disk = history.disks.find(({ arn }) => arn === live)
  const liveFrom = history.places.find(({ diskArn }) => diskArn === live)?.from ?? 0
  return (
    disk?.from.name === chosen && disk.by.startsWith(`${last.identity.run}.`) && liveFrom >= last.startedAt
  )
}

/** Whether a roll-back of the place may choose it. */
function isCandidate({ sourceArn, stored }: KnownSnapshot, { startedAt }: StepTrace, trace: Trace): boolean {
  const isOwn = stored.tags
    .shownAt(startedAt)
    .some(({ key, value }) => key === 'repository' && value === repository)
  return isOwn && isOfPlace(sourceArn, trace)
}
