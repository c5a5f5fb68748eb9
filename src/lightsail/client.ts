import {
  AttachDiskCommand,
  CreateDiskFromSnapshotCommand,
  CreateDiskSnapshotCommand,
  DeleteDiskSnapshotCommand,
  DetachDiskCommand,
  GetDiskCommand,
  GetDiskSnapshotCommand,
  GetDiskSnapshotsCommand,
  GetDisksCommand,
  GetInstanceAccessDetailsCommand,
  GetInstanceCommand,
  GetInstancesCommand,
  GetOperationCommand,
  GetOperationsCommand,
  GetOperationsForResourceCommand,
  StartInstanceCommand,
  StopInstanceCommand,
  TagResourceCommand,
} from '@aws-sdk/client-lightsail'
import type { Clock } from '../basics/clock.js'
import { type ConnectionOptions, openConnection } from './connection.js'
import { explainAttach, explainDiskCreation, explainSnapshotCreation, orUndefined } from './errors.js'
import {
  pageOf,
  readAccess,
  readDisk,
  readInstance,
  readOperation,
  readSnapshot,
  requestTags,
  resourceOperation,
  snapshotOperation,
} from './responses.js'
import type { Patience } from './retry.js'
import {
  type Disk,
  type DiskSnapshot,
  type Instance,
  type InstanceAccess,
  type Operation,
  type Page,
  type Source,
  subjectOf,
  type Tag,
} from './types.js'

/** The source, name and tags of a new snapshot. */
export interface SnapshotRequest {
  readonly source: Source
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}

/** How to create a disk from a snapshot. */
export interface DiskRequest {
  readonly diskName: string
  readonly snapshotName: string
  readonly availabilityZone: string
  readonly sizeInGb: number
  readonly tags: readonly Tag[]
}

/** Lightsail in one Region. Every method that sends a request throws ServiceFailure. */
export interface Lightsail {
  readonly region: string
  /**
   * The service's time now, in milliseconds since the epoch: the `Date` of its last response, plus what has passed since. Undefined
   * before the first response. A runner's clock can be wrong by days without a request being refused for good.
   */
  serviceTime(): number | undefined
  /** When the credentials expire; undefined if that is unknown, or if they renew themselves. */
  readonly credentialsExpireAt: Date | undefined
  /** Closes its connections. */
  close(): void

  // These return undefined if there is no such resource.
  getDisk(name: string, patience: Patience): Promise<Disk | undefined>
  getInstance(name: string, patience: Patience): Promise<Instance | undefined>
  /** Temporary credentials for SSH. */
  getInstanceAccess(name: string, patience: Patience): Promise<InstanceAccess | undefined>
  getDiskSnapshot(name: string, patience: Patience): Promise<DiskSnapshot | undefined>
  getOperation(id: string, patience: Patience): Promise<Operation | undefined>

  listDisks(pageToken: string | undefined, patience: Patience): Promise<Page<Disk>>
  listInstances(pageToken: string | undefined, patience: Patience): Promise<Page<Instance>>
  listDiskSnapshots(pageToken: string | undefined, patience: Patience): Promise<Page<DiskSnapshot>>
  /** The account's operations. The list may be incomplete: the reference says "a maximum of 200". */
  listOperations(pageToken: string | undefined, patience: Patience): Promise<Page<Operation>>
  /** The operations on one resource. May be empty for a snapshot: whether the service lists those isn't documented. */
  operationsOf(name: string, pageToken: string | undefined, patience: Patience): Promise<Page<Operation>>

  /** Starts a snapshot, its tags set with the same request. Returns the operation on the snapshot itself. */
  createDiskSnapshot(request: SnapshotRequest, patience: Patience): Promise<Operation>
  /** Starts to delete a snapshot. Returns the operation, undefined if there is no such snapshot. */
  deleteDiskSnapshot(name: string, patience: Patience): Promise<Operation | undefined>
  /** Starts to create a disk from a snapshot. Returns the operation on the disk. */
  createDiskFromSnapshot(request: DiskRequest, patience: Patience): Promise<Operation>
  attachDisk(diskName: string, instanceName: string, diskPath: string, patience: Patience): Promise<Operation>
  /** The service detaches a disk from a stopped instance only. */
  detachDisk(diskName: string, patience: Patience): Promise<Operation>
  stopInstance(name: string, patience: Patience): Promise<Operation>
  startInstance(name: string, patience: Patience): Promise<Operation>
  /** Sets tags on a resource. An existing key gets the new value. */
  tagResource(name: string, tags: readonly Tag[], patience: Patience): Promise<void>
}

