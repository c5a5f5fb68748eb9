import { Failure } from '../../src/basics/failure.js'

/** The Failure that the work ends in; an error when it ends well, or in anything else. */
export async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work()
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown
    throw thrown
  }
  throw new Error('nothing failed')
}
