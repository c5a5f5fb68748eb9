import { choiceTags, hasRoomForChoice, isChosenBy, tagLimits } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import { snapshotTypes } from '../lightsail/snapshot-types.js'
import type { RestorePlan } from './plan.js'
import { becomesVisible } from './visibility.js'

// The tag on a snapshot that says which run has chosen it and hasn't finished its roll-back.

type ChoiceService = Pick<Lightsail, 'tagResource' | 'getDiskSnapshot' | 'getInstanceSnapshot'>
type Choice = Pick<RestorePlan, 'snapshot' | 'isChosen'>
type Tools = Pick<Step, 'run' | 'log'>

/** Tags the snapshot that this run has chosen, so that its next attempt uses it and not a newer one. */
export async function tagChoice(
  { snapshot, isChosen }: Choice,
  service: ChoiceService,
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

/** Removes that tag. The next attempt also looks at the disk in use, so a failure is only a warning. */
export async function untagChoice(
  { snapshot, isChosen }: Choice,
  service: ChoiceService,
  patience: Patience,
  { run, log, clock }: Tools & Pick<Step, 'clock'>,
): Promise<void> {
  if (!isChosen) return
  try {
    const { get } = snapshotTypes[snapshot.type]
    const now = await service[get](snapshot.name, patience)
    if (now === undefined || !isChosenBy(now, run)) return
    await service.tagResource(now.name, choiceTags(now, run, false), patience)
    // Another run's roll-back changes the value that it sees, and would bring this run's part of it back.
    await becomesVisible(
      async () => {
        const seen = await service[get](now.name, patience)
        return seen === undefined || !isChosenBy(seen, run)
      },
      patience,
      clock,
    )
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error
    log.warning(
      `The tag roll-back-runs of snapshot "${snapshot.name}" could not be updated: ${error.message}`,
    )
  }
}
