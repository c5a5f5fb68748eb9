import type { FaultName } from '../../emulator/faults.js'
import type { Emulator } from '../../emulator/server.js'
import type { DiskSnapshot } from '../../emulator/wire.js'
import type { Run } from '../../src/workflow/run.js'
import { clientEnvironment, region, startFilledEmulator } from './emulated.js'
import { exampleRun, exampleStep, type KeptStep } from './step.js'

type Changes = Partial<Run> & { readonly newId?: () => string }

/** Steps of the root action, one after the other, that each take the snapshot "the-one" unless told otherwise. */
export class TakingScene {
  readonly emulator: Emulator
  /** The step whose clock the emulator goes by. */
  running: KeptStep

  private constructor(emulator: Emulator, running: KeptStep) {
    this.emulator = emulator
    this.running = running
  }

  /** Starts an emulator and points this process's clients at it. */
  static async open(): Promise<TakingScene> {
    let scene: TakingScene | undefined
    const first = exampleStep()
    const emulator = await startFilledEmulator({}, () => (scene?.running ?? first).clock.now())
    Object.assign(process.env, clientEnvironment(emulator))
    scene = new TakingScene(emulator, first)
    return scene
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

  /** Every snapshot that there is, also those that can't be found yet. */
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

/** The first object of the output `snapshots`. */
export function recordOf(step: KeptStep): unknown {
  return JSON.parse(step.outputs['snapshots'] ?? '')[0]
}

/** The lines of a step's log of this kind. */
export function saidBy(step: KeptStep, kind: 'warning' | 'notice'): string[] {
  return step.log.lines.filter((line) => line.startsWith(`${kind}: `))
}
