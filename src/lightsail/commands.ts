import type { Copyable } from '../basics/failure.js'
import { snapshotTypes } from './snapshot-types.js'
import type { SnapshotType, Tag } from './types.js'

// AWS CLI commands for a person who does by hand what this action does.

/** Returns an `aws lightsail` command with these options, quoted for the shell. */
export function awsCommand(
  command: string,
  region: string,
  options: Readonly<Record<string, string>>,
): string {
  const given = Object.entries({ region, ...options }).map(([name, value]) => `--${name}${shellValue(value)}`)
  return `aws lightsail ${command} ${given.join(' ')}`
}

function shellValue(text: string): string {
  return /^[\w/][\w./:-]*$/.test(text) ? ` ${text}` : `='${text.replaceAll("'", "'\\''")}'`
}

/** The command that shows a snapshot. */
export function lookCommand(region: string, snapshotName: string, type: SnapshotType = 'disk'): string {
  return snapshotCommand('get', region, snapshotName, type)
}

function snapshotCommand(verb: string, region: string, snapshotName: string, type: SnapshotType): string {
  const { noun } = snapshotTypes[type]
  return awsCommand(`${verb}-${noun}`, region, { [`${noun}-name`]: snapshotName })
}

/** The same, to copy. */
export function lookAt(region: string, snapshotName: string, type?: SnapshotType): Copyable {
  return { purpose: 'Show the snapshot', language: 'sh', text: lookCommand(region, snapshotName, type) }
}

/** The command that deletes a snapshot, to copy. */
export function deleteFailed(region: string, snapshotName: string, type: SnapshotType = 'disk'): Copyable {
  const text = snapshotCommand('delete', region, snapshotName, type)
  return { purpose: 'Delete the failed snapshot', language: 'sh', text }
}

/** The command that sets tags on a resource. Their values are names and ARNs, which need no quoting. */
export function tagCommand(region: string, resourceName: string, tags: readonly Tag[]): string {
  const words = tags.map(({ key, value = '' }) => `key=${key},value=${value}`)
  return `${awsCommand('tag-resource', region, { 'resource-name': resourceName })} --tags ${words.join(' ')}`
}
