import { describe, test } from '@jest/globals'

/**
 * Whether a process can handle a signal from another one. Not on Windows: there `kill` ends the process at once,
 * whatever the signal, and no handler runs. The runner sends Ctrl+C instead, which goes to a whole console.
 */
const hasSignals = process.platform !== 'win32'

/** For tests that cancel a step; reported as skipped if signals don't work. */
export const describeWithSignals = hasSignals ? describe : describe.skip
export const testWithSignals = hasSignals ? test : test.skip
