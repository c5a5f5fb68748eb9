import { expect, test } from '@jest/globals'
import { Failure, throwAll } from '../../src/basics/failure.js'
import { mapBounded } from '../../src/basics/parallel.js'
import { failureOf } from '../support/failure.js'

test('throwAll throws nothing for none, a single failure unchanged, and one that names each of several', async () => {
  expect(() => throwAll([])).not.toThrow()
  const first = new Failure('The first failed.', 'Look.')
  expect(await failureOf(() => throwAll([first]))).toBe(first)
  const all = [first, new Failure('The second failed.', 'Look.'), new Failure('The third failed.', 'Ask.')]
  const failure = await failureOf(() => throwAll(all))
  expect(failure.message).toBe('The first failed.\nThe second failed.\nThe third failed.')
  expect(failure.advice).toBe('Look. Ask.')
})

test('combined failures count as missing if one of them does', async () => {
  const [found, missing] = [new Failure('a', 'b'), new Failure('c', 'd', { isMissing: true })]
  expect((await failureOf(() => throwAll([found, missing]))).isMissing).toBe(true)
  expect((await failureOf(() => throwAll([found, new Failure('e', 'f')]))).isMissing).toBe(false)
})

test('combined failures list each copyable once, with the commands for one purpose together', async () => {
  const look = (text: string) => ({ purpose: 'Look', language: 'sh', text }) as const
  const step = { purpose: 'Step', language: 'yaml', text: 'a: 1' } as const
  const options = (text: string) => ({ copyables: [look(text), step] })
  const all = ['one', 'two', 'one'].map((text, index) => new Failure(`${index}`, text, options(text)))
  const more = { ...step, text: 'b: 2' }
  const failure = await failureOf(() => throwAll(all, [more, more]))
  expect(failure.copyables).toEqual([look('one\ntwo'), step, more])
  expect(failure.advice).toBe('one two')
})

test('work is done a few at a time, and its results keep the order of the items', async () => {
  let [running, most] = [0, 0]
  const results = await mapBounded([30, 10, 20, 0, 5], 2, async (ms) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, ms))
    running -= 1
    return ms
  })
  expect([results, most]).toEqual([[30, 10, 20, 0, 5], 2])
  expect(await mapBounded([], 2, async (item) => item)).toEqual([])
})
