import { awsCommand } from '../lightsail/commands.js'
import type { Place } from './plan.js'

// The commands of the AWS CLI for what this action does, for a person who does it by hand.

/** One that Lightsail only begins when it answers. */
export interface Command {
  readonly text: string
  /** A line of shell that ends when the command's work is done: the next one would be refused before. */
  readonly wait: string
}

export function stopCommand(region: string, instanceName: string): Command {
  return instanceCommand('stop-instance', region, instanceName, 'stopped')
}

export function startCommand(region: string, instanceName: string): Command {
  return instanceCommand('start-instance', region, instanceName, 'running')
}

function instanceCommand(command: string, region: string, instanceName: string, state: string): Command {
  const options = { 'instance-name': instanceName }
  return {
    text: awsCommand(command, region, options),
    wait: until(`${awsCommand('get-instance-state', region, options)} --query state.name`, state),
  }
}

export function attachCommand(region: string, diskName: string, { instanceName, path }: Place): Command {
  const more = { 'instance-name': instanceName, 'disk-path': path }
  // Its state may say in-use before it is attached.
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

// Version 2 of the AWS CLI shows a long answer page by page, and would take the next lines for its keys.
const noPages = 'export AWS_PAGER='

/** All of these, one after the other and behind `wait`, for a shell that they are pasted into. */
export function inTurn(commands: readonly Command[], wait: string | undefined): string {
  const lines = commands.flatMap((command, place) =>
    place < commands.length - 1 ? [command.text, command.wait] : [command.text],
  )
  const all = [...(wait === undefined ? [] : [wait]), ...lines]
  return [...(all.length > 1 ? [noPages] : []), ...all].join('\n')
}

export function deleteCommand(region: string, diskName: string): string {
  return awsCommand('delete-disk', region, { 'disk-name': diskName })
}
