import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { groupOf, lineageNamed } from '../../src/domain/lineage.js'
import type { DiskSnapshot, Tag } from '../../src/lightsail/types.js'
import { type Circumstances, type Decision, decide, reasonToSpare } from '../../src/retention/policy.js'

const day = 86_400_000
const now = Date.parse('2026-11-22T08:00:00Z')
/** The ARNs of the present disk "shop-data" and of an earlier, deleted one. */
const [liveArn, deletedArn] = ['arn:disk:live', 'arn:disk:deleted']
const ours: readonly Tag[] = [
  { key: 'managed-by', value: 'lightsail-disk-snapshot' },
  { key: 'repository', value: 'octo-org/web-shop' },
]

/** A complete snapshot of the disk "shop-data" that this repository took this many days ago. */
function snapshot(name: string, days: number, changes: Partial<DiskSnapshot> = {}): DiskSnapshot {
  return {
    type: 'disk',
    name,
    arn: `arn:snapshot:${name}`,
    state: 'completed',
    progress: '100%',
    sizeInGb: 32,
    createdAt: new Date(now - days * day),
    source: { type: 'disk', name: 'shop-data' },
    sourceArn: liveArn,
    tags: ours,
    isAutomatic: false,
    bundleId: null,
    ...changes,
  }
}

function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    lineage: lineageNamed('disk', 'shop-data', liveArn),
    repository: 'octo-org/web-shop',
    retention: { keepLast: 1, keepWithinMs: undefined },
    now,
    justTaken: new Set(),
    ...changes,
  }
}

const names = (decisions: readonly Decision[], stays: boolean) =>
  decisions.filter((decision) => decision.stays === stays).map((decision) => decision.snapshot.name)

describe('keep-last', () => {
  test('keeps this many of the newest, whatever the order of the list', () => {
    const all = [snapshot('b', 2), snapshot('d', 4), snapshot('a', 1), snapshot('c', 3)]
    const decisions = decide(all, circumstances({ retention: { keepLast: 2, keepWithinMs: undefined } }))
    expect(names(decisions, true)).toEqual(['a', 'b'])
    expect(names(decisions, false)).toEqual(['c', 'd'])
    expect(decisions.map(({ reason }) => reason)).toEqual([
      'keep-last: 1 of 2',
      'keep-last: 2 of 2',
      'no rule keeps it',
      'no rule keeps it',
    ])
  })

  test('counts only complete snapshots: a failed one is deleted and takes no rank', () => {
    const all = [snapshot('failed', 1, { state: 'error' }), snapshot('good', 2), snapshot('old', 3)]
    const decisions = decide(all, circumstances())
    expect(names(decisions, true)).toEqual(['good'])
    expect(decisions.map(({ reason }) => reason)).toEqual([
      'is error',
      'keep-last: 1 of 1',
      'no rule keeps it',
    ])
  })
})

describe('keep-within', () => {
  test('keeps younger snapshots, even failed ones, and no older ones', () => {
    const all = [snapshot('young', 13), snapshot('failed', 1, { state: 'error' }), snapshot('old', 14)]
    const retention = { keepLast: undefined, keepWithinMs: 14 * day }
    const decisions = decide(all, circumstances({ retention }))
    expect(names(decisions, false)).toEqual(['old'])
    expect(decisions.find(({ snapshot: { name } }) => name === 'young')?.reason).toBe(
      'keep-within: younger than 14d',
    )
  })

  test('never deletes the newest complete snapshot, however old', () => {
    const all = [snapshot('failed', 10, { state: 'error' }), snapshot('last', 15), snapshot('older', 16)]
    const retention = { keepLast: undefined, keepWithinMs: day }
    const decisions = decide(all, circumstances({ retention }))
    expect(names(decisions, false)).toEqual(['failed', 'older'])
    expect(decisions[1]?.reason).toBe('the newest complete snapshot')
  })

  test('keeps what either keeps when combined with keep-last', () => {
    const all = [snapshot('a', 1), snapshot('b', 20), snapshot('c', 30)]
    const retention = { keepLast: 2, keepWithinMs: 14 * day }
    expect(names(decide(all, circumstances({ retention })), false)).toEqual(['c'])
  })
})

