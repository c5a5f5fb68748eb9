import { actionNode } from '../../dev/demo/action-node.js'
import { LogView } from '../../dev/demo/log-view.js'
import { runStep, type StepOptions, type StepResult } from '../../dev/demo/runner.js'
import type { Emulator } from '../../emulator/service/server.js'
import { clientEnvironment } from './emulated.js'

export interface BuiltStepResult extends StepResult {
  /** The log as a person sees it. */
  readonly log: string
  /** The texts of the error annotations. */
  readonly errors: readonly string[]
}

/** Runs the built root action (or the one in another folder) as the runner does, on the runner's Node.js, against the emulator. */
export async function runBuiltAction(
  emulator: Emulator,
  inputs: Readonly<Record<string, string>>,
  options: Partial<StepOptions> = {},
): Promise<BuiltStepResult> {
  const result = await runStep({
    action: process.cwd(),
    node: actionNode,
    timeoutMs: 60_000,
    inputs,
    ...options,
    environment: { ...clientEnvironment(emulator), ...options.environment },
  })
  const view = new LogView()
  return {
    ...result,
    log: result.lines.flatMap((line) => view.show(line) ?? []).join('\n'),
    errors: result.annotations.flatMap(({ kind, message }) => (kind === 'error' ? [message] : [])),
  }
}
