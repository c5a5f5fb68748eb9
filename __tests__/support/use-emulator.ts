import { afterEach, beforeEach } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { clientEnvironment } from './emulated.js'

/** Before each test of the file, starts an emulator and points this process's AWS clients at it; closes it afterwards. */
export function useEmulator(start: () => Promise<Emulator>): void {
  const environmentBefore = { ...process.env }
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await start()
    Object.assign(process.env, clientEnvironment(emulator))
  })
  afterEach(async () => {
    process.env = { ...environmentBefore }
    await emulator.close()
  })
}
