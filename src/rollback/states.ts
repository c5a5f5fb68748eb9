import type { Disk } from '../lightsail/types.js'
import { attachCommand, type Command, detachCommand, startCommand, stopCommand } from './commands.js'
import type { RestorePlan, World } from './plan.js'
import { recordCommands } from './record.js'
import type { Stage } from './stages.js'

/** What state everything is in, for a person: the instance, the restored disk, the disk that it replaces. */
export function statesText(plan: RestorePlan, { restored, previous, instance }: World): string {
  const parts = [
    ...(plan.place === undefined
      ? []
      : [`instance "${plan.place.instanceName}" is ${instance?.state ?? 'not to be found'}`]),
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

/** The commands that do by hand what is left, in order. None while the disk isn't created: the next attempt has to do that. */
export function finishCommands(plan: RestorePlan, stages: readonly Stage[], world: World): Command[] {
  const isMade = world.restored?.state === 'available' || world.restored?.state === 'in-use'
  if (!isMade) return []
  const commands: Command[] = []
  let ahead = world
  for (const stage of stages) {
    // Each goes by what the one before has changed: an instance that is to be stopped is to be started again.
    if (stage.command === undefined || stage.stateIn(ahead) === 'reached') continue
    commands.push(stage.command)
    ahead = stage.after(ahead)
  }
  const { swap, region, diskName } = plan
  return swap === undefined ? commands : [...commands, ...recordCommands(region, diskName, swap)]
}

/** The commands that make everything as it was before a swap; none where it is still so. */
export function undoCommands({ region, swap, place }: RestorePlan, world: World): Command[] {
  if (swap === undefined || place === undefined) return []
  const { restored, previous, instance } = world
  const isIn = (disk: Disk | undefined) => disk?.attachedTo === place.instanceName && disk.path === place.path
  const takesOut = isIn(restored)
  const putsBack = previous !== undefined && !isIn(previous)
  // File systems are mounted when the instance starts.
  const goesDown = (takesOut || putsBack) && instance?.state !== 'stopped'
  const isUp = instance?.state === 'running' || instance?.state === 'pending'
  const starts = swap.wasRunning && (goesDown || !isUp)
  return [
    ...(goesDown ? [stopCommand(region, place.instanceName)] : []),
    ...(takesOut && restored !== undefined ? [detachCommand(region, restored.name)] : []),
    ...(putsBack ? [attachCommand(region, previous.name, place)] : []),
    ...(starts ? [startCommand(region, place.instanceName)] : []),
  ]
}
