import { emulatorServer } from './index.js'
await emulatorServer()
