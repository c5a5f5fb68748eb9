// Writes to a file a thousand times a second, and prints each time that a write had to wait, in milliseconds.
import { openSync, writeSync } from 'node:fs'

/** Shorter waits are the machine's. */
const shortestMs = 20
const file = openSync(process.argv[2] ?? '', 'a')
const sleeper = new Int32Array(new SharedArrayBuffer(4))
for (;;) {
  const startedAt = performance.now()
  writeSync(file, 'x')
  const waitedMs = performance.now() - startedAt
  if (waitedMs > shortestMs) writeSync(1, `${waitedMs}\n`)
  Atomics.wait(sleeper, 0, 0, 1)
}