describe('whatever the rules say', () => {
  test.each<[string, Partial<DiskSnapshot>]>([
    ['just taken', { name: 'new' }],
    ['an automatic snapshot', { isAutomatic: true }],
    ['has the tag keep', { tags: [...ours, { key: 'keep', value: undefined }] }],
    ['has the tag keep', { tags: [...ours, { key: 'Keep', value: 'yes' }] }],
    ['has the tag keep', { tags: [...ours, { key: 'KEEP', value: undefined }] }],
    ['has no ARN', { arn: null }],
    ['is pending', { state: 'pending' }],
    ['has no date', { createdAt: null }],
  ])('a snapshot is kept: %s', (reason, changes) => {
    const all = [snapshot('newest', 0), snapshot('x', 100, changes)]
    const decisions = decide(all, circumstances({ justTaken: new Set(['new']) }))
    expect(decisions.find(({ snapshot: { name } }) => name !== 'newest')).toMatchObject({
      stays: true,
      reason,
    })
  })

  test.each<[string, Partial<DiskSnapshot>]>([
    ['a disk that replaced another one', { tags: [...ours, { key: 'lineage', value: 'logs' }] }],
    ['another disk', { source: { type: 'disk', name: 'logs' } }],
    ['an instance of the same name', { source: { type: 'instance', name: 'shop-data' } }],
    ['an unknown source', { source: null }],
    [
      'another repository',
      { tags: [ours[0] ?? { key: '', value: '' }, { key: 'repository', value: 'a/b' }] },
    ],
    ['a person in the console', { tags: [] }],
    ['a person who set only the repository tag', { tags: ours.slice(1) }],
  ])('a snapshot of %s is not a candidate', (_, changes) => {
    expect(decide([snapshot('x', 100, changes)], circumstances())).toEqual([])
  })
})

describe('a deleted disk whose name another disk now has', () => {
  const old = { sourceArn: deletedArn }

  test('is ranked separately and keeps its last complete snapshot', () => {
    const all = [
      snapshot('a', 1),
      snapshot('b', 2),
      snapshot('old-failed', 30, { ...old, state: 'error' }),
      snapshot('old-a', 31, old),
      snapshot('old-b', 32, old),
    ]
    const decisions = decide(all, circumstances())
    expect(names(decisions, true)).toEqual(['a', 'old-a'])
    expect(decisions.find(({ snapshot: { name } }) => name === 'old-a')?.reason).toBe(
      'keep-last: 1 of 1 (of another disk that was called shop-data)',
    )
    const byAge = { keepLast: undefined, keepWithinMs: day }
    expect(names(decide(all, circumstances({ retention: byAge })), true)).toEqual(['a', 'old-a'])
  })

  test('is told apart even when both disks are gone', () => {
    const all = [snapshot('a', 1), snapshot('b', 2), snapshot('old-a', 31, old), snapshot('old-b', 32, old)]
    const lineage = lineageNamed('disk', 'shop-data')
    expect(names(decide(all, circumstances({ lineage })), true)).toEqual(['a', 'old-a'])
  })
})

test('the snapshots of a disk and of its replacement after a roll-back are ranked together', () => {
  const replacement = {
    source: { type: 'disk', name: 'shop-data-restored' },
    sourceArn: 'arn:disk:new',
  } as const
  const tags = [...ours, { key: 'lineage', value: 'shop-data' }]
  const all = [
    snapshot('new-a', 1, { ...replacement, tags }),
    snapshot('new-b', 2, { ...replacement, tags }),
    snapshot('a', 3),
    snapshot('b', 4),
  ]
  const lineage = { type: 'disk', name: 'shop-data', arn: liveArn, isReplaced: true } as const
  const retention = { keepLast: 3, keepWithinMs: undefined }
  expect(names(decide(all, circumstances({ lineage, retention })), true)).toEqual(['new-a', 'new-b', 'a'])
})

test('a complete snapshot without a date takes no rank', () => {
  const all = [snapshot('undated', 0, { createdAt: null }), snapshot('newest', 1), snapshot('older', 2)]
  expect(names(decide(all, circumstances()), true)).toEqual(['undated', 'newest'])
})

