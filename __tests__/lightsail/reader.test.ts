import { beforeEach, describe, expect, test } from '@jest/globals'
import { Reader } from '../../src/lightsail/reader.js'
import { failureOf } from '../support/failure.js'

const patience = { untilMs: 60_000 }
let requests: string[]
beforeEach(() => {
  requests = []
})

/** A reader of the letters a to z, five on a page; the letter z isn't there. */
function letters(): Reader<string> {
  const all = [...'abcdefghijklmnopqrstuvwxy']
  return new Reader(
    async (key) => {
      requests.push(key)
      return all.find((letter) => letter === key)
    },
    async (pageToken = '0') => {
      requests.push(`page ${pageToken}`)
      const start = Number(pageToken)
      const nextPageToken = start + 5 < all.length ? String(start + 5) : undefined
      return { items: all.slice(start, start + 5), nextPageToken }
    },
    (letter) => letter,
  )
}

describe('reading many items', () => {
  test('one item is read by itself', async () => {
    expect([...(await letters().read(['c'], patience)).keys()]).toEqual(['c'])
    expect(requests).toEqual(['c'])
  })

  test('several are read page by page, until all are found', async () => {
    expect([...(await letters().read(['b', 'g'], patience)).keys()]).toEqual(['b', 'g'])
    expect(requests).toEqual(['page 0', 'page 5'])
  })

  test('a few are read one by one once the list is known to have many pages', async () => {
    const reader = letters()
    await reader.read(['a', 'y'], patience)
    requests = []
    await reader.read(['a', 'b', 'y'], patience)
    expect(requests).toEqual(['a', 'b', 'y'])
  })

  test('an item missing from an incomplete list is requested by itself', async () => {
    const reader = new Reader(
      async (key: string) => key,
      async () => ({ items: ['a', 'b'], nextPageToken: undefined }),
      (letter) => letter,
    )
    expect([...(await reader.read(['b', 'x', 'a'], patience)).keys()].sort()).toEqual(['a', 'b', 'x'])
  })

  test('reading stops if a list never ends', async () => {
    const reader = new Reader(
      async (key: string) => key,
      async () => ({ items: [], nextPageToken: 'again' }),
      (letter) => letter,
    )
    const failure = await failureOf(() => reader.read(['a', 'b'], patience))
    expect(failure.message).toBe('Lightsail gave the same page of a list twice.')
  })

  test('an empty token means that there is no other page', async () => {
    const reader = new Reader(
      async () => undefined,
      async () => ({ items: ['a'], nextPageToken: '' }),
      (letter) => letter,
    )
    expect([...(await reader.read(['a', 'b'], patience)).keys()]).toEqual(['a'])
  })

  test("an item that doesn't exist is left out, read by itself or in pages", async () => {
    expect((await letters().read(['z'], patience)).size).toBe(0)
    expect([...(await letters().read(['a', 'z'], patience)).keys()]).toEqual(['a'])
  })
})
