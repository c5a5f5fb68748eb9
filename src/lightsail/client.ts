import type { Clock } from '../basics/clock.js'
import { changeRequests } from './changes.js'
import { type ConnectionOptions, openConnection } from './connection.js'
import { readRequests } from './reads.js'

/** Lightsail in one Region, with a method for each request. */
export type Lightsail = ReturnType<typeof openLightsail>

/** Opens Lightsail in a Region. Sends nothing yet. */
export function openLightsail(region: string, clock: Clock, options: ConnectionOptions = {}) {
  const connection = openConnection(region, clock, options)
  const { read: _read, change: _change, ...others } = connection
  return { ...others, ...readRequests(connection), ...changeRequests(connection) }
}
