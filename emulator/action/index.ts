import { runAction } from '../../src/github/entry-point.js'

// What dist/ exports beside the doors of src/: the action that starts the emulator. Loaded only where it is used.

/** What `emulator/action.yml` starts: the emulator, for the steps behind it. */
export const emulator = (): Promise<void> =>
  runAction(async (step) => (await import('./start.js')).startRehearsal(step))

/** What `emulator/action.yml` runs when the job is over. */
export const emulatorStop = (): Promise<void> =>
  runAction(async (step) => (await import('./stop.js')).stopRehearsal(step))

/** What the process of the emulator runs. */
export const emulatorServer = async (): Promise<void> => (await import('./serve.js')).serveParent()
