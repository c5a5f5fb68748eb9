import { afterEach, beforeEach } from '@jest/globals'
import type { FaultName } from '../../emulator/service/faults.js'
import type { Emulator } from '../../emulator/service/server.js'
import type { DiskSnapshot } from '../../emulator/service/wire.js'
import type { Run } from '../../src/github/run-context.js'
import { clientEnvironment, region, startFilledEmulator } from './emulated.js'
import { exampleRun, exampleStep, type KeptStep } from './step.js'

type Changes = Partial<Run> & { readonly newId?: () => string }

/** Steps of the root action, one after the other, that each take the snapshot "the-one" unless told otherwise. */
export class TakingScene {
  /** The step whose clock the emulator goes by. */
  running = exampleStep()
  #emulator: Emulator | undefined

  /** Starts an emulator and points this process's clients at it. */
  async open(): Promise<void> {
    this.running = exampleStep()
    this.#emulator = await startFilledEmulator({}, () => this.running.clock.now())
    Object.assign(process.env, clientEnvironment(this.#emulator))
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

/** Opens the scene before each test of the file, and ends it afterwards. */
export function useTakingScene(): TakingScene {
  const environmentBefore = { ...process.env }
  const scene = new TakingScene()
  beforeEach(() => scene.open())
  afterEach(async () => {
    process.env = { ...environmentBefore }
    await scene.emulator.close()
  })
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
