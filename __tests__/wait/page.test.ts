import { expect, test } from '@jest/globals'
import { barOf } from '../../src/wait/page.js'
import { namedRecord } from '../../src/wait/record.js'

const record = namedRecord('snap-1', null, 'eu-central-1')

test('a bar of a snapshot that a wrong clock has put into the future begins where it ends', () => {
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
] as const)('a snapshot that is %s has a bar that is %s', (state, kind, detail) => {
  const known = { ...record, state, sourceType: 'disk', sourceName: 'shop-data' } as const
  expect(barOf(known, 'source', 0, 5000)).toMatchObject({ what: 'disk', name: 'shop-data', kind, detail })
  expect(barOf(record, 'source', 0, 5000)).toMatchObject({ what: 'snapshot', name: 'snap-1' })
})
