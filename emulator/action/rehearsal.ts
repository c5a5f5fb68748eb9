// Everything of a rehearsal in one module, so that the bundle has it in one chunk.
export { serveParent } from './serve.js'
export { startRehearsal } from './start.js'
export { stopRehearsal } from './stop.js'
