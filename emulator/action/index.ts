import { runAction } from '../../src/github/entry-point.js'

// Exports of dist/ in addition to those of src/index.ts. The emulator is loaded only when it is used.

/** The entry of `emulator/action.yml`: starts the emulator for the next steps. */
export const emulator = (): Promise<void> =>
  runAction(async (step) => (await import('./rehearsal.js')).startRehearsal(step))

/** The last step of `emulator/action.yml`, at the end of the job. */
export const emulatorStop = (): Promise<void> =>
  runAction(async (step) => (await import('./rehearsal.js')).stopRehearsal(step))

/** The entry of the emulator's process. */
export const emulatorServer = async (): Promise<void> => (await import('./rehearsal.js')).serveParent()
