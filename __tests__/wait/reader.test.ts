import { beforeEach, describe, expect, test } from '@jest/globals'
import { Reader } from '../../src/wait/reader.js'

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

describe('reading many things', () => {
  test('one is read alone', async () => {
    expect([...(await letters().read(['c'], patience)).keys()]).toEqual(['c'])
    expect(requests).toEqual(['c'])
  })

  test('several are read page by page, until all are found', async () => {
    expect([...(await letters().read(['b', 'g'], patience)).keys()]).toEqual(['b', 'g'])
    expect(requests).toEqual(['page 0', 'page 5'])
  })

  test('a few are read alone once it is known that they are on many pages', async () => {
    const reader = letters()
    await reader.read(['a', 'y'], patience)
    requests = []
    await reader.read(['a', 'b', 'y'], patience)
    expect(requests).toEqual(['a', 'b', 'y'])
  })

  test('what is not there is left out, alone and on the pages', async () => {
    expect((await letters().read(['z'], patience)).size).toBe(0)
    expect([...(await letters().read(['a', 'z'], patience)).keys()]).toEqual(['a'])
  })
})
