import { isDeepStrictEqual } from 'node:util'
import { expect } from '@jest/globals'

/** Jest's toStrictEqual for ten thousand comparisons: the slow matcher only runs if there is a difference. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected)
}
