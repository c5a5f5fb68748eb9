import type { Copyable } from '../basics/failure.js'
import { awsCommand } from '../lightsail/commands.js'
import type { Disk } from '../lightsail/types.js'
import type { Attachment, Resources, RestorePlan } from './plan.js'
import { recordCommands, replacementOf } from './record.js'
import type { Command, Sent, Stage } from './stage.js'

// AWS CLI commands for a person who does by hand what this action does.

export function stopCommand(region: string, instanceName: string): Command {
  return instanceCommand('stop-instance', region, instanceName, 'stopped')
}

export function startCommand(region: string, instanceName: string): Command {
  return instanceCommand('start-instance', region, instanceName, 'running')
}

/** A shell line that waits until an instance is no longer starting. */
function startedWait(region: string, instanceName: string): string {
  const query = stateQuery(region, instanceName)
  return `while [ "$(${query} --output text)" = pending ]; do sleep 5; done`
}

function stateQuery(region: string, instanceName: string): string {
  return `${awsCommand('get-instance-state', region, { 'instance-name': instanceName })} --query state.name`
}

function instanceCommand(command: string, region: string, instanceName: string, state: string): Command {
  return {
    text: awsCommand(command, region, { 'instance-name': instanceName }),
    wait: until(stateQuery(region, instanceName), state),
  }
}

export function attachCommand(region: string, diskName: string, { instanceName, path }: Attachment): Command {
  const more = { 'instance-name': instanceName, 'disk-path': path }
  // Its state may be in-use before it is attached.
  return diskCommand('attach-disk', region, { 'disk-name': diskName, ...more }, 'isAttached', 'True')
}

export function detachCommand(region: string, diskName: string): Command {
  return diskCommand('detach-disk', region, { 'disk-name': diskName }, 'state', 'available')
}

function diskCommand(
  command: string,
  region: string,
  options: Readonly<Record<'disk-name', string>>,
  member: 'state' | 'isAttached',
  value: string,
): Command {
  const look = awsCommand('get-disk', region, { 'disk-name': options['disk-name'] })
  return { text: awsCommand(command, region, options), wait: until(`${look} --query disk.${member}`, value) }
}

function until(query: string, state: string): string {
  return `until [ "$(${query} --output text)" = ${state} ]; do sleep 5; done`
}

// Version 2 of the AWS CLI pages long output, and would read the next lines as keys.
const noPages = 'export AWS_PAGER='

/** Returns the commands after `wait`, one after the other, to paste into a shell. */
export function inTurn(commands: readonly Command[], wait: string | undefined): string {
  const lines = commands.flatMap(({ text, wait }, index) =>
    index < commands.length - 1 && wait !== '' ? [text, wait] : [text],
  )
  const all = [...(wait === undefined ? [] : [wait]), ...lines]
  return [...(all.length > 1 ? [noPages] : []), ...all].join('\n')
}

export function deleteCommand(region: string, diskName: string): string {
  return awsCommand('delete-disk', region, { 'disk-name': diskName })
}

/** The commands that do the rest by hand. None while the disk isn't created: only the next attempt can do that. */
function finishCommands(plan: RestorePlan, stages: readonly Stage[], resources: Resources): Command[] {
  const isMade = resources.restored?.state === 'available' || resources.restored?.state === 'in-use'
  if (!isMade) return []
  const commands: Command[] = []
  let ahead = resources
  for (const stage of stages) {
    // Each depends on what the one before has changed: an instance that is stopped has to be started again.
    if (stage.command === undefined || stage.stateIn(ahead) === 'reached') continue
    commands.push(stage.command)
    ahead = stage.after(ahead)
  }
  const { swap, region, diskName } = plan
  return swap === undefined
    ? commands
    : [
        ...commands,
        ...recordCommands(region, replacementOf(diskName, swap)).map((text) => ({ text, wait: '' })),
      ]
}

/** The commands that undo a swap; none if there is nothing to undo. */
function undoCommands({ region, swap, attachment }: RestorePlan, resources: Resources): Command[] {
  if (swap === undefined || attachment === undefined) return []
  const { restored, previous, instance } = resources
  const isIn = (disk: Disk | undefined) =>
    disk?.attachedTo === attachment.instanceName && disk.path === attachment.path
  const takesOut = isIn(restored)
  const putsBack = previous !== undefined && !isIn(previous)
  // File systems are mounted when the instance starts.
  const goesDown = (takesOut || putsBack) && instance?.state !== 'stopped'
  const isUp = instance?.state === 'running' || instance?.state === 'pending'
  const starts = swap.wasRunning && (goesDown || !isUp)
  return [
    ...(goesDown ? [stopCommand(region, attachment.instanceName)] : []),
    ...(takesOut && restored !== undefined ? [detachCommand(region, restored.name)] : []),
    ...(putsBack ? [attachCommand(region, previous.name, attachment)] : []),
    ...(starts ? [startCommand(region, attachment.instanceName)] : []),
  ]
}

