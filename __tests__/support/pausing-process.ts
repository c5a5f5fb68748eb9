// Pauses an instance, reports it, and then waits forever, so that a test can kill it like a runner. Its argument is the plan and
// the credentials, in JSON.
import { systemClock } from '../../src/basics/clock.js'
import { openSession } from '../../src/pause/session.js'

const { plan, access, temporaryFolder } = JSON.parse(process.argv[2] ?? '')
const log = { info() {}, group() {}, notice() {}, warning() {}, error() {}, debug() {}, mask() {} }
const session = await openSession(plan, access, {
  log,
  signal: new AbortController().signal,
  environment: process.env,
  clock: systemClock,
  temporaryFolder,
})
await session.begin()
console.log('paused')
setInterval(() => {}, 60_000)
