import type { Agents } from '../basics/agents.js'
import type { Clock } from '../basics/clock.js'
import { type Connection, openConnection } from './connection.js'
import { type OperationRequests, operationRequests } from './operations.js'
import type { Patience } from './retry.js'
import { type SnapshotRequests, snapshotRequests } from './snapshots.js'
import { type SourceRequests, sourceRequests } from './sources.js'

/** Lightsail in one Region, in this project's words. Every method that sends a request throws ServiceFailure. */
export interface Lightsail extends SnapshotRequests, SourceRequests, OperationRequests {
  readonly region: string
  /** When the credentials end; undefined where nobody says, or where there are none. */
  credentialsExpireAt(patience: Patience): Promise<Date | undefined>
  /** Lets go of its connections. */
  close(): void
}

/** Opens Lightsail in a Region with the credentials of the AWS SDK's default chain. Sends nothing yet. */
export function openLightsail(region: string, clock: Clock, agents?: Agents): Lightsail {
  return lightsailOver(openConnection(region, clock, agents))
}

/** The requests of every action over a connection. */
export function lightsailOver(connection: Connection): Lightsail {
  const { region, credentialsExpireAt, close } = connection
  return {
    region,
    credentialsExpireAt,
    close,
    ...snapshotRequests(connection),
    ...sourceRequests(connection),
    ...operationRequests(connection),
  }
}
