import { Failure } from '../../src/basics/failure.js'

/** Returns the Failure that the work throws. Throws if it succeeds or throws anything else. */
export async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work()
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown
    throw thrown
  }
  throw new Error('nothing failed')
}
