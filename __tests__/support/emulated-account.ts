import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { Service } from '../../emulator/service/service.js'
import { type BuiltStepResult, runBuiltAction } from './built-action.js'
import { startFilledEmulator } from './emulated.js'
import { call } from './raw-client.js'

/** How a step ended. */
export type StepEnd = Pick<
  BuiltStepResult,
  'exitCode' | 'errors' | 'outputs' | 'standardError' | 'milliseconds'
>

/** A step to run: an action, the root action by default, its inputs and its environment. */
export interface StepToRun {
  readonly folder?: 'wait' | 'prune' | 'restore'
  readonly inputs?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

/** An emulated account, filled as by `fillRegion`, in which steps run. */
export interface EmulatedAccount
  extends Pick<Service, 'behaviour' | 'faults' | 'requests' | 'region' | 'beforeRequest'> {
  /** Returns milliseconds since the epoch, by the account's clock. */
  now(): number
  /** Sets the account's clock forward by this many milliseconds. */
  skip(ms: number): Promise<void>
  /** Sends a request without the SDK, as if from outside. */
  send(operation: string, input: object): Promise<void>
  run(step: StepToRun): Promise<StepEnd>
  close(): Promise<void>
}

/** Starts an account with this behavior. */
export type StartAccount = (behaviour: Partial<Behaviour>) => Promise<EmulatedAccount>

/** Starts an account whose steps run the built actions, each in its own process. */
export const startForProcesses: StartAccount = async (behaviour) => {
  let skippedMs = 0
  const now = () => Date.now() + skippedMs
  const emulator = await startFilledEmulator(behaviour, now)
  return Object.assign(emulator, {
    now,
    skip: async (ms: number) => {
      skippedMs += ms
    },
    send: async (operation: string, input: object) => {
      await call(emulator, operation, input)
    },
    run: ({ folder, inputs = {}, environment = {} }: StepToRun) =>
      runBuiltAction(emulator, inputs, { environment, action: folder ?? '.', timeoutMs: 450_000 }),
  })
}