/** Opens Lightsail in a Region. Sends nothing yet. */
export function openLightsail(region: string, clock: Clock, options: ConnectionOptions = {}): Lightsail {
  const { read, change, ...connection } = openConnection(region, clock, options)
  const diskCalled = (name: string) => `disk "${name}"`
  const instanceCalled = (name: string) => `instance "${name}"`
  const snapshotCalled = (name: string) => `snapshot "${name}"`

  return {
    ...connection,

    async getDisk(name, patience) {
      const about = { operation: 'GetDisk', subject: diskCalled(name) }
      const response = await orUndefined(read(new GetDiskCommand({ diskName: name }), about, patience))
      return response?.disk && readDisk({ name, ...response.disk })
    },
    async getInstance(name, patience) {
      const about = { operation: 'GetInstance', subject: instanceCalled(name) }
      const response = await orUndefined(
        read(new GetInstanceCommand({ instanceName: name }), about, patience),
      )
      return response?.instance && readInstance({ name, ...response.instance })
    },
    async getInstanceAccess(name, patience) {
      const about = { operation: 'GetInstanceAccessDetails', subject: instanceCalled(name) }
      const command = new GetInstanceAccessDetailsCommand({ instanceName: name, protocol: 'ssh' })
      const response = await orUndefined(read(command, about, patience))
      return response && readAccess(response.accessDetails ?? {})
    },
    async getDiskSnapshot(name, patience) {
      const about = { operation: 'GetDiskSnapshot', subject: snapshotCalled(name) }
      const command = new GetDiskSnapshotCommand({ diskSnapshotName: name })
      const response = await orUndefined(read(command, about, patience))
      return response?.diskSnapshot && readSnapshot({ name, ...response.diskSnapshot })
    },
    async getOperation(id, patience) {
      const about = { operation: 'GetOperation', subject: `operation ${id}` }
      const response = await orUndefined(read(new GetOperationCommand({ operationId: id }), about, patience))
      return response?.operation && readOperation(response.operation)
    },

    async listDisks(pageToken, patience) {
      const about = { operation: 'GetDisks', subject: 'the disks' }
      const { disks, nextPageToken } = await read(new GetDisksCommand(at(pageToken)), about, patience)
      return pageOf(disks, readDisk, nextPageToken)
    },
    async listInstances(pageToken, patience) {
      const about = { operation: 'GetInstances', subject: 'the instances' }
      const { instances, nextPageToken } = await read(new GetInstancesCommand(at(pageToken)), about, patience)
      return pageOf(instances, readInstance, nextPageToken)
    },
    async listDiskSnapshots(pageToken, patience) {
      const about = { operation: 'GetDiskSnapshots', subject: 'the snapshots' }
      const command = new GetDiskSnapshotsCommand(at(pageToken))
      const { diskSnapshots, nextPageToken } = await read(command, about, patience)
      return pageOf(diskSnapshots, readSnapshot, nextPageToken)
    },
    async listOperations(pageToken, patience) {
      const about = { operation: 'GetOperations', subject: 'the operations' }
      const { operations, nextPageToken } = await read(
        new GetOperationsCommand(at(pageToken)),
        about,
        patience,
      )
      return pageOf(operations, readOperation, nextPageToken)
    },
    async operationsOf(name, pageToken, patience) {
      const about = { operation: 'GetOperationsForResource', subject: `resource "${name}"` }
      const command = new GetOperationsForResourceCommand({ resourceName: name, ...at(pageToken) })
      const response = await orUndefined(read(command, about, patience))
      return pageOf(response?.operations, readOperation, response?.nextPageToken)
    },

    async createDiskSnapshot({ source, snapshotName, tags }, patience) {
      const command = new CreateDiskSnapshotCommand({
        ...(source.type === 'disk' ? { diskName: source.name } : { instanceName: source.name }),
        diskSnapshotName: snapshotName,
        tags: requestTags(tags),
      })
      const about = {
        operation: 'CreateDiskSnapshot',
        subject: subjectOf(source),
        explain: explainSnapshotCreation(snapshotCalled(snapshotName)),
      }
      const { operations } = await change(command, about, patience)
      return snapshotOperation(operations ?? [], snapshotName, region)
    },
    async deleteDiskSnapshot(name, patience) {
      const about = { operation: 'DeleteDiskSnapshot', subject: snapshotCalled(name) }
      const command = new DeleteDiskSnapshotCommand({ diskSnapshotName: name })
      const response = await orUndefined(change(command, about, patience))
      return response && resourceOperation(response.operations, 'DiskSnapshot', name, region)
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
        subject: diskCalled(diskName),
        explain: explainDiskCreation(snapshotCalled(snapshotName)),
      }
      const { operations } = await change(command, about, patience)
      return resourceOperation(operations, 'Disk', diskName, region)
    },
    async attachDisk(diskName, instanceName, diskPath, patience) {
      const command = new AttachDiskCommand({ diskName, instanceName, diskPath })
      const subject = diskCalled(diskName)
      const about = { operation: 'AttachDisk', subject, explain: explainAttach(instanceCalled(instanceName)) }
      const { operations } = await change(command, about, patience)
      return resourceOperation(operations, 'Disk', diskName, region)
    },
    async detachDisk(diskName, patience) {
      const about = { operation: 'DetachDisk', subject: diskCalled(diskName) }
      const { operations } = await change(new DetachDiskCommand({ diskName }), about, patience)
      return resourceOperation(operations, 'Disk', diskName, region)
    },
    async stopInstance(name, patience) {
      const about = { operation: 'StopInstance', subject: instanceCalled(name) }
      const { operations } = await change(new StopInstanceCommand({ instanceName: name }), about, patience)
      return resourceOperation(operations, 'Instance', name, region)
    },
    async startInstance(name, patience) {
      const about = { operation: 'StartInstance', subject: instanceCalled(name) }
      const { operations } = await change(new StartInstanceCommand({ instanceName: name }), about, patience)
      return resourceOperation(operations, 'Instance', name, region)
    },
    async tagResource(name, tags, patience) {
      const about = { operation: 'TagResource', subject: `"${name}"` }
      // Setting the same tags twice does no harm, so it is retried like a read.
      await read(new TagResourceCommand({ resourceName: name, tags: requestTags(tags) }), about, patience)
    },
  }
}

function at(pageToken: string | undefined): { pageToken?: string } {
  return pageToken === undefined ? {} : { pageToken }
}
