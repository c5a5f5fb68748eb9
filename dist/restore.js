import { restore } from './index.js'
await restore()
