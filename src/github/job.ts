import * as core from '@actions/core'
import { Failure } from '../basics/failure.js'
import { textMember } from '../basics/member.js'

// What later steps of the job can read, and the last step of the same action.
export { getInput, getState } from '@actions/core'

const full = { reason: "the runner's disk is full", advice: 'Free disk space on the runner.' }
const forbidden = {
  reason: "the runner's user may not write that file",
  advice: "Check the file's permissions.",
}

/** Why a file of the runner can't be written, and what to do, by the code of the system. */
const faults: ReadonlyMap<string, typeof full> = new Map([
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EACCES', forbidden],
  ['EPERM', forbidden],
  ['EROFS', forbidden],
])

/** The failure to write what `lines` list to the file that this variable of the runner names. */
function writeFailure(
  what: string,
  variable: string,
  thrown: unknown,
  lines: readonly string[] = [],
): Failure {
  const code = textMember(thrown, 'code')
  const fault = faults.get(code)
  const reason = fault === undefined ? textMember(thrown, 'message') : `${fault.reason} (${code})`
  return new Failure(
    [`${what} could not be written to the file in ${variable}: ${reason}.`, ...lines].join('\n'),
    fault?.advice ?? `Leave ${variable} as the runner sets it.`,
    { cause: thrown },
  )
}

function orFailure(write: () => void, what: string, variable: string): void {
  try {
    write()
  } catch (thrown) {
    throw writeFailure(what, variable, thrown)
  }
}

/** Sets an environment variable for the later steps of the job. */
export function exportVariable(name: string, value: string): void {
  orFailure(() => core.exportVariable(name, value), `The environment variable ${name}`, 'GITHUB_ENV')
}

/** Saves a value for the last step of the same action. */
export function saveState(name: string, value: string): void {
  orFailure(() => core.saveState(name, value), 'What the last step of this action needs', 'GITHUB_STATE')
}

/**
 * The outputs of a step. If they can't be written, the step continues, because it has to wait for what it started, and fails at
 * its end.
 */
export class Outputs {
  readonly #values = new Map<string, string>()
  readonly #info: (line: string) => void
  #failedWith: { readonly thrown: unknown } | undefined

  constructor(info: (line: string) => void) {
    this.#info = info
  }

  readonly set = (name: string, value: string): void => {
    this.#values.set(name, value)
    try {
      core.setOutput(name, value)
    } catch (thrown) {
      if (this.#failedWith === undefined)
        this.#info('The outputs cannot be written. This step continues, and fails at its end.')
      // Final: what follows a value that was written in part can't be read.
      this.#failedWith ??= { thrown }
    }
  }

  /** The failure to write the outputs, if there was one. It lists all of them: they name what the step started. */
  get failures(): readonly Failure[] {
    if (this.#failedWith === undefined) return []
    const texts = [...this.#values.values()]
    // Not what repeats others: a list of one, and the list of objects.
    const repeats = new Set(['', '[]', ...texts.map((text) => JSON.stringify([text]))])
    const named = [...this.#values].filter(([, value]) => !repeats.has(value) && !value.startsWith('[{'))
    const lines = named.map(([name, value]) => `${name}: ${value}`)
    return [writeFailure('The outputs of this step', 'GITHUB_OUTPUT', this.#failedWith.thrown, lines)]
  }
}
