import { Failure } from '../basics/failure.js'
import { count } from '../basics/text.js'
import { actionMetadata } from './action-metadata.js'
import type { Step } from './entry-point.js'
import { type Parsed, parseBoolean, parseDuration } from './parse.js'
import { isTypoOf, undeclaredInputs } from './undeclared-inputs.js'

type Metadata = typeof actionMetadata

export type ActionName = keyof Metadata

/** An input of any of the actions. */
export type InputName = { [Action in ActionName]: keyof Metadata[Action]['inputs'] }[ActionName]

/** An output of this action. */
export type OutputName<Action extends ActionName> = Metadata[Action]['outputs'][number]

/** What reading inputs needs of a step. */
export interface InputTools extends Pick<Step, 'input' | 'environment'> {
  readonly log: Pick<Step['log'], 'warning'>
}

const longestShown = 120
/** A list with this many wrong items is wrong as a whole, and a longer error would hide the other inputs' problems from its reader. */
const mostShown = 50

/**
 * Reads a step's inputs and collects every problem instead of stopping at the first. Each reading returns a value even if
 * the text is wrong, so that the rest can be read; `finish` then throws, so such a value is never used.
 */
export class InputReader {
  readonly #rawInput: (name: string) => string
  readonly #defaults: Partial<Record<InputName, string>>
  readonly #shown: string[] = []
  #problems = 0

  constructor({ input, environment, log }: InputTools, action: ActionName) {
    this.#rawInput = input
    this.#defaults = actionMetadata[action].inputs
    for (const name of undeclaredInputs(environment, Object.keys(this.#defaults)))
      this.#checkUndeclared(name, log)
  }

  /** The input's text, or its default if that is empty. Throws for an input that this action doesn't declare. */
  text(name: InputName): string {
    const byDefault = this.#defaults[name]
    if (byDefault === undefined) throw new Error(`action.yml declares no input ${name}`)
    return this.#rawInput(name).trim() || byDefault
  }

  /** Whether the input differs from its default. */
  isGiven(name: InputName): boolean {
    return this.text(name) !== this.#defaults[name]
  }

  /** Returns what `parse` makes of the input; `otherwise`, and a problem, if it can't. */
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

  /** Returns a boolean. Empty is an error: an expression that evaluates to nothing must not switch off a safeguard. */
  boolean(name: InputName): boolean {
    const text = this.#rawInput(name)
    const parsed = parseBoolean(text)
    if (parsed.ok) return parsed.value
    this.problem(name, text, parsed.problem)
    return false
  }

  /** Returns a duration in milliseconds. */
  duration(name: InputName): number {
    return this.read(name, parseDuration, 1000)
  }

  /** Returns one of these. */
  choice<T extends string>(name: InputName, choices: readonly [T, ...T[]]): T {
    const text = this.text(name)
    const chosen = choices.find((choice) => choice === text)
    if (chosen === undefined) this.problem(name, text, `is not known: use ${choices.join(' or ')}`)
    return chosen ?? choices[0]
  }

  /** Notes that `value` is wrong for the input. `problem` continues the sentence and says what would be right. */
  problem(name: InputName, value: string, problem: string): void {
    const shown = value.length > longestShown ? `${value.slice(0, longestShown)}...` : value
    this.#note(() => `${name}: ${JSON.stringify(shown)} ${problem}.`)
  }

  /** Notes a problem of an input that has no value to show. */
  missing(name: InputName, problem: string): void {
    this.#note(() => `${name}: ${problem}.`)
  }

  /** Counts a problem. Only the first ones are put into words: a text of many lines may be wrong in each. */
  #note(problem: () => string): void {
    this.#problems += 1
    if (this.#shown.length < mostShown) this.#shown.push(problem())
  }

  /** A typo of a safeguard's name must not switch it off; any other unknown name can do no harm. */
  #checkUndeclared(name: string, log: InputTools['log']): void {
    const meant = Object.entries(this.#defaults).find(
      ([declared, byDefault]) => isTypoOf(name, declared) && this.#hasDefault(declared, byDefault),
    )
    const origin = `If it isn't in the step's \`with:\` block, it is the environment variable INPUT_${name.toUpperCase()} of the job: rename that.`
    if (meant === undefined) log.warning(`This action has no input "${name}": it is ignored. ${origin}`)
    else this.#note(() => `${name}: is not an input of this action: did you mean ${meant[0]}? ${origin}`)
  }

  /** The default of github-token is an expression: nothing shows whether a token was given, so none counts as given. */
  #hasDefault(declared: string, byDefault: string): boolean {
    const text = this.#rawInput(declared).trim()
    return text === '' || text === byDefault || byDefault.startsWith('${{')
  }

  /** Throws a Failure that lists every problem, if there is any. Nothing has been requested by then. */
  finish(): void {
    if (this.#problems === 0) return
    const more = this.#problems - this.#shown.length
    const shown = more === 0 ? this.#shown : [...this.#shown, `and ${more} more.`]
    throw new Failure(
      `${count(this.#problems, 'problem')} in this step's inputs:\n${shown.map((problem) => `- ${problem}`).join('\n')}`,
      "Fix the step's `with:` block. Nothing has been requested from AWS.",
    )
  }
}
