import {
  GetBundlesCommand,
  GetDiskCommand,
  GetDiskSnapshotCommand,
  GetDiskSnapshotsCommand,
  GetDisksCommand,
  GetInstanceAccessDetailsCommand,
  GetInstanceCommand,
  GetInstancePortStatesCommand,
  GetInstanceSnapshotCommand,
  GetInstanceSnapshotsCommand,
  GetInstancesCommand,
  GetLoadBalancersCommand,
  GetOperationCommand,
  GetOperationsCommand,
  GetOperationsForResourceCommand,
  GetStaticIpCommand,
  GetStaticIpsCommand,
} from '@aws-sdk/client-lightsail'
import type { Connection } from './connection.js'
import { orUndefined } from './errors.js'
import {
  readAccess,
  readBundle,
  readInstance,
  readLoadBalancer,
  readPorts,
  readStaticIp,
} from './instance-responses.js'
import { pageOf, readDisk, readDiskSnapshot, readInstanceSnapshot, readOperation } from './responses.js'
import type { Patience } from './retry.js'
import {
  type Bundle,
  type Disk,
  type DiskSnapshot,
  diskCalled,
  type Instance,
  type InstanceAccess,
  instanceCalled,
  type LoadBalancer,
  type Operation,
  type Page,
  type PortRule,
  type StaticIp,
  snapshotCalled,
  staticIpCalled,
} from './types.js'

