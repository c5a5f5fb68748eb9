import type { Agents } from '../basics/agents.js'
import type { Clock } from '../basics/clock.js'
import { type Lightsail, lightsailOver } from './client.js'
import { openConnection } from './connection.js'
import { type DiskRequests, diskRequests } from './disks.js'
import { type InstanceRequests, instanceRequests } from './instances.js'

/** Lightsail with the requests that change disks and instances. Apart, so that a snapshot doesn't pay for loading them. */
export interface LightsailMachines extends Lightsail, DiskRequests, InstanceRequests {}

/** Opens Lightsail as `openLightsail` does, with the requests about disks and instances. */
export function openLightsailMachines(region: string, clock: Clock, agents?: Agents): LightsailMachines {
  const connection = openConnection(region, clock, agents)
  return { ...lightsailOver(connection), ...diskRequests(connection), ...instanceRequests(connection) }
}
