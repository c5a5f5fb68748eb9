/** A text that helps after a failure, ready to copy. */
export interface Copyable {
  /** What it is for, without an end: `Delete the failed snapshot`. */
  readonly purpose: string
  readonly language: 'sh' | 'yaml' | 'json'
  readonly text: string
}

interface FailureOptions extends ErrorOptions {
  readonly copyables?: readonly Copyable[]
  readonly pageAdvice?: string
}

/**
 * An end that a person has to know about: `message` says what happened and to which resource, `advice` what to do.
 * Whatever is thrown on purpose in this code is one of these; the door turns it into the step's annotation.
 */
export class Failure extends Error {
  readonly advice: string
  /** The advice for the job summary, where `copyables` stand behind it: it needn't have them in its words. */
  readonly pageAdvice: string
  readonly copyables: readonly Copyable[]

  constructor(message: string, advice: string, options: FailureOptions = {}) {
    super(message, options)
    this.name = 'Failure'
    this.advice = advice
    this.pageAdvice = options.pageAdvice ?? advice
    this.copyables = options.copyables ?? []
  }
}

/**
 * Throws what has failed, if anything: one failure as it is; of several, one that names each. The same one counts once.
 * `more` is to be copied as well.
 */
export function throwAll(all: readonly Failure[], more: readonly Copyable[] = []): void {
  const failures = [...new Set(all)]
  const [first, ...others] = failures
  if (first === undefined) return
  if (others.length === 0 && more.length === 0) throw first
  const once = (texts: readonly string[]) => [...new Set(texts)].join(' ')
  throw new Failure(
    failures.map(({ message }) => message).join('\n'),
    once(failures.map(({ advice }) => advice)),
    {
      cause: first,
      pageAdvice: once(failures.map(({ pageAdvice }) => pageAdvice)),
      copyables: merged([...failures.flatMap(({ copyables }) => copyables), ...more]),
    },
  )
}

/** Each text once, and the commands for one purpose together. */
function merged(copyables: readonly Copyable[]): Copyable[] {
  const found = new Map<string, Copyable>()
  for (const one of copyables) {
    const key = one.language === 'sh' ? one.purpose : one.text
    const before = found.get(key)
    if (before === undefined) found.set(key, one)
    else if (before.text !== one.text && !before.text.split('\n').includes(one.text)) {
      found.set(key, { ...before, text: `${before.text}\n${one.text}` })
    }
  }
  return [...found.values()]
}
