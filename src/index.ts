import { takeSnapshots } from './actions/snapshot/action.js'
import { waitForSnapshots } from './actions/wait/action.js'
import { openDoor } from './github/entry-point.js'

// What stands in front of a deploy is loaded at once; the others only when they are started, so that they cost it nothing.

/** What `action.yml` starts: takes a snapshot before a deploy. */
export const snapshot = (): Promise<void> => openDoor(takeSnapshots)

/** What `wait/action.yml` starts: waits for snapshots that an earlier step started. */
export const wait = (): Promise<void> => openDoor(waitForSnapshots)

/** What `prune/action.yml` starts: deletes old snapshots by a retention rule. */
export const prune = (): Promise<void> =>
  openDoor(async (step) => (await import('./actions/prune/action.js')).pruneSnapshots(step))

/** What `restore/action.yml` starts: rolls back to a snapshot. */
export const restore = (): Promise<void> =>
  openDoor(async (step) => (await import('./actions/restore/action.js')).restoreDisk(step))
