import { describe, expect, test } from '@jest/globals'
import { arnOf, readWholeList } from '../../src/lightsail/pages.js'
import type { Page } from '../../src/lightsail/types.js'
import { failureOf } from '../support/failure.js'

interface Thing {
  readonly arn: string | null
  readonly name: string
}

/** Letters as items, each with its own ARN. */
function things(letters: string): Thing[] {
  return [...letters].map((name) => ({ name, arn: `arn:${name}` }))
}

/** A list that shows different pages in each read, and the last ones forever. Counts the requests. */
class List {
  requests = 0
  #reads = 0
  readonly #pagesByRead: readonly (readonly (readonly Thing[])[])[]

  constructor(...pagesByRead: readonly (readonly (readonly Thing[])[])[]) {
    this.#pagesByRead = pagesByRead
  }

  readonly readPage = async (token: string | undefined): Promise<Page<Thing>> => {
    this.requests += 1
    if (token === undefined) this.#reads += 1
    const pages = this.#pagesByRead[Math.min(this.#reads, this.#pagesByRead.length) - 1] ?? []
    const page = Number(token ?? 0)
    return {
      items: pages[page] ?? [],
      nextPageToken: page + 1 < pages.length ? String(page + 1) : undefined,
    }
  }
}

async function namesIn(list: List): Promise<string> {
  return (await readWholeList(list.readPage, arnOf)).map(({ name }) => name).join('')
}

describe('a whole list', () => {
  test('is read twice if nothing changes, every page of it', async () => {
    const list = new List([things('ab'), things('c')])
    expect(await namesIn(list)).toBe('abc')
    expect(list.requests).toBe(4)
  })

  test('that is empty is read twice as well', async () => {
    const list = new List([[]])
    expect(await namesIn(list)).toBe('')
    expect(list.requests).toBe(2)
  })

  test('has each item once, however often a read shows it', async () => {
    expect(await namesIn(new List([things('ab'), things('bc'), things('c')]))).toBe('abc')
  })

  test('has the item that one read skipped between two pages', async () => {
    // An item at the front was deleted between the pages: "c" moved to the page that had been read.
    const list = new List([things('ab'), things('d')], [things('bc'), things('d')])
    expect(await namesIn(list)).toBe('bcd')
    expect(list.requests).toBe(6)
  })

  test('agrees with the read before it, not with an earlier one', async () => {
    const [ab, abc] = [[things('ab')], [things('abc')]]
    const list = new List(ab, abc, ab, ab)
    expect(await namesIn(list)).toBe('ab')
    expect(list.requests).toBe(4)
  })

  test('distinguishes by ARN two items that had one name at different times', async () => {
    const old = [{ name: 'a', arn: 'arn:old' }]
    const list = new List([old], [things('a')])
    expect(await readWholeList(list.readPage, arnOf)).toEqual(things('a'))
    expect(list.requests).toBe(3)
  })

  test('goes by name if the service gives no ARN', async () => {
    const nameless = [
      { name: 'a', arn: null },
      { name: 'b', arn: null },
    ]
    expect(await namesIn(new List([nameless, nameless]))).toBe('ab')
  })

  test('shows the items as in the last read', async () => {
    const list = new List([[{ name: 'before', arn: 'arn:x' }]], [[{ name: 'after', arn: 'arn:x' }]])
    expect(await namesIn(list)).toBe('after')
  })

  test('is an error after five reads, none of which agrees with the one before', async () => {
    const list = new List(...['a', 'ab', 'b', 'bc', 'c', 'c'].map((letters) => [things(letters)]))
    const failure = await failureOf(() => readWholeList(list.readPage, arnOf))
    expect(failure.message).toContain("Lightsail's list changed during each of 5 reads")
    expect(list.requests).toBe(5)
  })

  test('is complete if the fifth read confirms the fourth', async () => {
    const list = new List(...['a', 'ab', 'b', 'bc', 'bc'].map((letters) => [things(letters)]))
    expect(await namesIn(list)).toBe('bc')
  })

  test('of 500 pages is read; one page more is an error', async () => {
    const pages = Array.from({ length: 500 }, (_, page) => [{ name: `n${page}`, arn: `arn:${page}` }])
    expect(await readWholeList(new List(pages).readPage, arnOf)).toHaveLength(500)
    const list = new List([...pages, things('x')])
    const failure = await failureOf(() => readWholeList(list.readPage, arnOf))
    expect(failure.message).toBe('Lightsail gave a list of more than 500 pages.')
    expect(list.requests).toBe(500)
  })

  test('that gives a page token twice is an error', async () => {
    const again = async () => ({ items: things('a'), nextPageToken: 'again' })
    const failure = await failureOf(() => readWholeList(again, arnOf))
    expect(failure.message).toBe('Lightsail gave the same page of a list twice.')
  })

  test("that can't be read fails with the request's error", async () => {
    await expect(readWholeList(() => Promise.reject(new Error('refused')), arnOf)).rejects.toThrow('refused')
  })
})
