import type { Behaviour, FailingOperation } from '../../emulator/service/behaviour.js'
import type { FaultName } from '../../emulator/service/faults.js'

// Everything that a schedule decides. A schedule is a list of decisions, so that a failing one can be shortened.

/** A request, counted from 1: the `nth` of this operation (or of any, `*`) that a run sends, or that anything sends. */
export interface Moment {
  readonly run?: number
  readonly operation: string
  readonly nth: number
}

/** What the steps of a run do, in order. `deploy`: a snapshot, the deploy, and a roll-back if that fails. */
export type RunKind = 'deploy' | 'roll-back' | 'backup' | 'prune'

/** A workflow run. Deploys and roll-backs are in one concurrency group; backups and prunes run beside them. */
export interface RunDecision {
  readonly is: 'run'
  readonly run: number
  readonly kind: RunKind
  /** When it starts, in seconds from the beginning. */
  readonly startsAt: number
  /** How its attempts go: whether the deploy itself works. As many attempts as it has items, each after a failed one. */
  readonly deploys: readonly ('good' | 'bad')[]
  /** Whether a further attempt follows a green one, too. */
  readonly rerunsGreen?: boolean
  /** Inputs of the step that takes snapshots, deletes or rolls back. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Inputs of the roll-back of a deploy. `own`: to the snapshot that the run itself took. */
  readonly rollBackTo?: 'newest' | 'own' | 'commit'
  /** How far the runner's clock is ahead, in seconds. */
  readonly clockAhead?: number
  /** After how many seconds of an attempt its credentials expire, and whether the step knows. */
  readonly credentials?: { readonly lastFor: number; readonly known: boolean }
}

/** How the service behaves in this schedule. */
export interface BehaviourDecision {
  readonly is: 'service'
  readonly set: Partial<Behaviour>
}

/** A fault of one request. */
export interface FaultDecision {
  readonly is: 'fault'
  readonly fault: FaultName
  readonly at: Moment
}

/** A request that is accepted, and whose operation fails later. */
export interface FailingDecision {
  readonly is: 'fails later'
  readonly operation: FailingOperation | 'CreateDiskSnapshot' | 'CreateDiskFromSnapshot'
  readonly at: Moment
}

/** A role that may not send an operation. */
export interface DenialDecision {
  readonly is: 'denied'
  readonly run: number
  readonly operation: string
}

/** How a step ends early. `killed` ends its attempt too, right before a request is sent or right after it was carried out. */
export interface EndDecision {
  readonly is: 'cancelled' | 'killed before' | 'killed after'
  readonly at: Moment
}

/** What somebody does in the console, or a program on the instance, right before a request is carried out. */
export interface ActDecision {
  readonly is: 'act'
  readonly act: ActName
  readonly at: Moment
}

export type ActName =
  | 'write'
  | 'delete newest snapshot'
  | 'delete oldest snapshot'
  | 'tag newest snapshot keep'
  | 'tag oldest snapshot keep'
  | 'stop instance'
  | 'start instance'
  | 'detach disk'
  | 'take snapshot'

export type Decision =
  | RunDecision
  | BehaviourDecision
  | FaultDecision
  | FailingDecision
  | DenialDecision
  | EndDecision
  | ActDecision

/** A seed, for what isn't decided (latencies, jitter), and the decisions. */
export interface Schedule {
  readonly seed: number
  readonly decisions: readonly Decision[]
}

/** Returns the decisions of one kind. */
export function decisionsOf<Kind extends Decision['is']>(
  { decisions }: Schedule,
  ...kinds: readonly Kind[]
): Extract<Decision, { is: Kind }>[] {
  const isOfKind = (decision: Decision): decision is Extract<Decision, { is: Kind }> =>
    kinds.some((kind) => kind === decision.is)
  return decisions.filter(isOfKind)
}
