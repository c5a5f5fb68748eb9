import { expect, test } from '@jest/globals'
import { RateLimit } from '../../emulator/service/rate-limit.js'

test('a limit admits one second’s requests at once, and refills with time', () => {
  const limit = new RateLimit()
  const admitted = (now: number) => [1, 2, 3].map(() => limit.admits(2, now))
  expect(admitted(0)).toEqual([true, true, false])
  expect(admitted(500)).toEqual([true, false, false])
  expect(admitted(10_000)).toEqual([true, true, false])
})

test('no limit admits everything', () => {
  const limit = new RateLimit()
  expect([1, 2, 3].map(() => limit.admits(Number.POSITIVE_INFINITY, 0))).toEqual([true, true, true])
})
