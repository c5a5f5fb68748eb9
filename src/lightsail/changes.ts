import {
  AttachDiskCommand,
  AttachStaticIpCommand,
  CreateDiskFromSnapshotCommand,
  CreateDiskSnapshotCommand,
  CreateInstanceSnapshotCommand,
  CreateInstancesFromSnapshotCommand,
  DeleteDiskSnapshotCommand,
  DeleteInstanceSnapshotCommand,
  DetachDiskCommand,
  DetachStaticIpCommand,
  PutInstancePublicPortsCommand,
  StartInstanceCommand,
  StopInstanceCommand,
  TagResourceCommand,
} from '@aws-sdk/client-lightsail'
import type { Connection } from './connection.js'
import { explainAttach, explainCreation, explainSnapshotCreation, orUndefined } from './errors.js'
import { isAddressType, requestPorts } from './instance-responses.js'
import { requestTags, resourceOperation, snapshotOperation } from './responses.js'
import type { Patience } from './retry.js'
import {
  diskCalled,
  instanceCalled,
  type Operation,
  type PortRule,
  type Source,
  snapshotCalled,
  staticIpCalled,
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

/** How to create an instance from a snapshot. */
export interface InstanceRequest {
  readonly instanceName: string
  readonly snapshotName: string
  readonly availabilityZone: string
  readonly bundleId: string
  /** The service's word, see Instance; null: the service's default. */
  readonly addressType: string | null
  readonly tags: readonly Tag[]
}

/** The requests that change something. Each throws ServiceFailure. */
export function changeRequests({ region, read, change }: Connection) {
  return {
    // These start a snapshot, its tags set with the same request, and return the operation on the snapshot itself.
    async createDiskSnapshot(
      { source, snapshotName, tags }: SnapshotRequest,
      patience: Patience,
    ): Promise<Operation> {
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
      return snapshotOperation(operations ?? [], 'disk', snapshotName, region)
    },
    async createInstanceSnapshot(
      { source, snapshotName, tags }: SnapshotRequest,
      patience: Patience,
    ): Promise<Operation> {
      const command = new CreateInstanceSnapshotCommand({
        instanceName: source.name,
        instanceSnapshotName: snapshotName,
        tags: requestTags(tags),
      })
      const about = {
        operation: 'CreateInstanceSnapshot',
        subject: subjectOf(source),
        explain: explainSnapshotCreation(snapshotCalled(snapshotName)),
      }
      const { operations } = await change(command, about, patience)
      return snapshotOperation(operations ?? [], 'instance', snapshotName, region)
    },
    // These start to delete a snapshot, and return the operation; undefined if there is no such snapshot.
    async deleteDiskSnapshot(name: string, patience: Patience): Promise<Operation | undefined> {
      const about = { operation: 'DeleteDiskSnapshot', subject: snapshotCalled(name) }
      const command = new DeleteDiskSnapshotCommand({ diskSnapshotName: name })
      const response = await orUndefined(change(command, about, patience))
      return response && resourceOperation(response.operations, 'DiskSnapshot', name, region)
    },
    async deleteInstanceSnapshot(name: string, patience: Patience): Promise<Operation | undefined> {
      const about = { operation: 'DeleteInstanceSnapshot', subject: snapshotCalled(name) }
      const command = new DeleteInstanceSnapshotCommand({ instanceSnapshotName: name })
      const response = await orUndefined(change(command, about, patience))
      return response && resourceOperation(response.operations, 'InstanceSnapshot', name, region)
    },
    /** Starts to create a disk from a snapshot. Returns the operation on the disk. */
    async createDiskFromSnapshot(
      { diskName, snapshotName, availabilityZone, sizeInGb, tags }: DiskRequest,
      patience: Patience,
    ): Promise<Operation> {
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
        explain: explainCreation(snapshotCalled(snapshotName), 'disk'),
      }
      const { operations } = await change(command, about, patience)
      return resourceOperation(operations, 'Disk', diskName, region)
    },
    async attachDisk(
      diskName: string,
      instanceName: string,
      diskPath: string,
      patience: Patience,
    ): Promise<Operation> {
      const command = new AttachDiskCommand({ diskName, instanceName, diskPath })
      const subject = diskCalled(diskName)
      const about = { operation: 'AttachDisk', subject, explain: explainAttach(instanceCalled(instanceName)) }
      const { operations } = await change(command, about, patience)
      return resourceOperation(operations, 'Disk', diskName, region)
    },
    /** The service detaches a disk from a stopped instance only. */
    async detachDisk(diskName: string, patience: Patience): Promise<Operation> {
      const about = { operation: 'DetachDisk', subject: diskCalled(diskName) }
      const { operations } = await change(new DetachDiskCommand({ diskName }), about, patience)
      return resourceOperation(operations, 'Disk', diskName, region)
    },
    async stopInstance(name: string, patience: Patience): Promise<Operation> {
      const about = { operation: 'StopInstance', subject: instanceCalled(name) }
      const { operations } = await change(new StopInstanceCommand({ instanceName: name }), about, patience)
      return resourceOperation(operations, 'Instance', name, region)
    },
    async startInstance(name: string, patience: Patience): Promise<Operation> {
      const about = { operation: 'StartInstance', subject: instanceCalled(name) }
      const { operations } = await change(new StartInstanceCommand({ instanceName: name }), about, patience)
      return resourceOperation(operations, 'Instance', name, region)
    },
    /** Sets tags on a resource. An existing key gets the new value. */
    async tagResource(name: string, tags: readonly Tag[], patience: Patience): Promise<void> {
      const about = { operation: 'TagResource', subject: `"${name}"` }
      // Setting the same tags twice does no harm, so it is retried like a read.
      await read(new TagResourceCommand({ resourceName: name, tags: requestTags(tags) }), about, patience)
    },
    /** Starts to create an instance from a snapshot. Returns the operation on the instance. */
    async createInstanceFromSnapshot(
      { instanceName, snapshotName, availabilityZone, bundleId, addressType, tags }: InstanceRequest,
      patience: Patience,
    ): Promise<Operation> {
      const command = new CreateInstancesFromSnapshotCommand({
        instanceNames: [instanceName],
        instanceSnapshotName: snapshotName,
        availabilityZone,
        bundleId,
        ...(isAddressType(addressType) ? { ipAddressType: addressType } : {}),
        tags: requestTags(tags),
      })
      const about = {
        operation: 'CreateInstancesFromSnapshot',
        subject: instanceCalled(instanceName),
        explain: explainCreation(snapshotCalled(snapshotName), 'instance'),
      }
      const { operations } = await change(command, about, patience)
      return resourceOperation(operations, 'Instance', instanceName, region)
    },
    /** Opens exactly these ports of an instance. Returns the operation. */
    async putPorts(instanceName: string, ports: readonly PortRule[], patience: Patience): Promise<Operation> {
      const portInfos = ports.map(requestPorts)
      const about = { operation: 'PutInstancePublicPorts', subject: instanceCalled(instanceName) }
      const command = new PutInstancePublicPortsCommand({ instanceName, portInfos })
      const { operation } = await change(command, about, patience)
      return resourceOperation(operation && [operation], 'Instance', instanceName, region)
    },
    async attachStaticIp(name: string, instanceName: string, patience: Patience): Promise<Operation> {
      const about = { operation: 'AttachStaticIp', subject: staticIpCalled(name) }
      const command = new AttachStaticIpCommand({ staticIpName: name, instanceName })
      const { operations } = await change(command, about, patience)
      return resourceOperation(operations, 'StaticIp', name, region)
    },
    async detachStaticIp(name: string, patience: Patience): Promise<Operation> {
      const about = { operation: 'DetachStaticIp', subject: staticIpCalled(name) }
      const { operations } = await change(new DetachStaticIpCommand({ staticIpName: name }), about, patience)
      return resourceOperation(operations, 'StaticIp', name, region)
    },
  }
}
