import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { requestedTags } from '../../emulator/service/limits.js'
import { hasTokenOf, ownTagKeys, ownTags, readUserTags } from '../../src/domain/tags.js'
import { exampleRun, exampleSha } from '../support/step.js'

const values = { ...exampleRun(), commitSha: exampleSha, clientToken: 'the-token' }

/** Passes tags to the emulator, which throws the error that the service would return. */
function accept(tags: readonly { key: string; value: string | undefined }[]): void {
  requestedTags({ tags: tags.map(({ key, value }) => (value === undefined ? { key } : { key, value })) })
}

function problemsOf(...items: string[]): string[] {
  return readUserTags(items).problems.map(({ item, problem }) => `${item} ${problem}`)
}

describe('the tags that every snapshot carries', () => {
  test('record the commit, repository, ref, run, actor, managing action and request', () => {
    expect(Object.fromEntries(ownTags(values).map(({ key, value }) => [key, value]))).toEqual({
      'commit-sha': exampleSha,
      repository: 'octo-org/web-shop',
      ref: 'refs/heads/main',
      workflow: 'Deploy',
      'run-id': '1658821493',
      'run-attempt': '1',
      actor: 'octocat',
      'managed-by': 'lightsail-disk-snapshot',
      'client-token': 'the-token',
    })
  })

  test('include lineage only if the disk replaced another one', () => {
    const keysOf = (lineage: string | undefined) => ownTags({ ...values, lineage }).map(({ key }) => key)
    expect(ownTags({ ...values, lineage: 'shop-data' }).at(-1)).toEqual({
      key: 'lineage',
      value: 'shop-data',
    })
    expect(keysOf(undefined)).not.toContain('lineage')
  })

  test("identify this request's snapshot by its client-token", () => {
    const requested = { tags: ownTags(values) }
    expect(hasTokenOf({ tags: ownTags({ ...values, runAttempt: '2' }) }, requested)).toBe(true)
    expect(hasTokenOf({ tags: ownTags({ ...values, clientToken: 'another' }) }, requested)).toBe(false)
    expect(hasTokenOf({ tags: [] }, requested)).toBe(false)
    expect(hasTokenOf({ tags: [] }, { tags: [] })).toBe(false)
  })

  test.each([
    ['dependabot[bot]', 'dependabot_bot_'],
    ['a,b;c', 'a_b_c'],
    ['Jürgen 字', 'Jürgen 字'],
    ['x'.repeat(300), 'x'.repeat(256)],
    [`${'x'.repeat(255)}𠀀`, 'x'.repeat(255)],
    ['', undefined],
  ])('store the actor %j as %j', (actor, value) => {
    expect(ownTags({ ...values, actor }).find(({ key }) => key === 'actor')).toEqual({ key: 'actor', value })
  })

  test('are accepted by the emulator for any ref, workflow and actor', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 })
    fc.assert(
      fc.property(text, text, text, (ref, workflow, actor) => {
        expect(() => accept(ownTags({ ...values, ref, workflow, actor }))).not.toThrow()
      }),
      { numRuns: 10_000 },
    )
  })
})

describe("a user's tags", () => {
  test('are split at the first =, and have no value without one', () => {
    expect(
      readUserTags(['stage=production', 'query=a=b', 'pinned', 'empty=', ' spaced = out ']).tags,
    ).toEqual([
      { key: 'stage', value: 'production' },
      { key: 'query', value: 'a=b' },
      { key: 'pinned', value: undefined },
      { key: 'empty', value: undefined },
      { key: 'spaced', value: 'out' },
    ])
  })

  test.each([
    ['=value', 'no key'],
    ['AWS:x=y', 'aws:'],
    ['aws:x', 'aws:'],
    ['a=b,c=d', '","'],
    ['a=b*c', '"*"'],
    ['k\u200b=v', 'one tag per line'],
    [`${'k'.repeat(129)}=v`, '129 characters; the most is 128'],
    [`k=${'v'.repeat(257)}`, '257 characters; the most is 256'],
  ])('%j is an error', (item, problem) => {
    expect(problemsOf(item)).toEqual([expect.stringContaining(problem)])
  })

  test.each([...ownTagKeys.keys()])('may not use the key %s', (key) => {
    expect(problemsOf(`${key}=mine`)).toEqual([expect.stringContaining('which this action sets itself')])
  })

  test('may not use a key twice', () => {
    expect(problemsOf('a=1', 'b=2', 'a=3')).toEqual(['a is the key of more than one tag'])
    expect(problemsOf('a=1', 'A=2')).toEqual([])
  })

  test('are limited to 40, because this action sets up to 10', () => {
    const items = Array.from({ length: 41 }, (_, index) => `key-${index}`)
    expect(problemsOf(...items)).toEqual([expect.stringContaining('a snapshot can have 40 tags')])
    expect(problemsOf(...items.slice(1))).toEqual([])
  })

  test('may be exactly as long as the limits', () => {
    const item = `${'k'.repeat(128)}=${'v'.repeat(256)}`
    expect(problemsOf(item)).toEqual([])
    accept(readUserTags([item]).tags)
  })

  const words = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9 +\-=._:/@]{0,20}$/),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('aws:x', 'commit-sha=x', 'a=1', '='),
  )

  test("are accepted by the emulator along with this action's tags, or reported as a problem", () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), (items) => {
        // As the list reader hands them on: trimmed, none blank.
        const { tags, problems } = readUserTags(items.map((item) => item.trim()).filter(Boolean))
        if (problems.length > 0) return
        accepted += 1
        expect(() => accept([...ownTags(values), ...tags])).not.toThrow()
      }),
      { numRuns: 10_000 },
    )
    expect(accepted).toBeGreaterThan(1000)
  })
})
