import { describe, expect, test } from '@jest/globals'
import { barOf, resultHeading } from '../../../src/actions/shared/result.js'
import { namedRecord } from '../../../src/domain/snapshot-record.js'

const record = namedRecord('snap-1', null, 'eu-central-1')

test('a bar has no length if a wrong clock puts its start into the future', () => {
  expect(barOf(record, 'snapshot', 9000, 5000)).toMatchObject({
    startMs: 5000,
    endMs: 5000,
    detail: 'pending after 0s',
  })
})

test.each([
  ['completed', 'done', '5s'],
  ['pending', 'active', 'pending after 5s'],
  ['error', 'crit', 'error after 5s'],
] as const)('a snapshot in state %s has a bar of kind %s', (state, kind, detail) => {
  const known = { ...record, state, sourceType: 'disk', sourceName: 'shop-data' } as const
  expect(barOf(known, 'source', 0, 5000)).toMatchObject({ what: 'disk', name: 'shop-data', kind, detail })
  expect(barOf(record, 'source', 0, 5000)).toMatchObject({ what: 'snapshot', name: 'snap-1' })
})

describe('the heading', () => {
  const complete = { ...record, state: 'completed', sizeInGb: 32 } as const
  const started = { ...record, state: 'pending' } as const

  test.each([
    [[complete], 5000, ':white_check_mark: Lightsail snapshot complete: 32 GB in 5s'],
    [[complete], undefined, ':white_check_mark: Lightsail snapshot complete: 32 GB'],
    [[{ ...complete, sizeInGb: null }], 5000, ':white_check_mark: Lightsail snapshot complete in 5s'],
    [[started, started], undefined, ':hourglass_flowing_sand: 2 Lightsail snapshots started, not waited for'],
    [
      [complete, started],
      undefined,
      ':hourglass_flowing_sand: 1 of 2 Lightsail snapshots in progress, not waited for',
    ],
  ])('names only what is known of good snapshots', (records, longestMs, expected) => {
    const result = { records, planned: records.length, bad: 0, not: 'complete', longestMs } as const
    expect(resultHeading(result)).toBe(`### ${expected}`)
  })
})
