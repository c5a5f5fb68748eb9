import type { Step } from './entry-point.js'
import type { ActionName, OutputName } from './inputs.js'

/** Sets every output of the action. Later values replace earlier ones. */
export function setOutputs<Action extends ActionName>(
  { setOutput }: Pick<Step, 'setOutput'>,
  values: Readonly<Record<OutputName<Action>, string>>,
): void {
  for (const [name, value] of Object.entries<string>(values)) setOutput(name, value)
}
