import type { Agents } from '../basics/agents.js'
import type { Clock } from '../basics/clock.js'
import { openConnection } from './connection.js'
import { type DiskRequests, diskRequests } from './disks.js'
import { type InstanceRequests, instanceRequests } from './instances.js'
import { type OperationRequests, operationRequests } from './operations.js'
import { type SnapshotRequests, snapshotRequests } from './snapshots.js'
import { type SourceRequests, sourceRequests } from './sources.js'

/** Lightsail in one Region, in this project's words. Every method that sends a request throws ServiceFailure. */
export interface Lightsail
  extends SnapshotRequests,
    SourceRequests,
    OperationRequests,
    DiskRequests,
    InstanceRequests {
  readonly region: string
  /** When the credentials end; undefined where nobody says, or where there are none. */
  credentialsExpireAt(): Promise<Date | undefined>
  /** Lets go of its connections. */
  close(): void
}

/** Opens Lightsail in a Region with the credentials of the AWS SDK's default chain. Sends nothing yet. */
export function openLightsail(region: string, clock: Clock, agents?: Agents): Lightsail {
  const connection = openConnection(region, clock, agents)
  const { credentialsExpireAt, close } = connection
  return {
    region,
    credentialsExpireAt,
    close,
    ...snapshotRequests(connection),
    ...sourceRequests(connection),
    ...operationRequests(connection),
    ...diskRequests(connection),
    ...instanceRequests(connection),
  }
}
