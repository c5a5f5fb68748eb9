import {
  CreateDiskSnapshotCommand,
  GetDiskCommand,
  GetDiskSnapshotCommand,
  GetInstanceCommand,
  GetOperationCommand,
  LightsailClient,
  type DiskSnapshot as ServiceDiskSnapshot,
  type Operation as ServiceOperation,
} from '@aws-sdk/client-lightsail'
import type { Clock } from '../basics/clock.js'
import { explain, isUncertain, type RequestDescription, ServiceFailure } from './errors.js'
import { consoleUrl } from './names.js'
import { sendWithRetry } from './retry.js'
import type { DiskSnapshot, Operation, Source, Tag } from './types.js'

/** What a create request asks for. */
export interface SnapshotRequest {
  readonly source: Source
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}

/** Lightsail in one Region, in this project's words. Every method throws ServiceFailure. */
export interface Lightsail {
  readonly region: string
  /** Throws where the source doesn't exist. */
  checkSource(source: Source): Promise<void>
  /** Starts a snapshot, its tags set with the same request. Gives the operation on the snapshot itself. */
  createDiskSnapshot(request: SnapshotRequest): Promise<Operation>
  /** Undefined where there is no snapshot of that name. */
  getDiskSnapshot(name: string): Promise<DiskSnapshot | undefined>
  /** Undefined where there is no operation with that id. */
  getOperation(id: string): Promise<Operation | undefined>
  /** Lets go of its connections. */
  close(): void
}

const connectionTimeoutMs = 10_000
const requestTimeoutMs = 30_000

/** Opens Lightsail in a Region with the credentials of the AWS SDK's default chain. Sends nothing yet. */
export function openLightsail(region: string, clock: Clock): Lightsail {
  const client = new LightsailClient({
    region,
    // One attempt: the SDK would also repeat a create whose answer was lost, and then find the name taken.
    maxAttempts: 1,
    customUserAgent: 'lightsail-disk-snapshot',
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  })
  const request = (operation: string, subject: string): RequestDescription => ({ operation, subject, region })
  const read = <T>(about: RequestDescription, send: () => Promise<T>) =>
    sendWithRetry(send, (thrown) => explain(thrown, about), { kind: 'read', clock })

  return {
    region,
    close: () => client.destroy(),

    async checkSource(source) {
      await (source.type === 'disk'
        ? read(request('GetDisk', subjectOf(source)), () =>
            client.send(new GetDiskCommand({ diskName: source.name })),
          )
        : read(request('GetInstance', subjectOf(source)), () =>
            client.send(new GetInstanceCommand({ instanceName: source.name })),
          ))
    },

    async createDiskSnapshot({ source, snapshotName, tags }) {
      const command = new CreateDiskSnapshotCommand({
        ...(source.type === 'disk' ? { diskName: source.name } : { instanceName: source.name }),
        diskSnapshotName: snapshotName,
        tags: tags.map(({ key, value }) => (value === undefined ? { key } : { key, value })),
      })
      const { operations } = await sendWithRetry(
        () => client.send(command),
        (thrown) => explainCreate(thrown, source, snapshotName, region),
        { kind: 'create', clock },
      )
      return snapshotOperation(operations ?? [], snapshotName, region)
    },

    async getDiskSnapshot(name) {
      const about = request('GetDiskSnapshot', `snapshot "${name}"`)
      const command = new GetDiskSnapshotCommand({ diskSnapshotName: name })
      const answer = await orUndefined(read(about, () => client.send(command)))
      return answer?.diskSnapshot && readSnapshot(answer.diskSnapshot, name)
    },

    async getOperation(id) {
      const about = request('GetOperation', `operation ${id}`)
      const command = new GetOperationCommand({ operationId: id })
      const answer = await orUndefined(read(about, () => client.send(command)))
      return answer?.operation && readOperation(answer.operation)
    },
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

/**
 * The operation on the snapshot itself. The answer has another one for the source, and their order isn't documented:
 * it is chosen by type, and by name where the type is missing.
 */
function snapshotOperation(
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
    'Look for the snapshot in the Lightsail console before this job runs again.',
    operations,
  )
}

function readOperation(operation: ServiceOperation): Operation | undefined {
  if (operation.id === undefined) return undefined
  return {
    id: operation.id,
    status: operation.status ?? '',
    createdAt: operation.createdAt ?? null,
    errorCode: operation.errorCode ?? null,
    errorDetails: operation.errorDetails ?? null,
  }
}

function readSnapshot(snapshot: ServiceDiskSnapshot, name: string): DiskSnapshot {
  return {
    name: snapshot.name ?? name,
    arn: snapshot.arn ?? null,
    state: snapshot.state ?? 'unknown',
    progress: snapshot.progress ?? null,
    sizeInGb: snapshot.sizeInGb ?? null,
    createdAt: snapshot.createdAt ?? null,
  }
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ServiceFailure && error.errorClass === 'not-found') return undefined
    throw error
  }
}
