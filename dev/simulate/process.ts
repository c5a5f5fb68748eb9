import type { FaultName } from '../../emulator/service/faults.js'
import type { Clock } from '../../src/basics/clock.js'
import { Random } from '../bench/random.js'
import { limitOn, sleepOn, type VirtualClock } from '../bench/virtual-clock.js'

/** A request that has reached the service. */
export interface SentRequest {
  readonly operation: string
  readonly input: ReadonlyMap<string, unknown>
  /** When it was sent, and when it arrived, in milliseconds since the epoch, by the service's clock. */
  readonly sentAt: number
  readonly at: number
  /** Whether the service accepted a change. */
  readonly accepted: boolean
  /** Whether its sender gets what it asks for. */
  readonly succeeded: boolean
  readonly fault: FaultName | undefined
  /** Whether the operation that it has started fails. */
  readonly failsLater: boolean
}

/** The attempt of a run that a step is part of, and its name there. */
export interface StepIdentity {
  readonly run: number
  readonly attempt: number
  readonly name: string
}

interface ProcessOptions {
  readonly seed: number
  /** How far (ms) the runner's clock is ahead. */
  readonly aheadMs: number
  /** When its credentials expire, on the virtual clock. */
  readonly expiresAt: number
  readonly note: (who: string, what: string) => void
}

/** The process of a step: what it has of time and luck, and how it may end. */
export class StepProcess {
  readonly identity: StepIdentity
  readonly requests: SentRequest[] = []
  /** Resolves when the process was killed. */
  readonly killed: Promise<void>
  readonly clock: Clock
  /** For the jitter of the step's pauses. */
  readonly random: () => number
  /** What happens on the virtual clock, unless the process was killed before. */
  readonly events: Pick<VirtualClock, 'in'>
  readonly #world: VirtualClock
  readonly #options: ProcessOptions
  readonly #luck: Random
  readonly #cancelled = new AbortController()
  #cancelledAt: number | undefined
  #isAlive = true
  #onKilled = () => {}

  constructor(identity: StepIdentity, world: VirtualClock, beginning: number, options: ProcessOptions) {
    this.identity = identity
    this.#world = world
    this.#options = options
    this.#luck = new Random(seedOf(options.seed, identity, 'latency'))
    this.random = new Random(seedOf(options.seed, identity, 'jitter')).next
    this.killed = new Promise((resolve) => {
      this.#onKilled = resolve
    })
    this.events = {
      in: (ms, happen) =>
        world.in(ms, () => {
          if (this.#isAlive) happen()
        }),
    }
    this.clock = {
      now: () => beginning + world.now() + options.aheadMs,
      monotonic: () => world.now(),
      sleep: (ms, signal) => sleepOn(this.events, ms, signal),
      timeLimit: (ms) => limitOn(this.events, ms),
    }
  }

  get label(): string {
    return `${this.identity.run}.${this.identity.attempt} ${this.identity.name}`
  }

  get signal(): AbortSignal {
    return this.#cancelled.signal
  }

  /** When it was cancelled, on the virtual clock. */
  get cancelledAt(): number | undefined {
    return this.#cancelledAt
  }

  /** How long (ms) a request or a response is on its way: mostly less than a third of a second. */
  latency(): number {
    const isSlow = this.#luck.percent(3)
    return Math.round(isSlow ? 1000 + 7000 * this.#luck.next() : 10 + 300 * this.#luck.next() ** 2)
  }

  hasExpired(): boolean {
    return this.#world.now() >= this.#options.expiresAt
  }

  /** Nothing of it happens from now on. */
  kill(why: string): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.#options.note(this.label, why)
    this.#onKilled()
  }

  cancel(why: string): void {
    if (!this.#isAlive || this.#cancelledAt !== undefined) return
    this.#cancelledAt = this.#world.now()
    this.#options.note(this.label, why)
    this.#cancelled.abort()
  }
}

/** Returns a seed for one purpose of a step, so that one step's luck doesn't depend on another's. */
function seedOf(seed: number, { run, attempt, name }: StepIdentity, purpose: string): number {
  return [...`${seed} ${run} ${attempt} ${name} ${purpose}`].reduce(
    (hash, character) => Math.imul(hash ^ character.charCodeAt(0), 0x01000193),
    0x811c9dc5,
  )
}
