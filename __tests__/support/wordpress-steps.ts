import { beforeEach } from '@jest/globals'
import type { FaultName } from '../../emulator/service/faults.js'
import type { Region } from '../../emulator/service/region.js'
import { Service } from '../../emulator/service/service.js'
import { restore } from '../../src/actions/restore/action.js'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import type { RequestHandler } from '../../src/basics/agents.js'
import type { Failure } from '../../src/basics/failure.js'
import type { Run } from '../../src/github/run-context.js'
import { region } from './emulated.js'
import { failureOf } from './failure.js'
import { FakeClock } from './fake-clock.js'
import { restoreStep, takenBy } from './restore.js'
import { exampleRun, exampleStep, type KeptStep } from './step.js'
import { withoutNetwork } from './without-network.js'

/** The path of a system disk. */
export const systemDisk = '/dev/xvda'

/** The name of the instance that the first roll-back of the example's run creates. */
export const restoredName = 'wordpress-restored-1658821493-1'

const swapInputs = { 'instance-name': 'wordpress', 'snapshot-type': 'instance', swap: 'true' }

/** Changes the requests of a step, or what becomes of them. */
export type Interference = (handler: RequestHandler) => RequestHandler

/** How a step differs from the example's. */
export interface StepChanges {
  readonly run?: Partial<Run>
  readonly signal?: AbortSignal
  readonly interfere?: Interference
}

/** The account of a WordPress site on a fake clock, and steps that run in it one after another. */
export interface WordpressSteps {
  readonly emulator: Service
  readonly account: Region
  readonly clock: FakeClock
  /** The last step. */
  readonly running: KeptStep
  now(): number
  /** What visitors of the static IP see: the content of the instance that has it, if that runs. */
  site(): string
  /** The state of every instance. */
  states(): Record<string, string>
  /** The name of the instance that has the static IP. */
  holder(): string | undefined
  tagsOf(instanceName: string): Readonly<Record<string, string | undefined>>
  /** How many requests for an operation there were. */
  requests(operation: string): number
  faultAt(operation: string, fault: FaultName, occurrences?: readonly number[] | 'all'): void
  write(content: string): void
  step(inputs?: Readonly<Record<string, string>>, changes?: StepChanges): KeptStep
  /** Runs a step of restore/ with `swap`. */
  roll(inputs?: Readonly<Record<string, string>>, changes?: StepChanges): Promise<KeptStep>
  failure(inputs?: Readonly<Record<string, string>>, changes?: StepChanges): Promise<Failure>
  /** Takes a snapshot of the whole instance that "wordpress" means. */
  deploy(inputs?: Readonly<Record<string, string>>, changes?: StepChanges): Promise<KeptStep>
  /** Starts again with a new account. */
  anew(): void
}

/**
 * Before each test of the file, starts an account with the instance "wordpress", which holds "broken" and has the static IP
 * "address", and two snapshots of it: "old", and "new" a minute later.
 */
export function useWordpress(): WordpressSteps {
  let emulator: Service
  let clock: FakeClock
  let running: KeptStep
  const start = () => {
    clock = new FakeClock()
    emulator = startWordpress(clock)
  }
  beforeEach(start)
  const own = () => ({ clock, environment: { ...credentials, AWS_REGION: region } })
  const changesOf = ({ run = {}, signal, interfere = (handler) => handler }: StepChanges) => ({
    run: exampleRun(run),
    requestHandler: interfere(withoutNetwork(emulator)),
    ...(signal === undefined ? {} : { signal }),
  })
  const wordpress: WordpressSteps = {
    get emulator() {
      return emulator
    },
    get account() {
      return emulator.region(region)
    },
    get clock() {
      return clock
    },
    get running() {
      return running
    },
    now: () => clock.now(),
    site() {
      const [holder, now] = [wordpress.holder(), clock.now()]
      if (holder === undefined || !wordpress.account.instances.isFound(holder, now)) return 'down'
      const { state } = wordpress.account.instance(holder, now)
      return state.name === 'running'
        ? (wordpress.account.contentOfInstance(holder, systemDisk) ?? 'nothing')
        : `down: ${state.name}`
    },
    states: () =>
      Object.fromEntries(
        wordpress.account.instances
          .names(clock.now())
          .map((name) => [name, wordpress.account.instance(name, clock.now()).state.name]),
      ),
    holder: () => wordpress.account.staticIp('address', clock.now()).attachedTo,
    tagsOf: (name) =>
      Object.fromEntries(
        wordpress.account.instance(name, clock.now()).tags.map(({ key, value }) => [key, value]),
      ),
    requests: (wanted) => emulator.requests.filter(({ operation }) => operation === wanted).length,
    faultAt: (operation, fault, occurrences = [1]) => emulator.faults.add({ operation, fault, occurrences }),
    write: (content) => wordpress.account.writeTo(wordpress.holder() ?? '', systemDisk, content, clock.now()),
    step(inputs = {}, changes = {}) {
      running = { ...restoreStep({ ...swapInputs, ...inputs }, changesOf(changes)), ...own() }
      return running
    },
    async roll(inputs, changes) {
      const step = wordpress.step(inputs, changes)
      await restore(step)
      return step
    },
    failure: (inputs, changes) => failureOf(() => restore(wordpress.step(inputs, changes))),
    async deploy(inputs = {}, changes = {}) {
      const { swap: _, ...source } = swapInputs
      const step = { ...exampleStep({ ...source, ...inputs }, changesOf(changes)), ...own() }
      running = step
      await takeSnapshots(step)
      return step
    },
    anew: start,
  }
  return wordpress
}

const credentials = { AWS_ACCESS_KEY_ID: 'emulated', AWS_SECRET_ACCESS_KEY: 'emulated' }

function startWordpress(clock: FakeClock): Service {
  const emulator = new Service({ now: () => clock.now() })
  const account = emulator.region(region)
  const now = clock.now()
  account.addInstance('wordpress', 60, now)
  account.addStaticIp('address', now, 'wordpress')
  account.writeTo('wordpress', systemDisk, 'broken', now)
  for (const [index, name] of ['old', 'new'].entries()) {
    account.putInstanceSnapshot({
      name,
      instanceName: 'wordpress',
      createdAt: now - 3_600_000 + index * 60_000,
      content: name,
      tags: takenBy('octo-org/web-shop'),
    })
  }
  return emulator
}
