import type {
  Disk as ServiceDisk,
  DiskSnapshot as ServiceDiskSnapshot,
  InstanceSnapshot as ServiceInstanceSnapshot,
  Operation as ServiceOperation,
} from '@aws-sdk/client-lightsail'
import { ServiceFailure } from './errors.js'
import { snapshotTypes } from './snapshot-types.js'
import type {
  Disk,
  DiskSnapshot,
  Operation,
  OperationStatus,
  Page,
  SnapshotState,
  SnapshotType,
  Source,
  Tag,
} from './types.js'

/**
 * Returns the operation on the snapshot itself. The response has another one for the source, in an undocumented order, so
 * it is chosen by type, or by name if the type is missing.
 */
export function snapshotOperation(
  operations: readonly ServiceOperation[],
  type: SnapshotType,
  snapshotName: string,
  region: string,
): Operation {
  const found =
    operations.find((operation) => operation.resourceType === snapshotTypes[type].resourceType) ??
    operations.find((operation) => operation.resourceName === snapshotName)
  return readNamed(found, `the snapshot "${snapshotName}"`, region)
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
  return readNamed(found, `the change of "${resourceName}"`, region)
}

/** Translates the operation on what the service has accepted. Throws ServiceFailure if it named none. */
function readNamed(found: ServiceOperation | undefined, accepted: string, region: string): Operation {
  const operation = found && readOperation(found)
  if (operation !== undefined) return operation
  throw new ServiceFailure(
    'unreadable',
    `Lightsail in ${region} accepted ${accepted} but named no operation for it.`,
    'Check it in the Lightsail console before you rerun the job.',
    found,
  )
}

/** Tags for a request. */
export function requestTags(tags: readonly Tag[]): { key: string; value?: string }[] {
  return tags.map(({ key, value }) => (value === undefined ? { key } : { key, value }))
}

/** Translates tags. */
export function readTags(tags: ServiceDisk['tags']): Tag[] {
  return (tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : { key, value }))
}

/** The service's words for a final state. Any other word, even a new one, means that it isn't final. */
const snapshotStates: ReadonlyMap<string, SnapshotState> = new Map([
  ['completed', 'completed'],
  ['available', 'completed'],
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

/** Translates a disk snapshot; undefined if it has no name. */
export function readDiskSnapshot(snapshot: ServiceDiskSnapshot): DiskSnapshot | undefined {
  return readSnapshot('disk', snapshot)
}

/** Translates an instance snapshot; undefined if it has no name. */
export function readInstanceSnapshot(snapshot: ServiceInstanceSnapshot): DiskSnapshot | undefined {
  const { sizeInGb, fromAttachedDisks = [], fromBundleId } = snapshot
  const ofDisks = fromAttachedDisks.reduce((sum, disk) => sum + (disk.sizeInGb ?? 0), 0)
  const read = readSnapshot('instance', snapshot)
  return (
    read && {
      ...read,
      sizeInGb: sizeInGb === undefined ? null : sizeInGb + ofDisks,
      bundleId: fromBundleId ?? null,
    }
  )
}

type EitherSnapshot = Omit<ServiceDiskSnapshot, 'state'> & { readonly state?: string | undefined }

function readSnapshot(type: SnapshotType, snapshot: EitherSnapshot): DiskSnapshot | undefined {
  if (snapshot.name === undefined) return undefined
  return {
    type,
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
    bundleId: null,
  }
}

function readSource({ fromDiskName, fromInstanceName }: EitherSnapshot): Source | null {
  if (fromDiskName !== undefined) return { type: 'disk', name: fromDiskName }
  return fromInstanceName === undefined ? null : { type: 'instance', name: fromInstanceName }
}

/** An invalid date counts as missing. */
function readDate(date: Date | undefined): Date | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date
}
