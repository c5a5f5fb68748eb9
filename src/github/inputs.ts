import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { actionMetadata } from './action-metadata.js'
import { type Parsed, parseBoolean, parseDuration } from './parse.js'

type Metadata = typeof actionMetadata

export type ActionName = keyof Metadata

/** An input of any of the actions. */
export type InputName = { [Action in ActionName]: keyof Metadata[Action]['inputs'] }[ActionName]

/** An output of this action. */
export type OutputName<Action extends ActionName> = Metadata[Action]['outputs'][number]

const longestShown = 120

/**
 * Reads a step's inputs and collects every problem instead of stopping at the first. Each reading gives a value also
 * when the text was wrong, so that the rest can be read; `finish` then throws, and no such value is ever used.
 */
export class InputReader {
  readonly #rawInput: (name: string) => string
  readonly #defaults: Partial<Record<InputName, string>>
  readonly #problems: string[] = []

  constructor(rawInput: (name: string) => string, action: ActionName) {
    this.#rawInput = rawInput
    this.#defaults = actionMetadata[action].inputs
  }

  /** The input's text, or its default if that is empty. Throws for an input that this action doesn't declare. */
  text(name: InputName): string {
    const byDefault = this.#defaults[name]
    if (byDefault === undefined) throw new Error(`action.yml declares no input ${name}`)
    return this.#rawInput(name).trim() || byDefault
  }

  /** The input as `parse` understands it; `otherwise` and a problem where it doesn't. */
  read<T, Otherwise>(
    name: InputName,
    parse: (text: string) => Parsed<T>,
    otherwise: Otherwise,
  ): T | Otherwise {
    const text = this.text(name)
    const parsed = parse(text)
    if (parsed.ok) return parsed.value
    this.problem(name, text, parsed.problem)
    return otherwise
  }

  /** A boolean. An empty text is no boolean: an expression that came out empty must not switch a safeguard off. */
  boolean(name: InputName): boolean {
    const text = this.#rawInput(name)
    const parsed = parseBoolean(text)
    if (parsed.ok) return parsed.value
    this.problem(name, text, parsed.problem)
    return false
  }

  /** A duration in milliseconds. */
  duration(name: InputName): number {
    return this.read(name, parseDuration, 1000)
  }

  /** Notes that `value`, given for the input, is wrong; `problem` goes on from there and says what would be right. */
  problem(name: InputName, value: string, problem: string): void {
    const shown = value.length > longestShown ? `${value.slice(0, longestShown)}...` : value
    this.#problems.push(`${name}: ${JSON.stringify(shown)} ${problem}.`)
  }

  /** Notes a problem of an input that has no value to show. */
  missing(name: InputName, problem: string): void {
    this.#problems.push(`${name}: ${problem}.`)
  }

  /** Throws a Failure that lists every problem; nothing has been requested by then. */
  finish(): void {
    if (this.#problems.length === 0) return
    const problems = this.#problems.map((problem) => `- ${problem}`)
    throw new Failure(
      `${count(problems.length, 'problem')} in this step's inputs:\n${problems.join('\n')}`,
      "Correct the step's `with:` block. Nothing has been requested from AWS.",
    )
  }
}
