import { type Copyable, Failure } from '../basics/failure.js'
import { tagLimits, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Tag } from '../lightsail/types.js'
import { type Command, tagCommand } from './commands.js'
import {
  abandonedTags,
  choiceTags,
  finishedTags,
  hasRoomForChoice,
  isChosenBy,
  replacedTags,
} from './marks.js'
import type { RestorePlan, Swap } from './plan.js'

type TagService = Pick<Lightsail, 'region' | 'tagResource' | 'getDiskSnapshot' | 'getDisk'>
type Tools = Pick<Step, 'run' | 'log'>

/** Marks the snapshot that this run has chosen, so that its next attempt continues with it and not with a newer one. */
export async function markChoice(
  { snapshot, isChosen }: RestorePlan,
  service: TagService,
  patience: Patience,
  { run, log }: Tools,
): Promise<void> {
  if (!isChosen || isChosenBy(snapshot, run)) return
  if (hasRoomForChoice(snapshot, tagLimits.perResource)) {
    await service.tagResource(snapshot.name, choiceTags(snapshot, run, true), patience)
  } else {
    log.warning(
      `Snapshot "${snapshot.name}" has no room for another tag. If this step doesn't finish, a rerun may choose a newer snapshot: give this one as snapshot-name then.`,
    )
  }
}

/** Takes the mark away. Without that the next attempt only looks at what has the place, so a failure is a warning. */
export async function unmarkChoice(
  { snapshot, isChosen }: RestorePlan,
  service: TagService,
  patience: Patience,
  { run, log }: Tools,
): Promise<void> {
  if (!isChosen) return
  try {
    const now = await service.getDiskSnapshot(snapshot.name, patience)
    if (now !== undefined && isChosenBy(now, run)) {
      await service.tagResource(now.name, choiceTags(now, run, false), patience)
    }
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    log.warning(
      `The tag roll-back-runs of snapshot "${snapshot.name}" could not be updated: ${error.message}`,
    )
  }
}

/**
 * Writes down that the new disk has taken the place of the previous one: from now on the name of the original means it. The
 * previous disk comes first, so that a swap which is cut off between the two is still known as begun. Returns when the tags
 * can be seen. Throws a Failure with the commands that do the same by hand.
 */
export async function recordSwap(
  diskName: string,
  swap: Swap,
  service: TagService,
  patience: Patience,
  { clock, log }: Pick<Step, 'clock' | 'log'>,
): Promise<void> {
  const writings: readonly (readonly [string, readonly Tag[]])[] = [
    [swap.previousDiskName, replacedTags(diskName)],
    [diskName, finishedTags(swap.original)],
  ]
  for (const [name, tags] of writings) {
    try {
      await service.tagResource(name, tags, patience)
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      // A previous disk that is gone needs no tag.
      if (name === diskName || error.errorClass !== 'not-found')
        throw notRecorded(diskName, swap, error, service.region)
    }
  }
  const untilMs = clock.monotonic() + hiddenMs
  while (!(await areVisible(writings, service, patience))) {
    if (clock.monotonic() >= untilMs || patience.signal?.aborted) {
      log.warning(
        `The tags that say that disk "${diskName}" replaces disk "${swap.original.name}" can't be seen yet. Start no deploy in the next minutes.`,
      )
      return
    }
    await clock.sleep(lookAgainMs, patience.signal).catch(() => {})
  }
}

/** How long tags may take to become visible, in milliseconds. */
const hiddenMs = 180_000
const lookAgainMs = 2000

/** Whether the disks show these tags; one that is gone needs to show none. */
async function areVisible(
  writings: readonly (readonly [string, readonly Tag[]])[],
  service: TagService,
  patience: Patience,
): Promise<boolean> {
  const seen = await Promise.all(
    writings.map(async ([name, tags]) => {
      const disk = await orServiceFailure(service.getDisk(name, patience))
      if (disk instanceof ServiceFailure) return false
      return disk === undefined || tags.every(({ key, value }) => tagOf(disk, key) === value)
    }),
  )
  return seen.every(Boolean)
}

/** The commands that do the same by hand. Without the ARN: it has the account id, which a log may mask. */
export function recordCommands(region: string, diskName: string, swap: Swap): Command[] {
  const original = { name: swap.original.name, arn: undefined }
  return [
    tagCommand(region, diskName, finishedTags(original)),
    tagCommand(region, swap.previousDiskName, replacedTags(diskName)),
  ]
}

function notRecorded(diskName: string, swap: Swap, cause: ServiceFailure, region: string): Failure {
  const commands = recordCommands(region, diskName, swap).map(({ text }) => text)
  const copyable: Copyable = { purpose: 'Write the tags', language: 'sh', text: commands.join('\n') }
  return new Failure(
    `The roll-back took place, and disk "${diskName}" is in use. But the tags that say that it replaces disk "${swap.original.name}" could not be written: ${cause.message}`,
    `Until they are, the next deploy takes snapshots of the wrong disk. Write the tags with the commands below, or rerun this job: it rolls back once more and writes them. ${cause.advice}`,
    { cause, copyables: [copyable, ...cause.copyables] },
  )
}

/** Notes that a swap came to nothing. It is only a help for later steps: what goes wrong here doesn't matter. */
export async function abandonSwap(diskName: string, service: TagService, patience: Patience): Promise<void> {
  await orServiceFailure(service.tagResource(diskName, abandonedTags, { ...patience, attempts: 3 }))
}