test.each<[string | undefined, Partial<DiskSnapshot>]>([
  [undefined, {}],
  ['now has the tag keep', { tags: [...ours, { key: 'Keep', value: undefined }] }],
  ['now is pending', { state: 'pending' }],
  ['now has no ARN', { arn: null }],
])('a last check before the deletion returns the reason to spare the snapshot: %s', (reason, changes) => {
  expect(reasonToSpare(snapshot('x', 9, changes))).toBe(reason)
})

const anyTags = fc.subarray<Tag>([
  ...ours,
  { key: 'repository', value: 'octo-org/other' },
  { key: 'kEEp', value: undefined },
  { key: 'managed-by', value: 'somebody' },
])
const anySnapshot: fc.Arbitrary<DiskSnapshot> = fc
  .record({
    days: fc.integer({ min: -2, max: 60 }),
    dated: fc.boolean(),
    state: fc.constantFrom<DiskSnapshot['state'][]>(
      'completed',
      'completed',
      'completed',
      'error',
      'pending',
    ),
    source: fc.constantFrom<DiskSnapshot['source'][]>(
      { type: 'disk', name: 'shop-data' },
      { type: 'disk', name: 'shop-data' },
      { type: 'disk', name: 'logs' },
      { type: 'instance', name: 'shop-data' },
      null,
    ),
    sourceArn: fc.constantFrom(liveArn, liveArn, deletedArn, null),
    tags: fc.oneof({ weight: 3, arbitrary: fc.constant(ours) }, { weight: 1, arbitrary: anyTags }),
    isAutomatic: fc.boolean(),
    name: fc.constantFrom(...'abcdefghijklmnop'),
  })
  .map(({ days, dated, ...rest }) =>
    snapshot(rest.name, days, { ...rest, ...(dated ? {} : { createdAt: null }) }),
  )
const anyAccount = fc.record({
  all: fc.uniqueArray(anySnapshot, { maxLength: 16, selector: ({ name }) => name }),
  keepLast: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  keepWithinMs: fc.option(fc.integer({ min: 1000, max: 40 * day }), { nil: undefined }),
  taken: fc.subarray([...'abcdefghijklmnop']),
})

test('retention deletes nothing that must stay in 10,000 random accounts', () => {
  fc.assert(
    fc.property(anyAccount, ({ all, keepLast, keepWithinMs, taken }) => {
      const justTaken = new Set(taken)
      const retention = { keepLast, keepWithinMs }
      const decisions = decide(all, circumstances({ retention, justTaken }))
      const going = decisions.filter(({ stays }) => !stays).map((decision) => decision.snapshot)
      const value = (one: DiskSnapshot, wanted: string) => one.tags.find(({ key }) => key === wanted)?.value
      const isCandidate = (one: DiskSnapshot) =>
        one.source?.type === 'disk' &&
        one.source.name === 'shop-data' &&
        value(one, 'managed-by') === 'lightsail-disk-snapshot' &&
        value(one, 'repository') === 'octo-org/web-shop'
      expect(decisions.map((decision) => decision.snapshot.name).sort()).toEqual(
        all
          .filter(isCandidate)
          .map(({ name }) => name)
          .sort(),
      )
      for (const one of going) {
        expect(isCandidate(one)).toBe(true)
        expect(['completed', 'error']).toContain(one.state)
        expect(one.tags.some(({ key }) => key.toLowerCase() === 'keep')).toBe(false)
        expect(one.isAutomatic).toBe(false)
        expect(justTaken.has(one.name)).toBe(false)
        expect(now - (one.createdAt?.getTime() ?? now)).toBeGreaterThanOrEqual(keepWithinMs ?? 0)
      }
      // For each deleted snapshot, at least keep-last (or one) newer complete snapshots of its group stay.
      const { lineage } = circumstances()
      const complete = decisions.filter(({ snapshot: { state } }) => state === 'completed')
      for (const one of going.filter(({ state }) => state === 'completed')) {
        const newer = complete.filter(
          ({ stays, snapshot: other }) =>
            stays &&
            groupOf(other, lineage) === groupOf(one, lineage) &&
            other.createdAt !== null &&
            other.createdAt.getTime() >= (one.createdAt?.getTime() ?? 0),
        )
        expect(newer.length).toBeGreaterThanOrEqual(keepLast ?? 1)
      }
    }),
    { numRuns: 10_000 },
  )
})