/** What a person can do instead of a rerun, ready to copy: finish by hand, or go back. */
export function commandsByHand(
  plan: RestorePlan,
  stages: readonly Stage[],
  current: Stage | undefined,
  sent: Sent,
  resources: Resources,
): { readonly copyables: readonly Copyable[]; readonly hint: string } {
  const { first, wait, start, startBack = start, mayBeRefused } = beginning(plan, current, sent, resources)
  const turn = `${wait === undefined ? '' : 'wait for the operation in progress, then '}run these one at a time`
  const stopping = resources.instance?.state === 'stopping' ? resources.instance : undefined
  const toCopy = (purpose: string, commands: readonly Command[], waitFirst?: string): Copyable[] =>
    commands.length === 0 ? [] : [{ purpose, language: 'sh', text: inTurn(commands, waitFirst) }]
  const from = (commands: readonly Command[]) => (commands.length === 0 ? [] : [...first, ...commands])
  return {
    copyables: [
      ...toCopy(
        'If the instance does not stop by itself',
        stopping === undefined ? [] : [forced(stopCommand(plan.region, stopping.name))],
      ),
      ...toCopy(`To finish by hand, ${turn}`, from(finishCommands(plan, stages, start)), wait),
      ...toCopy(`To go back to the previous disk, ${turn}`, from(undoCommands(plan, startBack)), wait),
    ],
    hint: mayBeRefused
      ? 'It does no harm if Lightsail refuses a command because there is nothing to do.'
      : '',
  }
}

interface Beginning {
  /** Commands to run first, whether they were carried out already or not. */
  readonly first: readonly Command[]
  readonly wait: string | undefined
  /** The states after that. */
  readonly start: Resources
  /** The same for going back, if unknown: the states that need the most commands. */
  readonly startBack?: Resources
  readonly mayBeRefused: boolean
}

/** The state in which work by hand begins: when the operation in progress has finished. */
function beginning(
  { region }: RestorePlan,
  stage: Stage | undefined,
  sent: Sent,
  resources: Resources,
): Beginning {
  const command = stage?.command
  const { instance } = resources
  const withInstance = (state: string): Resources => ({
    ...resources,
    instance: instance && { ...instance, state },
  })
  const sure = { first: [], mayBeRefused: false }
  if (instance?.state === 'pending') {
    // A start can fail; then the instance is stopped again.
    const wait = startedWait(region, instance.name)
    return {
      ...sure,
      wait,
      start: withInstance('stopped'),
      startBack: withInstance('running'),
      mayBeRefused: true,
    }
  }
  if (stage !== undefined && command !== undefined && sent !== 'no') {
    const start = stage.after(resources)
    return sent === 'uncertain'
      ? { first: [command], wait: undefined, start, mayBeRefused: true }
      : { ...sure, wait: command.wait, start }
  }
  if (instance?.state === 'stopping') {
    return { ...sure, wait: stopCommand(region, instance.name).wait, start: withInstance('stopped') }
  }
  if (stage !== undefined && command !== undefined && stage.stateIn(resources) === 'in progress') {
    return { ...sure, wait: command.wait, start: stage.after(resources) }
  }
  return { ...sure, wait: undefined, start: resources }
}

function forced({ text, wait }: Command): Command {
  return { text: `${text} --force`, wait }
}

/** How to look at the restored disk inside the instance, without writing to it. */
export function mountAdvice({ instanceName, path }: Attachment): string {
  return `Inside instance "${instanceName}", mount it read-only: sudo mkdir -p /mnt/restored && sudo mount -o ro,noload ${path} /mnt/restored (ext4; for XFS: -o ro,norecovery,nouuid; lsblk -f lists the device and its partitions). Its file system has the UUID of the original: don't reboot the instance while both are attached, least of all with a copy of a system disk.`
}

/** The failed restored disk, unless its tags are still needed: once the previous disk is detached, they say where it was. */
export function lostDisk({ swap }: RestorePlan, { restored, previous }: Resources): string | undefined {
  const isFirst = swap === undefined || previous?.attachedTo !== null
  return restored?.state === 'error' && isFirst ? restored.name : undefined
}

/** The command that deletes a failed disk. */
export function deleteFailed(region: string, diskName: string): Copyable {
  return { purpose: 'Delete the failed disk', language: 'sh', text: deleteCommand(region, diskName) }
}
