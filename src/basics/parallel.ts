import { withSignals } from './signals.js'

/**
 * Does the work for every item, at most `limit` at a time. The results are in the order of the items. When one fails, no other
 * is begun, those in progress are aborted by the signal that they get, and the first failure is thrown once all have ended.
 * That signal is aborted by `signal` as well.
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results = new Map<number, Result>()
  const failed = new AbortController()
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async (either: AbortSignal) => {
    for (const [index, item] of queue) {
      if (failed.signal.aborted) return
      try {
        results.set(index, await work(item, either))
      } catch (failure) {
        failures.push(failure)
        failed.abort()
      }
    }
  }
  await withSignals([signal, failed.signal], (either) =>
    Promise.all(Array.from({ length: Math.min(limit, items.length) }, () => worker(either))),
  )
  if (failures.length > 0) throw failures[0]
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
