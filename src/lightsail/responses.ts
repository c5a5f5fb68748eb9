import type {
  InstanceAccessDetails,
  Disk as ServiceDisk,
  DiskSnapshot as ServiceDiskSnapshot,
  Instance as ServiceInstance,
  Operation as ServiceOperation,
} from '@aws-sdk/client-lightsail'
import { ServiceFailure } from './errors.js'
import type {
  Disk,
  DiskSnapshot,
  Instance,
  InstanceAccess,
  Operation,
  OperationStatus,
  Page,
  SnapshotState,
  Source,
  Tag,
} from './types.js'

/**
 * Returns the operation on the snapshot itself. The response has another one for the source, in an undocumented order, so
 * it is chosen by type, or by name if the type is missing.
 */
export function snapshotOperation(
  operations: readonly ServiceOperation[],
  snapshotName: string,
  region: string,
): Operation {
  const found =
    operations.find((operation) => operation.resourceType === 'DiskSnapshot') ??
    operations.find((operation) => operation.resourceName === snapshotName)
  const operation = found && readOperation(found)
  if (operation !== undefined) return operation
  throw new ServiceFailure(
    'unreadable',
    `Lightsail in ${region} accepted the snapshot "${snapshotName}" but named no operation for it.`,
    'Look for the snapshot in the Lightsail console before you rerun the job.',
    operations,
  )
}

/** Returns the operation on one resource. A response may have others, for what else the request changes. */
export function resourceOperation(
  operations: readonly ServiceOperation[] | undefined,
  resourceType: string,
  resourceName: string,
  region: string,
): Operation {
  const named = (operations ?? []).filter((operation) => operation.resourceName === resourceName)
  const found = named.find((operation) => operation.resourceType === resourceType) ?? named[0]
  const operation = found && readOperation(found)
  if (operation !== undefined) return operation
  throw new ServiceFailure(
    'unreadable',
    `Lightsail in ${region} accepted the change of "${resourceName}" but named no operation for it.`,
    'Check it in the Lightsail console before you rerun the job.',
    operations,
  )
}

/** Tags for a request. */
export function requestTags(tags: readonly Tag[]): { key: string; value?: string }[] {
  return tags.map(({ key, value }) => (value === undefined ? { key } : { key, value }))
}

function readTags(tags: ServiceDisk['tags']): Tag[] {
  return (tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : { key, value }))
}

/** The service's words for a final state. Any other word, even a new one, means that it isn't final. */
const snapshotStates: ReadonlyMap<string, SnapshotState> = new Map([
  ['completed', 'completed'],
  ['error', 'error'],
])
const operationStatuses: ReadonlyMap<string, OperationStatus> = new Map([
  ['Completed', 'succeeded'],
  ['Succeeded', 'succeeded'],
  ['Failed', 'failed'],
])

/** Translates a disk; undefined if it has no name. */
export function readDisk(disk: ServiceDisk): Disk | undefined {
  if (disk.name === undefined) return undefined
  return {
    name: disk.name,
    arn: disk.arn ?? null,
    state: disk.state ?? 'unknown',
    sizeInGb: disk.sizeInGb ?? null,
    availabilityZone: disk.location?.availabilityZone ?? null,
    // A disk that is detached may still say where it was.
    attachedTo: disk.isAttached === false ? null : (disk.attachedTo ?? null),
    path: disk.isAttached === false ? null : (disk.path ?? null),
    volumeId: /vol-[0-9a-f]+/.exec(disk.supportCode ?? '')?.[0] ?? null,
    tags: readTags(disk.tags),
  }
}

/** Translates an instance; undefined if it has no name. */
export function readInstance(instance: ServiceInstance): Instance | undefined {
  if (instance.name === undefined) return undefined
  return {
    name: instance.name,
    arn: instance.arn ?? null,
    state: instance.state?.name ?? 'unknown',
    availabilityZone: instance.location?.availabilityZone ?? null,
    hasStaticIp: instance.isStaticIp === true,
    disks: (instance.hardware?.disks ?? []).map(({ name, path, isSystemDisk, sizeInGb }) => ({
      name: name ?? '',
      path: path ?? null,
      isSystemDisk: isSystemDisk === true,
      sizeInGb: sizeInGb ?? null,
    })),
  }
}

/** Translates what is needed to log in to an instance. */
export function readAccess(access: InstanceAccessDetails): InstanceAccess {
  return {
    userName: access.username ?? '',
    // An instance may have no IPv4 address.
    address: access.ipAddress || access.ipv6Addresses?.[0] || '',
    privateKey: access.privateKey ?? '',
    certificate: access.certKey ?? '',
    hostKeys: (access.hostKeys ?? []).flatMap(({ algorithm, publicKey }) =>
      algorithm && publicKey ? { algorithm, publicKey } : [],
    ),
  }
}

/** Translates an operation; undefined if it has no id. */
export function readOperation(operation: ServiceOperation): Operation | undefined {
  if (operation.id === undefined) return undefined
  return {
    id: operation.id,
    resourceType: operation.resourceType ?? '',
    resourceName: operation.resourceName ?? '',
    operationType: operation.operationType ?? '',
    status: operationStatuses.get(operation.status ?? '') ?? 'started',
    createdAt: readDate(operation.createdAt),
    errorCode: operation.errorCode ?? null,
    errorDetails: operation.errorDetails ?? null,
  }
}

/** One page of a list, without items that can't be read. */
export function pageOf<Raw, T>(
  items: readonly Raw[] | undefined,
  read: (item: Raw) => T | undefined,
  nextPageToken: string | undefined,
): Page<T> {
  return { items: (items ?? []).flatMap((item) => read(item) ?? []), nextPageToken }
}

/** Translates a snapshot; undefined if it has no name. */
export function readSnapshot(snapshot: ServiceDiskSnapshot): DiskSnapshot | undefined {
  if (snapshot.name === undefined) return undefined
  return {
    name: snapshot.name,
    arn: snapshot.arn ?? null,
    state: snapshotStates.get(snapshot.state ?? '') ?? 'pending',
    progress: snapshot.progress ?? null,
    sizeInGb: snapshot.sizeInGb ?? null,
    createdAt: readDate(snapshot.createdAt),
    source: readSource(snapshot),
    sourceArn: snapshot.fromDiskArn ?? snapshot.fromInstanceArn ?? null,
    tags: readTags(snapshot.tags),
    isAutomatic: snapshot.isFromAutoSnapshot === true,
  }
}

function readSource({ fromDiskName, fromInstanceName }: ServiceDiskSnapshot): Source | null {
  if (fromDiskName !== undefined) return { type: 'disk', name: fromDiskName }
  return fromInstanceName === undefined ? null : { type: 'instance', name: fromInstanceName }
}

/** An invalid date counts as missing. */
function readDate(date: Date | undefined): Date | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date
}
