import { pruneSnapshots } from './actions/prune/action.js'
import { takeSnapshots } from './actions/snapshot/action.js'
import { waitForSnapshots } from './actions/wait/action.js'
import { runAction } from './github/entry-point.js'

// restore/ is loaded only when it is started: that keeps the start of the actions in front of a deploy short.

/** What `action.yml` starts: takes a snapshot before a deploy. */
export const snapshot = (): Promise<void> => runAction(takeSnapshots)

/** What `wait/action.yml` starts: waits for snapshots that an earlier step started. */
export const wait = (): Promise<void> => runAction(waitForSnapshots)

/** What `prune/action.yml` starts: deletes old snapshots by a retention rule. */
export const prune = (): Promise<void> => runAction(pruneSnapshots)

/** What `restore/action.yml` starts: rolls back to a snapshot. */
export const restore = (): Promise<void> =>
  runAction(async (step) => (await import('./actions/restore/action.js')).restore(step))
