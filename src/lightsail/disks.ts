import {
  AttachDiskCommand,
  CreateDiskFromSnapshotCommand,
  DetachDiskCommand,
  GetDiskCommand,
} from '@aws-sdk/client-lightsail'
import { readDisk, requestTags, resourceOperation } from './answers.js'
import type { Connection } from './connection.js'
import { orUndefined } from './errors.js'
import type { Patience } from './retry.js'
import type { Disk, Operation, Tag } from './types.js'

/** What a disk is made of. */
export interface DiskRequest {
  readonly diskName: string
  readonly snapshotName: string
  readonly availabilityZone: string
  readonly sizeInGb: number
  readonly tags: readonly Tag[]
}

/** Requests about block storage disks. Every method throws ServiceFailure. */
export interface DiskRequests {
  /** Undefined where there is no disk of that name. */
  getDisk(name: string, patience: Patience): Promise<Disk | undefined>
  /** Starts a disk made from a snapshot. Gives the operation on the disk. */
  createDiskFromSnapshot(request: DiskRequest, patience: Patience): Promise<Operation>
  attachDisk(diskName: string, instanceName: string, diskPath: string, patience: Patience): Promise<Operation>
  /** The service detaches a disk from a stopped instance only. */
  detachDisk(diskName: string, patience: Patience): Promise<Operation>
}

export function diskRequests({ region, read, change }: Connection): DiskRequests {
  return {
    async getDisk(name, patience) {
      const command = new GetDiskCommand({ diskName: name })
      const about = { operation: 'GetDisk', subject: `disk "${name}"` }
      const answer = await orUndefined(
        read(about, patience, (client, options) => client.send(command, options)),
      )
      return answer?.disk && readDisk({ name, ...answer.disk })
    },

    async createDiskFromSnapshot({ diskName, snapshotName, availabilityZone, sizeInGb, tags }, patience) {
      const command = new CreateDiskFromSnapshotCommand({
        diskName,
        diskSnapshotName: snapshotName,
        availabilityZone,
        sizeInGb,
        tags: requestTags(tags),
      })
      const about = { operation: 'CreateDiskFromSnapshot', subject: `disk "${diskName}"` }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return resourceOperation(operations, 'Disk', diskName, region)
    },

    async attachDisk(diskName, instanceName, diskPath, patience) {
      const command = new AttachDiskCommand({ diskName, instanceName, diskPath })
      const about = { operation: 'AttachDisk', subject: `disk "${diskName}"` }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return resourceOperation(operations, 'Disk', diskName, region)
    },

    async detachDisk(diskName, patience) {
      const command = new DetachDiskCommand({ diskName })
      const about = { operation: 'DetachDisk', subject: `disk "${diskName}"` }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return resourceOperation(operations, 'Disk', diskName, region)
    },
  }
}
