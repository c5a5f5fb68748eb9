import { describe, expect, test } from '@jest/globals'
import { mapBounded } from '../../src/basics/parallel.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('work for many items', () => {
  test('runs in parallel up to the limit, with the results in order', async () => {
    let running = 0
    let most = 0
    const results = await mapBounded([5, 1, 4, 2, 3], 3, async (item) => {
      running += 1
      most = Math.max(most, running)
      for (let turns = 0; turns < item; turns += 1) await turn()
      running -= 1
      return item * 10
    })
    expect(results).toEqual([50, 10, 40, 20, 30])
    expect(most).toBe(3)
  })

  test('stops after a failure, which is thrown once the work in progress has finished', async () => {
    const begun: number[] = []
    const told: number[] = []
    const work = async (item: number, signal: AbortSignal) => {
      begun.push(item)
      if (item === 1) throw new Error('the first')
      await turn()
      if (signal.aborted) told.push(item)
      throw new Error('a later one')
    }
    await expect(mapBounded([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('the first')
    expect([begun, told]).toEqual([[1, 2], [2]])
  })
})
