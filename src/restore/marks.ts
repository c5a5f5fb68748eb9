import type { Disk, Tag } from '../lightsail/types.js'
import { isMadeBy, ownTags, tagOf } from '../shared/tags.js'
import type { Run } from '../workflow/run.js'
import type { Place, Swap } from './plan.js'

/**
 * The tags that a restored disk carries beside those of every resource of this action. They are what a later attempt goes by:
 * it finds the disk again, and knows where it belongs when the current one is detached already.
 */
export const restoreTagKeys = new Set([
  'restored-from',
  'restored-for',
  'swap-instance',
  'swap-path',
  'swap-started',
])

/** What the tags of a restored disk are made of. */
export interface Marking {
  readonly run: Run
  readonly commitSha: string
  readonly snapshotName: string
  readonly sourceName: string | undefined
  readonly place: Place | undefined
  readonly swap: Swap | undefined
  readonly userTags: readonly Tag[]
}

/** Every tag of a restored disk, for the request that makes it. */
export function restoreTags(marking: Marking): Tag[] {
  const { run, commitSha, snapshotName, sourceName, place, swap, userTags } = marking
  const marks: readonly (readonly [string, string | undefined])[] = [
    ['restored-from', snapshotName],
    ['restored-for', sourceName],
    ...(swap === undefined || place === undefined
      ? []
      : ([
          ['swap-instance', place.instanceName],
          ['swap-path', place.path],
          ['swap-started', swap.wasRunning ? 'yes' : 'no'],
        ] as const)),
  ]
  const set = marks.flatMap(([key, value]) => (value === undefined ? [] : { key, value }))
  return [...ownTags({ ...run, commitSha }), ...set, ...userTags]
}

/** Whether this run of this repository made the disk, in whichever attempt. */
export function isOfRun(disk: Disk, run: Run): boolean {
  return isMadeBy(disk, run.repository) && tagOf(disk, 'run-id') === run.runId
}

/** Where a restored disk was to be swapped in when it was made. */
export function markedSwap(disk: Disk): { readonly place: Place; readonly wasRunning: boolean } | undefined {
  const [instanceName, path, started] = ['swap-instance', 'swap-path', 'swap-started'].map((key) =>
    tagOf(disk, key),
  )
  if (instanceName === undefined || path === undefined) return undefined
  return { place: { instanceName, path }, wasRunning: started !== 'no' }
}

/** Whose a disk is, as far as its tags tell. */
export function makerOf(disk: Disk): string {
  const [from, run, repository] = ['restored-from', 'run-id', 'repository'].map((key) => tagOf(disk, key))
  if (from === undefined) return 'which this action did not make'
  return `which run ${run ?? 'unknown'} of ${repository ?? 'an unknown repository'} made from snapshot "${from}"`
}
