/**
 * Returns a part of the items that still fails and in which no item can be left out (delta debugging: Zeller and Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", 2002).
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = items
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length; ) {
      const without = [...left.slice(0, start), ...left.slice(start + size)]
      if (await fails(without)) left = without
      else start += size
    }
  }
  return left
}
