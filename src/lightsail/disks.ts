import {
  AttachDiskCommand,
  CreateDiskFromSnapshotCommand,
  DetachDiskCommand,
  GetDiskCommand,
  GetDisksCommand,
} from '@aws-sdk/client-lightsail'
import { textMember } from '../basics/member.js'
import { readDisk, requestTags, resourceOperation } from './answers.js'
import type { Connection } from './connection.js'
import { explain, orUndefined, ServiceFailure } from './errors.js'
import type { Patience } from './retry.js'
import type { Disk, Operation, Page, Tag } from './types.js'

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
  /** Every disk of the account in the Region, as `getDisk` describes one. */
  listDisks(pageToken: string | undefined, patience: Patience): Promise<Page<Disk>>
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

    async listDisks(pageToken, patience) {
      const command = new GetDisksCommand(pageToken === undefined ? {} : { pageToken })
      const about = { operation: 'GetDisks', subject: 'the disks' }
      const { disks, nextPageToken } = await read(about, patience, (client, options) =>
        client.send(command, options),
      )
      return { items: (disks ?? []).flatMap((disk) => readDisk(disk) ?? []), nextPageToken }
    },

    async createDiskFromSnapshot({ diskName, snapshotName, availabilityZone, sizeInGb, tags }, patience) {
      const command = new CreateDiskFromSnapshotCommand({
        diskName,
        diskSnapshotName: snapshotName,
        availabilityZone,
        sizeInGb,
        tags: requestTags(tags),
      })
      const about = {
        operation: 'CreateDiskFromSnapshot',
        subject: `disk "${diskName}"`,
        explain: (thrown: unknown) => explainCreate(thrown, diskName, snapshotName, region),
      }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return resourceOperation(operations, 'Disk', diskName, region)
    },

    async attachDisk(diskName, instanceName, diskPath, patience) {
      const command = new AttachDiskCommand({ diskName, instanceName, diskPath })
      const about = {
        operation: 'AttachDisk',
        subject: `disk "${diskName}"`,
        explain: (thrown: unknown) => explainAttach(thrown, diskName, instanceName, region),
      }
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

/** What isn't there is the snapshot; a taken name is the disk's own. */
function explainCreate(
  thrown: unknown,
  diskName: string,
  snapshotName: string,
  region: string,
): ServiceFailure {
  const about = { operation: 'CreateDiskFromSnapshot', region }
  const failure = explain(thrown, { ...about, subject: `disk "${diskName}"` })
  if (failure.errorClass === 'not-found') {
    const { message } = explain(thrown, { ...about, subject: `snapshot "${snapshotName}"` })
    return new ServiceFailure('not-found', message, 'Check that nobody has deleted the snapshot.', thrown)
  }
  if (failure.errorClass !== 'name-taken') return failure
  const advice = 'Nothing was made, and what has the name is untouched. Give the disk another name.'
  return new ServiceFailure('name-taken', failure.message, advice, thrown)
}

/** What is "already in use" for an attachment is the path, not a name. */
function explainAttach(
  thrown: unknown,
  diskName: string,
  instanceName: string,
  region: string,
): ServiceFailure {
  const about = { operation: 'AttachDisk', subject: `disk "${diskName}"`, region }
  const failure = explain(thrown, about)
  if (failure.errorClass !== 'name-taken') return failure
  return new ServiceFailure(
    'invalid',
    `Lightsail in ${region} refused AttachDisk for disk "${diskName}": ${textMember(thrown, 'message')}`,
    `Give a path that is free on instance "${instanceName}".`,
    thrown,
  )
}
