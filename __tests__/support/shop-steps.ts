import { afterEach, beforeEach } from '@jest/globals'
import type { FaultRule } from '../../emulator/service/faults.js'
import type { Region } from '../../emulator/service/region.js'
import type { Emulator } from '../../emulator/service/server.js'
import { restore } from '../../src/actions/restore/action.js'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import type { Failure } from '../../src/basics/failure.js'
import type { Run } from '../../src/github/run-context.js'
import { clientEnvironment, region } from './emulated.js'
import { failureOf } from './failure.js'
import { disksOf, machineOf, restoreStep, startShop } from './restore.js'
import { exampleRun, exampleStep, type KeptStep } from './step.js'
import { withoutNetwork } from './without-network.js'

/** The name of the disk that the first roll-back of the example's run creates. */
export const restoredName = 'shop-data-restored-1658821493-1'

/** The shop of `startShop` on a fake clock, and steps that run in it one after another. */
export interface ShopSteps {
  readonly emulator: Emulator
  readonly account: Region
  /** The last step, whose clock the emulator uses. */
  readonly running: KeptStep
  now(): number
  /** The instance's state, and its block storage disks with their paths. */
  machine(): [state: string, ...disks: string[]]
  /** What the disk at /dev/xvdf holds. */
  live(): string | undefined
  names(): string[]
  requested(): string[]
  /** The requests that change something, except those that only set tags. */
  changes(): string[]
  text(): string
  tagsOf(diskName: string): Readonly<Record<string, string | undefined>>
  faultAt(operation: string, fault: FaultRule['fault'], occurrences?: FaultRule['occurrences']): void
  /** Another step of restore/, whose clock continues from that of the last step. */
  step(inputs: Readonly<Record<string, string>>, run?: Partial<Run>): KeptStep
  restore(inputs: Readonly<Record<string, string>>, run?: Partial<Run>): Promise<KeptStep>
  failure(inputs: Readonly<Record<string, string>>, run?: Partial<Run>): Promise<Failure>
  /** Runs a step of the root action. */
  snapshot(inputs: Readonly<Record<string, string>>, run?: Partial<Run>): Promise<KeptStep>
  /** Does the work when a line of the step's log contains these words. */
  when(step: KeptStep, words: string, work: () => void): KeptStep
  /** Starts again with a new account. */
  anew(): Promise<void>
}

/** Starts a shop before each test of the file, and closes it afterwards. */
export function useShop(): ShopSteps {
  const environmentBefore = { ...process.env }
  let emulator: Emulator
  let running: KeptStep
  const start = async () => {
    emulator = await startShop({}, () => running.clock.now())
    Object.assign(process.env, clientEnvironment(emulator))
  }
  beforeEach(() => {
    running = exampleStep()
    return start()
  })
  afterEach(async () => {
    process.env = { ...environmentBefore }
    await emulator.close()
  })
  const follow = (next: KeptStep) => {
    next.clock.elapsed = running.clock.elapsed
    running = next
    return next
  }
  // These tests carry out hundreds of roll-backs, and each polls for minutes.
  const ofRun = (run: Partial<Run>) => ({
    run: exampleRun(run),
    requestHandler: withoutNetwork(emulator),
  })
  const shop: ShopSteps = {
    get emulator() {
      return emulator
    },
    get account() {
      return emulator.region(region)
    },
    get running() {
      return running
    },
    now: () => running.clock.now(),
    machine: () => machineOf(shop.account.instance('shop', shop.now())),
    live: () => shop.account.contentOfInstance('shop', '/dev/xvdf'),
    names: () => disksOf(shop.account, shop.now()).map(({ name }) => name),
    requested: () => emulator.requests.map(({ operation }) => operation),
    changes: () => shop.requested().filter((operation) => !/^Get|^TagResource$/.test(operation)),
    text: () => running.log.lines.join('\n'),
    tagsOf: (name) =>
      Object.fromEntries(shop.account.disk(name, shop.now()).tags.map(({ key, value }) => [key, value])),
    faultAt: (operation, fault, occurrences = [1]) => emulator.faults.add({ operation, fault, occurrences }),
    step: (inputs, run = {}) => follow(restoreStep(inputs, ofRun(run))),
    async restore(inputs, run = {}) {
      const step = shop.step(inputs, run)
      await restore(step)
      return step
    },
    failure: (inputs, run = {}) => failureOf(() => restore(shop.step(inputs, run))),
    async snapshot(inputs, run = {}) {
      const step = follow(exampleStep(inputs, ofRun(run)))
      await takeSnapshots(step)
      return step
    },
    when(step, words, work) {
      const { info } = step.log
      step.log.info = (line) => {
        if (line.includes(words)) work()
        return info(line)
      }
      return step
    },
    async anew() {
      await emulator.close()
      await start()
    },
  }
  return shop
}