/** The requests that change nothing. Each throws ServiceFailure. */
export function readRequests({ read }: Connection) {
  return {
    // These return undefined if there is no such resource.
    async getDisk(name: string, patience: Patience): Promise<Disk | undefined> {
      const about = { operation: 'GetDisk', subject: diskCalled(name) }
      const response = await orUndefined(read(new GetDiskCommand({ diskName: name }), about, patience))
      return response?.disk && readDisk({ name, ...response.disk })
    },
    async getInstance(name: string, patience: Patience): Promise<Instance | undefined> {
      const about = { operation: 'GetInstance', subject: instanceCalled(name) }
      const response = await orUndefined(
        read(new GetInstanceCommand({ instanceName: name, includeHealthStatus: true }), about, patience),
      )
      return response?.instance && readInstance({ name, ...response.instance })
    },
    /** Temporary credentials for SSH. */
    async getInstanceAccess(name: string, patience: Patience): Promise<InstanceAccess | undefined> {
      const about = { operation: 'GetInstanceAccessDetails', subject: instanceCalled(name) }
      const command = new GetInstanceAccessDetailsCommand({ instanceName: name, protocol: 'ssh' })
      const response = await orUndefined(read(command, about, patience))
      return response && readAccess(response.accessDetails ?? {})
    },
    async getDiskSnapshot(name: string, patience: Patience): Promise<DiskSnapshot | undefined> {
      const about = { operation: 'GetDiskSnapshot', subject: snapshotCalled(name) }
      const command = new GetDiskSnapshotCommand({ diskSnapshotName: name })
      const response = await orUndefined(read(command, about, patience))
      return response?.diskSnapshot && readDiskSnapshot({ name, ...response.diskSnapshot })
    },
    async getInstanceSnapshot(name: string, patience: Patience): Promise<DiskSnapshot | undefined> {
      const about = { operation: 'GetInstanceSnapshot', subject: snapshotCalled(name) }
      const command = new GetInstanceSnapshotCommand({ instanceSnapshotName: name })
      const response = await orUndefined(read(command, about, patience))
      return response?.instanceSnapshot && readInstanceSnapshot({ name, ...response.instanceSnapshot })
    },
    async getOperation(id: string, patience: Patience): Promise<Operation | undefined> {
      const about = { operation: 'GetOperation', subject: `operation ${id}` }
      const response = await orUndefined(read(new GetOperationCommand({ operationId: id }), about, patience))
      return response?.operation && readOperation(response.operation)
    },
    async listDisks(pageToken: string | undefined, patience: Patience): Promise<Page<Disk>> {
      const about = { operation: 'GetDisks', subject: 'the disks' }
      const { disks, nextPageToken } = await read(new GetDisksCommand(at(pageToken)), about, patience)
      return pageOf(disks, readDisk, nextPageToken)
    },
    async listInstances(pageToken: string | undefined, patience: Patience): Promise<Page<Instance>> {
      const about = { operation: 'GetInstances', subject: 'the instances' }
      const { instances, nextPageToken } = await read(new GetInstancesCommand(at(pageToken)), about, patience)
      return pageOf(instances, readInstance, nextPageToken)
    },
    async listDiskSnapshots(pageToken: string | undefined, patience: Patience): Promise<Page<DiskSnapshot>> {
      const about = { operation: 'GetDiskSnapshots', subject: 'the snapshots' }
      const command = new GetDiskSnapshotsCommand(at(pageToken))
      const { diskSnapshots, nextPageToken } = await read(command, about, patience)
      return pageOf(diskSnapshots, readDiskSnapshot, nextPageToken)
    },
    async listInstanceSnapshots(
      pageToken: string | undefined,
      patience: Patience,
    ): Promise<Page<DiskSnapshot>> {
      const about = { operation: 'GetInstanceSnapshots', subject: 'the instance snapshots' }
      const command = new GetInstanceSnapshotsCommand(at(pageToken))
      const { instanceSnapshots, nextPageToken } = await read(command, about, patience)
      return pageOf(instanceSnapshots, readInstanceSnapshot, nextPageToken)
    },
    /** The account's operations. The list may be incomplete: the reference says "a maximum of 200". */
    async listOperations(pageToken: string | undefined, patience: Patience): Promise<Page<Operation>> {
      const about = { operation: 'GetOperations', subject: 'the operations' }
      const { operations, nextPageToken } = await read(
        new GetOperationsCommand(at(pageToken)),
        about,
        patience,
      )
      return pageOf(operations, readOperation, nextPageToken)
    },
    /** The operations on one resource. May be empty for a snapshot: whether the service lists those isn't documented. */
    async operationsOf(
      name: string,
      pageToken: string | undefined,
      patience: Patience,
    ): Promise<Page<Operation>> {
      const about = { operation: 'GetOperationsForResource', subject: `resource "${name}"` }
      const command = new GetOperationsForResourceCommand({ resourceName: name, ...at(pageToken) })
      const response = await orUndefined(read(command, about, patience))
      return pageOf(response?.operations, readOperation, response?.nextPageToken)
    },
    async getStaticIp(name: string, patience: Patience): Promise<StaticIp | undefined> {
      const about = { operation: 'GetStaticIp', subject: staticIpCalled(name) }
      const response = await orUndefined(
        read(new GetStaticIpCommand({ staticIpName: name }), about, patience),
      )
      return response?.staticIp && readStaticIp({ name, ...response.staticIp })
    },
    async listStaticIps(pageToken: string | undefined, patience: Patience): Promise<Page<StaticIp>> {
      const about = { operation: 'GetStaticIps', subject: 'the static IPs' }
      const { staticIps, nextPageToken } = await read(new GetStaticIpsCommand(at(pageToken)), about, patience)
      return pageOf(staticIps, readStaticIp, nextPageToken)
    },
    async listLoadBalancers(pageToken: string | undefined, patience: Patience): Promise<Page<LoadBalancer>> {
      const about = { operation: 'GetLoadBalancers', subject: 'the load balancers' }
      const command = new GetLoadBalancersCommand(at(pageToken))
      const { loadBalancers, nextPageToken } = await read(command, about, patience)
      return pageOf(loadBalancers, readLoadBalancer, nextPageToken)
    },
    /** The bundles for new instances, and those that can no longer be chosen. */
    async listBundles(pageToken: string | undefined, patience: Patience): Promise<Page<Bundle>> {
      const about = { operation: 'GetBundles', subject: 'the bundles' }
      const command = new GetBundlesCommand({ includeInactive: true, ...at(pageToken) })
      const { bundles, nextPageToken } = await read(command, about, patience)
      return pageOf(bundles, readBundle, nextPageToken)
    },
    /** The open ports of an instance. */
    async getPorts(instanceName: string, patience: Patience): Promise<readonly PortRule[]> {
      const about = { operation: 'GetInstancePortStates', subject: instanceCalled(instanceName) }
      const { portStates } = await read(new GetInstancePortStatesCommand({ instanceName }), about, patience)
      return (portStates ?? []).map(readPorts)
    },
  }
}

function at(pageToken: string | undefined): { pageToken?: string } {
  return pageToken === undefined ? {} : { pageToken }
}
