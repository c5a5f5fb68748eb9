import { parseDuration } from '../../../src/github/parse.js'
import { completeFrom, type KnownSnapshot, wasComplete } from '../history.js'
import { repository } from '../place.js'
import type { SentRequest } from '../process.js'
import type { Trace } from '../simulate.js'
import type { StepTrace } from '../step.js'
import { acceptedBy, type Invariant, isOfPlace, namesIn } from './invariant.js'

interface Deletion {
  readonly request: SentRequest
  readonly snapshot: KnownSnapshot
  readonly step: StepTrace
  readonly trace: Trace
}

/** Retention never deletes what somebody needs. */
export const retentionInvariants: readonly Invariant[] = [
  {
    name: 'newest stays',
    sentence: 'Retention never deletes the newest complete snapshot of a source.',
    check: eachDeletion((deletion) =>
      completeFrom(deletion.snapshot) <= deletion.request.at && newerOnes(deletion).length === 0
        ? 'is the newest complete one'
        : undefined,
    ),
  },
  {
    name: 'rules hold',
    sentence: "Retention never deletes what keep-last or keep-within keeps, by the service's time.",
    check: eachDeletion((deletion) => {
      const { snapshot, request, step } = deletion
      const keepLast = Number(step.inputs['keep-last'] || 0)
      const isComplete = completeFrom(snapshot) <= request.at
      if (isComplete && newerOnes(deletion).length < keepLast) return `is one of the newest ${keepLast}`
      const within = parseDuration(step.inputs['keep-within'] ?? '')
      return within.ok && request.at - snapshot.createdAt < within.value
        ? 'is younger than keep-within'
        : undefined
    }),
  },
  {
    name: 'keep is kept',
    sentence: 'Retention never deletes a snapshot that had the tag keep when the step last read it.',
    check: eachDeletion(({ snapshot, request, step }) => {
      const reads = step.requests.filter(
        ({ operation, input, at }) =>
          operation === 'GetDiskSnapshot' &&
          input.get('diskSnapshotName') === snapshot.name &&
          at <= request.sentAt,
      )
      const lastRead = reads.at(-1)
      if (lastRead === undefined) return 'was not read again'
      return (snapshot.keptFrom ?? Number.POSITIVE_INFINITY) < lastRead.at ? 'had the tag keep' : undefined
    }),
  },
  {
    name: 'own only',
    sentence:
      'Retention deletes only snapshots of its source that this repository took, and never one in progress.',
    check: eachDeletion(({ snapshot, request, trace }) => {
      const tags = new Map(snapshot.stored.tags.shownAt(request.at).map(({ key, value }) => [key, value]))
      if (tags.get('managed-by') !== 'lightsail-disk-snapshot') return 'was not taken by this action'
      if (tags.get('repository') !== repository) return `belongs to ${tags.get('repository')}`
      if (snapshot.stored.fixed.isFromAutoSnapshot) return 'is an automatic one'
      if (!isOfPlace(snapshot.sourceArn, trace)) return 'is of another source'
      const { snapshotDurationMs } = snapshot.stored.life.behaviour
      return request.at < snapshot.createdAt + snapshotDurationMs ? 'is in progress' : undefined
    }),
  },
  {
    name: 'only retention deletes',
    sentence: 'Only steps with a retention rule delete anything, and only snapshots.',
    check: (step) => {
      const hasRule = Boolean(step.inputs['keep-last'] || step.inputs['keep-within'])
      const deletions = step.requests.filter(
        ({ operation }) => operation.startsWith('Delete') && !(hasRule && operation === 'DeleteDiskSnapshot'),
      )
      return deletions.map(({ operation }) => `it sends ${operation}`)
    },
  },
  {
    name: 'true outputs',
    sentence: 'deleted-snapshots and kept-snapshots are true and share no name.',
    check: (step, { world: { history } }) => {
      const [deleted, kept] = [namesIn(step, 'deleted-snapshots'), namesIn(step, 'kept-snapshots')]
      // An accepted deletion may end after its operation, and its name be given again.
      const isThere = (name: string) =>
        !history.snapshots.some((known) => known.name === name && (known.goneAt ?? 0) > step.startedAt)
      const sent = acceptedBy(step, 'DeleteDiskSnapshot').filter(({ failsLater }) => !failsLater)
      const gone = new Set(sent.map(({ input }) => input.get('diskSnapshotName')))
      return [
        ...deleted.filter((name) => kept.includes(name)).map((name) => `${name} is in both`),
        ...deleted.filter(isThere).map((name) => `${name} is said to be deleted, and is there`),
        ...kept.filter((name) => gone.has(name)).map((name) => `${name} is said to be kept, and was deleted`),
      ]
    },
  },
]

function eachDeletion(why: (deletion: Deletion) => string | undefined): Invariant['check'] {
  return (step, trace) =>
    acceptedBy(step, 'DeleteDiskSnapshot').flatMap((request) => {
      const name = String(request.input.get('diskSnapshotName'))
      const snapshot = trace.world.history.snapshotNamed(name, request.at)
      const reason = snapshot === undefined ? 'is unknown' : why({ request, snapshot, step, trace })
      return reason === undefined ? [] : [`it deletes snapshot ${name}, which ${reason}`]
    })
}

/** The complete snapshots of the source that are newer, and were there at a moment between the step's beginning and the deletion. */
function newerOnes({ snapshot, request, step, trace }: Deletion): KnownSnapshot[] {
  const { history } = trace.world
  return history.snapshots.filter(
    (other) =>
      other.createdAt > snapshot.createdAt &&
      isOfPlace(other.sourceArn, trace) &&
      isOwn(other, request.at) &&
      wasComplete(other, step.startedAt, request.at),
  )
}

function isOwn({ stored }: KnownSnapshot, at: number): boolean {
  return stored.tags.shownAt(at).some(({ key, value }) => key === 'repository' && value === repository)
}
