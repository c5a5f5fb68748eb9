/** Something that helps after a failure, ready to copy: commands, a step, a policy statement. */
export interface Copyable {
  /** What it is for, without a full stop: `Delete the failed snapshot`. */
  readonly purpose: string
  readonly language: 'sh' | 'yaml' | 'json'
  readonly text: string
}

interface FailureOptions extends ErrorOptions {
  readonly copyables?: readonly Copyable[]
  readonly isMissing?: boolean
}

/**
 * An error for a person: `message` says what happened and to which resource, `advice` what to do, and `copyables` has what to
 * copy for it. Whatever is thrown on purpose in this code is one of these; the entry point reports it.
 */
export class Failure extends Error {
  readonly advice: string
  readonly copyables: readonly Copyable[]
  /** Whether something wasn't found or reached. A rehearsal then adds that each job has its own emulator. */
  readonly isMissing: boolean

  constructor(message: string, advice: string, options: FailureOptions = {}) {
    super(message, options)
    this.name = 'Failure'
    this.advice = advice
    this.copyables = options.copyables ?? []
    this.isMissing = options.isMissing ?? false
  }
}

/** Throws what has failed, if anything, as one failure. `more` is added to what can be copied. */
export function throwAll(all: readonly Failure[], more: readonly Copyable[] = []): void {
  const failure = joined(all, more)
  if (failure !== undefined) throw failure
}

/** Returns a single failure as it is, several as one that names each, and undefined for none. */
export function joined(all: readonly Failure[], more: readonly Copyable[] = []): Failure | undefined {
  const failures = [...new Set(all)]
  const [first, ...others] = failures
  if (first === undefined || (others.length === 0 && more.length === 0)) return first
  const once = (texts: readonly string[]) => [...new Set(texts)].join(' ')
  return new Failure(
    failures.map(({ message }) => message).join('\n'),
    once(failures.map(({ advice }) => advice)),
    {
      cause: first,
      copyables: merged([...failures.flatMap(({ copyables }) => copyables), ...more]),
      isMissing: failures.some(({ isMissing }) => isMissing),
    },
  )
}

/** Merges the commands that have the same purpose, each once. */
function merged(copyables: readonly Copyable[]): Copyable[] {
  const found = new Map<string, Copyable>()
  for (const copyable of copyables) {
    const { language, purpose, text } = copyable
    const key = language === 'sh' ? purpose : text
    const before = found.get(key)
    if (before === undefined) found.set(key, copyable)
    else if (before.text !== text && !before.text.split('\n').includes(text)) {
      found.set(key, { ...before, text: `${before.text}\n${text}` })
    }
  }
  return [...found.values()]
}
