// Loaded before an action by `node --import`: sets its clock ahead, as on a runner with a wrong clock.
import process from 'node:process'

const aheadMs = Number(process.env['CLOCK_AHEAD_MS'])
const realNow = Date.now.bind(Date)
Date.now = () => realNow() + aheadMs
globalThis.Date = new Proxy(Date, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [Date.now()] : given, newTarget),
})
