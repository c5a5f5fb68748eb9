import { emulatorStop } from './index.js'
await emulatorStop()
