import type { Place } from './plan.js'

// The commands of the AWS CLI for what this action does, for a person who does it by hand.

export function stopCommand(region: string, instanceName: string): string {
  return `aws lightsail stop-instance --region ${region} --instance-name ${instanceName}`
}

export function startCommand(region: string, instanceName: string): string {
  return `aws lightsail start-instance --region ${region} --instance-name ${instanceName}`
}

export function attachCommand(region: string, diskName: string, { instanceName, path }: Place): string {
  return `aws lightsail attach-disk --region ${region} --disk-name ${diskName} --instance-name ${instanceName} --disk-path ${path}`
}

export function detachCommand(region: string, diskName: string): string {
  return `aws lightsail detach-disk --region ${region} --disk-name ${diskName}`
}

export function deleteCommand(region: string, diskName: string): string {
  return `aws lightsail delete-disk --region ${region} --disk-name ${diskName}`
}
