import { describe, test } from '@jest/globals'

/**
 * Whether one process can send another a signal that it hears. Not on Windows: there `kill` ends the process at once,
 * whatever the signal, and no handler runs. What the runner sends instead, Ctrl+C, goes to a whole console.
 */
const hasSignals = process.platform !== 'win32'

/** For tests of what a step does when it is cancelled; reported as skipped where it can't be. */
export const describeWithSignals = hasSignals ? describe : describe.skip
export const testWithSignals = hasSignals ? test : test.skip
