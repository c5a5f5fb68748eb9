/**
 * An end that a person has to know about: `message` says what happened and to which resource, `advice` what to do.
 * Whatever is thrown on purpose in this code is one of these; the door turns it into the step's annotation.
 */
export class Failure extends Error {
  readonly advice: string

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Failure'
    this.advice = advice
  }
}

/** Throws what has failed, if anything: one failure as it is; of several, one that names each. The same one counts once. */
export function throwAll(all: readonly Failure[]): void {
  const failures = [...new Set(all)]
  const [first, ...others] = failures
  if (first === undefined) return
  if (others.length === 0) throw first
  throw new Failure(
    failures.map(({ message }) => message).join('\n'),
    [...new Set(failures.map(({ advice }) => advice))].join(' '),
    { cause: first },
  )
}
