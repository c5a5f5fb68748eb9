import { awsCommand } from '../lightsail/commands.js'
import type { Tag } from '../lightsail/types.js'
import type { Place } from './plan.js'

// The commands of the AWS CLI for what this action does, for a person who does it by hand.

/** A command of the AWS CLI. */
export interface Command {
  readonly text: string
  /** A line of shell that ends when the command's work is done; the next one would be refused before. Empty if it is done at once. */
  readonly wait: string
}

export function stopCommand(region: string, instanceName: string): Command {
  return instanceCommand('stop-instance', region, instanceName, 'stopped')
}

export function startCommand(region: string, instanceName: string): Command {
  return instanceCommand('start-instance', region, instanceName, 'running')
}

/** A line of shell that ends when an instance is no longer starting. */
export function startedWait(region: string, instanceName: string): string {
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
  const lines = commands.flatMap(({ text, wait }, index) =>
    index < commands.length - 1 && wait !== '' ? [text, wait] : [text],
  )
  const all = [...(wait === undefined ? [] : [wait]), ...lines]
  return [...(all.length > 1 ? [noPages] : []), ...all].join('\n')
}

export function deleteCommand(region: string, diskName: string): string {
  return awsCommand('delete-disk', region, { 'disk-name': diskName })
}

/** The command that sets tags on a resource. Their values are names and ARNs: nothing in them divides for the CLI. */
export function tagCommand(region: string, resourceName: string, tags: readonly Tag[]): Command {
  const words = tags.map(({ key, value = '' }) => `key=${key},value=${value}`)
  const text = `${awsCommand('tag-resource', region, { 'resource-name': resourceName })} --tags ${words.join(' ')}`
  return { text, wait: '' }
}
