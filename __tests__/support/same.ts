import { isDeepStrictEqual } from 'node:util'
import { expect } from '@jest/globals'

/** Jest's toEqual for what is compared ten thousand times: only a difference is worth Jest's time. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected)
}
