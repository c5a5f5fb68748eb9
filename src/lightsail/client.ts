import {
  CreateDiskSnapshotCommand,
  GetDiskCommand,
  GetDiskSnapshotCommand,
  GetDiskSnapshotsCommand,
  GetDisksCommand,
  GetInstanceCommand,
  GetInstancesCommand,
  GetOperationCommand,
  GetOperationsCommand,
  LightsailClient,
} from '@aws-sdk/client-lightsail'
import type { Clock } from '../basics/clock.js'
import { namesOf, readOperation, readSnapshot, snapshotOperation } from './answers.js'
import { explain, isUncertain, ServiceFailure } from './errors.js'
import { consoleUrl } from './names.js'
import { type Patience, type SendOptions, sendWithRetry } from './retry.js'
import type { DiskSnapshot, Operation, Source, SourceType, Tag } from './types.js'

/** What a create request asks for. */
export interface SnapshotRequest {
  readonly source: Source
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined
}

/** Lightsail in one Region, in this project's words. Every method throws ServiceFailure. */
export interface Lightsail {
  readonly region: string
  /** Throws where the source doesn't exist. */
  checkSource(source: Source, patience: Patience): Promise<void>
  /** The names of all disks, or of all instances. */
  listNames(type: SourceType, pageToken: string | undefined, patience: Patience): Promise<Page<string>>
  /** The block storage disks that are attached to an instance, in the service's order. */
  attachedDisks(instanceName: string, patience: Patience): Promise<Source[]>
  /** Starts a snapshot, its tags set with the same request. Gives the operation on the snapshot itself. */
  createDiskSnapshot(request: SnapshotRequest, patience: Patience): Promise<Operation>
  /** Undefined where there is no snapshot of that name. */
  getDiskSnapshot(name: string, patience: Patience): Promise<DiskSnapshot | undefined>
  listDiskSnapshots(pageToken: string | undefined, patience: Patience): Promise<Page<DiskSnapshot>>
  /** Undefined where there is no operation with that id. */
  getOperation(id: string, patience: Patience): Promise<Operation | undefined>
  /** The account's operations, newest first. */
  listOperations(pageToken: string | undefined, patience: Patience): Promise<Page<Operation>>
  /** Lets go of its connections. */
  close(): void
}

const connectionTimeoutMs = 10_000

