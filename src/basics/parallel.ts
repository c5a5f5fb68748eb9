/**
 * Does the work for every item, at most `limit` at a time. The results are in the order of the items. Where one fails no
 * other is begun, those under way are told by the signal that they get, and the first failure is thrown when all are over.
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>()
  const failed = new AbortController()
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [place, item] of queue) {
      if (failed.signal.aborted) return
      try {
        results.set(place, await work(item, failed.signal))
      } catch (failure) {
        failures.push(failure)
        failed.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}

/** A signal that is aborted by either. */
export function eitherSignal(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal === undefined ? other : AbortSignal.any([signal, other])
}
