import { awsCommand } from '../lightsail/commands.js'
import type { Place } from './plan.js'

// The commands of the AWS CLI for what this action does, for a person who does it by hand.

export function stopCommand(region: string, instanceName: string): string {
  return awsCommand('stop-instance', region, { 'instance-name': instanceName })
}

export function startCommand(region: string, instanceName: string): string {
  return awsCommand('start-instance', region, { 'instance-name': instanceName })
}

export function attachCommand(region: string, diskName: string, { instanceName, path }: Place): string {
  return awsCommand('attach-disk', region, {
    'disk-name': diskName,
    'instance-name': instanceName,
    'disk-path': path,
  })
}

export function detachCommand(region: string, diskName: string): string {
  return awsCommand('detach-disk', region, { 'disk-name': diskName })
}

export function deleteCommand(region: string, diskName: string): string {
  return awsCommand('delete-disk', region, { 'disk-name': diskName })
}
