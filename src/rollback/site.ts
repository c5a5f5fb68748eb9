import { type Tagged, tagOf } from '../domain/tags.js'
import type { Disk } from '../lightsail/types.js'
import { type BroughtBack, intruderAt, isAt, type Resources, type RestorePlan } from './plan.js'
import { snapshotOf } from './swap-tags.js'

// The states of a site's instance and disks, in words for a person.

/** Returns the states of the instance and both disks. */
export function statesText(plan: RestorePlan, { restored, previous, instance }: Resources): string {
  const parts = [
    ...(plan.attachment === undefined
      ? []
      : [`instance "${plan.attachment.instanceName}" is ${instance?.state ?? 'not to be found'}`]),
    `the restored disk "${plan.diskName}" is ${diskText(restored, 'not there')}`,
    ...(plan.swap === undefined
      ? []
      : [`the previous disk "${plan.swap.previousDiskName}" is ${diskText(previous, 'not to be found')}`]),
  ]
  return `${parts.join('; ')}.`
}

function diskText(disk: Disk | undefined, missing: string): string {
  if (disk === undefined) return missing
  const { state, attachedTo, path } = disk
  return attachedTo === null
    ? `${state} and attached to nothing`
    : `${state}, attached to instance "${attachedTo}" at ${path ?? 'an unknown path'}`
}

/**
 * The state of the site, which comes first: nothing matters more to its owner. `isUncertain`: the resources are those from before
 * the instance was stopped.
 */
export function siteLines(
  site: BroughtBack | undefined,
  { attachment, swap }: Pick<RestorePlan, 'attachment' | 'swap'>,
  { instance, restored, previous }: Partial<Resources>,
  isUncertain: boolean,
): string[] {
  if (attachment === undefined || swap === undefined) return []
  const name = `instance "${attachment.instanceName}"`
  if (swap.wasRunning && instance?.state !== 'running') {
    return [`The site is down: ${name} is ${instance?.state ?? 'gone'}.`]
  }
  if (swap.wasRunning && isUncertain) {
    return [`The site may be down: ${name} was being stopped when its state could no longer be read.`]
  }
  const holder =
    [restored, previous].find((disk) => isAt(disk, attachment))?.name ??
    intruderAt(attachment, { instance }, [restored?.name, previous?.name])
  if (swap.wasRunning && holder === undefined) {
    return [`The site may not work: ${name} is running without a disk at ${attachment.path}.`]
  }
  if (site === undefined) return []
  if (site.disk !== 'previous') {
    return [
      `The roll-back failed: ${name} is ${instance?.state} with disk "${holder}" at ${attachment.path}.`,
    ]
  }
  const is = swap.wasRunning ? 'is running' : 'is stopped'
  return [
    `The roll-back failed, and everything is as before it: ${name} ${is} with the previous disk "${swap.previousDiskName}".`,
  ]
}

/** Describes by its tags who created a disk or an instance. */
export function creatorText(disk: Tagged): string {
  const [run, repository] = ['run-id', 'repository'].map((key) => tagOf(disk, key))
  const from = snapshotOf(disk)
  if (from === undefined) return 'which this action did not create'
  return `which run ${run ?? 'unknown'} of ${repository ?? 'an unknown repository'} created from snapshot "${from}"`
}
