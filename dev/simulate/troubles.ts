import type { FaultName } from '../../emulator/service/faults.js'
import {
  type ActDecision,
  type ActName,
  decisionsOf,
  type EndDecision,
  type FailingDecision,
  type FaultDecision,
  type Moment,
  type Schedule,
} from './decisions.js'

type Timed = FaultDecision | FailingDecision | EndDecision | ActDecision

/** What happens to one request. */
export interface Trouble {
  readonly fault: FaultName | undefined
  readonly failsLater: boolean
  readonly ends: readonly EndDecision['is'][]
  readonly acts: readonly ActName[]
}

/** Counts the requests of a schedule, and says what happens to each. */
export class Troubles {
  readonly #decisions = new Map<string, Timed[]>()
  readonly #denied: ReadonlySet<string>
  readonly #counts = new Map<string, number>()
  #areOver = false

  constructor(schedule: Schedule) {
    const timed = decisionsOf(
      schedule,
      'fault',
      'fails later',
      'cancelled',
      'killed before',
      'killed after',
      'act',
    )
    for (const decision of timed) {
      const key = keyOf(decision.at)
      this.#decisions.set(key, [...(this.#decisions.get(key) ?? []), decision])
    }
    this.#denied = new Set(decisionsOf(schedule, 'denied').map(({ run, operation }) => `${run} ${operation}`))
  }

  /** From now on nothing happens to a request. */
  end(): void {
    this.#areOver = true
  }

  /** Counts a request that a run sends. */
  next(run: number, operation: string): Trouble {
    if (this.#areOver) return { fault: undefined, failsLater: false, ends: [], acts: [] }
    const found = this.#counted(run, operation).flatMap((key) => this.#decisions.get(key) ?? [])
    const isDenied = this.#denied.has(`${run} ${operation}`)
    return {
      fault: isDenied ? 'access-denied' : found.find((decision) => decision.is === 'fault')?.fault,
      failsLater: found.some((decision) => decision.is === 'fails later' && decision.operation === operation),
      ends: found.flatMap((decision) => (isEnd(decision) ? [decision.is] : [])),
      acts: found.flatMap((decision) => (decision.is === 'act' ? [decision.act] : [])),
    }
  }

  #counted(run: number, operation: string): string[] {
    return [{ run, operation }, { run, operation: '*' }, { operation }, { operation: '*' }].map((group) => {
      const counted = keyOf({ ...group, nth: 0 })
      const nth = (this.#counts.get(counted) ?? 0) + 1
      this.#counts.set(counted, nth)
      return keyOf({ ...group, nth })
    })
  }
}

function isEnd(decision: Timed): decision is EndDecision {
  return ['cancelled', 'killed before', 'killed after'].includes(decision.is)
}

function keyOf({ run, operation, nth }: Moment): string {
  return `${run ?? ''} ${operation} ${nth}`
}