/** Opens Lightsail in a Region with the credentials of the AWS SDK's default chain. Sends nothing yet. */
export function openLightsail(region: string, clock: Clock): Lightsail {
  const client = new LightsailClient({
    region,
    // One attempt: the SDK would also repeat a create whose answer was lost, and then find the name taken.
    maxAttempts: 1,
    customUserAgent: 'lightsail-disk-snapshot',
    requestHandler: { connectionTimeout: connectionTimeoutMs, throwOnRequestTimeout: true },
  })
  /** Sends a request that changes nothing. */
  const read = <T>(
    operation: string,
    subject: string,
    patience: Patience,
    send: (options: SendOptions) => Promise<T>,
  ) =>
    sendWithRetry(send, (thrown) => explain(thrown, { operation, subject, region }), 'read', patience, {
      clock,
    })

  return {
    region,
    close: () => client.destroy(),

    async checkSource(source, patience) {
      if (source.type === 'instance') return void (await getInstance(source.name, patience))
      const command = new GetDiskCommand({ diskName: source.name })
      await read('GetDisk', subjectOf(source), patience, (options) => client.send(command, options))
    },

    async listNames(type, pageToken, patience) {
      const input = pageToken === undefined ? {} : { pageToken }
      if (type === 'disk') {
        const { disks, nextPageToken } = await read('GetDisks', 'the disks', patience, (options) =>
          client.send(new GetDisksCommand(input), options),
        )
        return { items: namesOf(disks), nextPageToken }
      }
      const { instances, nextPageToken } = await read('GetInstances', 'the instances', patience, (options) =>
        client.send(new GetInstancesCommand(input), options),
      )
      return { items: namesOf(instances), nextPageToken }
    },

    async attachedDisks(instanceName, patience) {
      const { instance } = await getInstance(instanceName, patience)
      const disks = (instance?.hardware?.disks ?? []).filter(({ isSystemDisk }) => isSystemDisk !== true)
      return namesOf(disks).map((name) => ({ type: 'disk', name }))
    },

    async createDiskSnapshot({ source, snapshotName, tags }, patience) {
      const command = new CreateDiskSnapshotCommand({
        ...(source.type === 'disk' ? { diskName: source.name } : { instanceName: source.name }),
        diskSnapshotName: snapshotName,
        tags: tags.map(({ key, value }) => (value === undefined ? { key } : { key, value })),
      })
      const { operations } = await sendWithRetry(
        (options) => client.send(command, options),
        (thrown) => explainCreate(thrown, source, snapshotName, region),
        'create',
        patience,
        { clock },
      )
      return snapshotOperation(operations ?? [], snapshotName, region)
    },

    async getDiskSnapshot(name, patience) {
      const command = new GetDiskSnapshotCommand({ diskSnapshotName: name })
      const send = (options: SendOptions) => client.send(command, options)
      const answer = await orUndefined(read('GetDiskSnapshot', `snapshot "${name}"`, patience, send))
      return answer?.diskSnapshot && readSnapshot({ name, ...answer.diskSnapshot })
    },

    async listDiskSnapshots(pageToken, patience) {
      const command = new GetDiskSnapshotsCommand(pageToken === undefined ? {} : { pageToken })
      const { diskSnapshots, nextPageToken } = await read(
        'GetDiskSnapshots',
        'the snapshots',
        patience,
        (options) => client.send(command, options),
      )
      return {
        items: (diskSnapshots ?? []).flatMap((snapshot) => readSnapshot(snapshot) ?? []),
        nextPageToken,
      }
    },

    async getOperation(id, patience) {
      const command = new GetOperationCommand({ operationId: id })
      const send = (options: SendOptions) => client.send(command, options)
      const answer = await orUndefined(read('GetOperation', `operation ${id}`, patience, send))
      return answer?.operation && readOperation(answer.operation)
    },

    async listOperations(pageToken, patience) {
      const command = new GetOperationsCommand(pageToken === undefined ? {} : { pageToken })
      const { operations, nextPageToken } = await read(
        'GetOperations',
        'the operations',
        patience,
        (options) => client.send(command, options),
      )
      return {
        items: (operations ?? []).flatMap((operation) => readOperation(operation) ?? []),
        nextPageToken,
      }
    },
  }

  function getInstance(instanceName: string, patience: Patience) {
    const command = new GetInstanceCommand({ instanceName })
    return read('GetInstance', `instance "${instanceName}"`, patience, (options) =>
      client.send(command, options),
    )
  }
}

/** A source as a person knows it: `disk "shop-data"`. */
export function subjectOf(source: Source): string {
  return `${source.type} "${source.name}"`
}

/**
 * A taken name is a sentence about the snapshot, everything else one about the source. Where the outcome isn't known,
 * the advice says so first: a second snapshot is what it costs not to look.
 */
function explainCreate(
  thrown: unknown,
  source: Source,
  snapshotName: string,
  region: string,
): ServiceFailure {
  const about = { operation: 'CreateDiskSnapshot', subject: subjectOf(source), region }
  const failure = explain(thrown, about)
  if (failure.errorClass === 'name-taken') {
    return explain(thrown, { ...about, subject: `snapshot "${snapshotName}"` })
  }
  if (!isUncertain(failure.errorClass)) return failure
  const look = `The snapshot "${snapshotName}" may have been started all the same: look for it at ${consoleUrl} first.`
  return new ServiceFailure(failure.errorClass, failure.message, `${look} ${failure.advice}`, thrown)
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ServiceFailure && error.errorClass === 'not-found') return undefined
    throw error
  }
}
