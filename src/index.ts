import { takeSnapshots } from './snapshot/action.js'
import { openDoor } from './workflow/door.js'

/** What `action.yml` starts: takes a snapshot before a deploy. */
export const snapshot = (): Promise<void> => openDoor(takeSnapshots)
