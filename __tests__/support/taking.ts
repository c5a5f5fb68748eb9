import type { FaultName } from '../../emulator/service/faults.js'
import type { Emulator } from '../../emulator/service/server.js'
import type { DiskSnapshot } from '../../emulator/service/wire.js'
import type { Run } from '../../src/github/run-context.js'
import { region, startFilledEmulator } from './emulated.js'
import { exampleRun, exampleStep, type KeptStep } from './step.js'
import { useEmulator } from './use-emulator.js'

type Changes = Partial<Run> & { readonly newId?: () => string }

/** Successive steps of the root action, each of which takes the snapshot "the-one" by default. */
export class TakingScene {
  /** The step whose clock the emulator uses. */
  running = exampleStep()
  #emulator: Emulator | undefined

  /** Starts the emulator of the scene. */
  async open(): Promise<Emulator> {
    this.running = exampleStep()
    this.#emulator = await startFilledEmulator({}, () => this.running.clock.now())
    return this.#emulator
  }

  get emulator(): Emulator {
    if (this.#emulator === undefined) throw new Error('the scene is not open')
    return this.#emulator
  }

  /** The account that the steps work in. */
  get account() {
    return this.emulator.region(region)
  }

  /** The next step, with these inputs, in a run with these changes. */
  step(inputs: Record<string, string> = {}, { newId, ...run }: Changes = {}): KeptStep {
    const all = { 'disk-name': 'shop-data', 'snapshot-name': 'the-one', ...inputs }
    const ids = newId === undefined ? {} : { newId }
    this.running = exampleStep(all, { run: exampleRun(run), ...ids })
    return this.running
  }

  faultAt(operation: string, fault: FaultName, occurrences: readonly number[] | 'all' = [1]): void {
    this.emulator.faults.add({ operation, fault, occurrences })
  }

  /** Every snapshot, including those that are still invisible. */
  snapshots(): DiskSnapshot[] {
    return this.account.allSnapshots(this.running.clock.now() + 3_600_000)
  }

  /** The id of the operation on the first snapshot. */
  ownOperation(): string | undefined {
    const operations = this.account.allOperations(this.running.clock.now())
    return operations.find(({ resourceType }) => resourceType === 'DiskSnapshot')?.id
  }

  /** The requests so far, by name. */
  requests(): string[] {
    return this.emulator.requests.map(({ operation }) => operation)
  }
}

/** Opens the scene before each test of the file, and closes it afterwards. */
export function useTakingScene(): TakingScene {
  const scene = new TakingScene()
  useEmulator(() => scene.open())
  return scene
}

/** The first object of the output `snapshots`. */
export function recordOf(step: KeptStep): unknown {
  return JSON.parse(step.outputs['snapshots'] ?? '')[0]
}

/** The lines of a step's log of this kind. */
export function saidBy(step: KeptStep, kind: 'warning' | 'notice'): string[] {
  return step.log.lines.filter((line) => line.startsWith(`${kind}: `))
}
