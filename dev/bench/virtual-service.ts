import { type Behaviour, usualBehaviour } from '../../emulator/service/behaviour.js'
import { throttled } from '../../emulator/service/faults.js'
import { perform } from '../../emulator/service/operations.js'
import { Region } from '../../emulator/service/region.js'
import type { DiskSnapshot, Input, Operation } from '../../emulator/service/wire.js'
import { explain } from '../../src/lightsail/errors.js'
import { type Patience, sendWithRetry } from '../../src/lightsail/retry.js'
import type * as own from '../../src/lightsail/types.js'
import type { TakingService } from '../../src/take/snapshot-request.js'
import type { WatchedService } from '../../src/watch/watch.js'
import type { VirtualClock } from './virtual-clock.js'

interface Answer {
  readonly diskSnapshot?: DiskSnapshot
  readonly diskSnapshots?: readonly DiskSnapshot[]
  readonly operation?: Operation
  readonly operations?: readonly Operation[]
  readonly nextPageToken?: string
}

/** The emulator on a virtual clock, called without HTTP, which counts the requests. */
export class VirtualService {
  readonly region = new Region('eu-central-1')
  readonly behaviour: Behaviour
  readonly #clock: VirtualClock
  requests = 0

  constructor(clock: VirtualClock, behaviour: Partial<Behaviour>) {
    this.#clock = clock
    this.behaviour = { ...usualBehaviour, ...behaviour }
  }

  /** Returns a client for the action's code to use instead of the real one. */
  client(): WatchedService & TakingService {
    return {
      region: this.region.name,
      serviceTime: () => this.#clock.now(),
      createDiskSnapshot: async ({ source, snapshotName }, patience) => {
        const input = { diskName: source.name, diskSnapshotName: snapshotName }
        const { operations = [] } = await this.#send('CreateDiskSnapshot', input, patience, true)
        const [first] = operations.map(readOperation)
        if (first === undefined) throw new Error('no operation')
        return first
      },
      getDiskSnapshot: async (name, patience) => {
        const { diskSnapshot } = await this.#send('GetDiskSnapshot', { diskSnapshotName: name }, patience)
        return diskSnapshot && readSnapshot(diskSnapshot)
      },
      listDiskSnapshots: async (pageToken, patience): Promise<own.Page<own.DiskSnapshot>> => {
        const { diskSnapshots = [], nextPageToken } = await this.#send(
          'GetDiskSnapshots',
          token(pageToken),
          patience,
        )
        return { items: diskSnapshots.map(readSnapshot), nextPageToken }
      },
      getInstanceSnapshot: async () => undefined,
      listInstanceSnapshots: async () => ({ items: [], nextPageToken: undefined }),
      createInstanceSnapshot: () => Promise.reject(new Error('not in this benchmark')),
      getOperation: async (id, patience) => {
        const { operation } = await this.#send('GetOperation', { operationId: id }, patience)
        return operation && readOperation(operation)
      },
      listOperations: async (pageToken, patience): Promise<own.Page<own.Operation>> => {
        const { operations = [], nextPageToken } = await this.#send(
          'GetOperations',
          token(pageToken),
          patience,
        )
        return { items: operations.map(readOperation), nextPageToken }
      },
      operationsOf: async () => ({ items: [], nextPageToken: undefined }),
      getDisk: async () => undefined,
      getInstance: async () => undefined,
    }
  }

  #send(operation: string, input: Input, patience: Patience, changes = false): Promise<Answer> {
    const work = async (): Promise<Answer> => {
      this.requests += 1
      const now = this.#clock.now()
      if (!this.region.rate.admits(this.behaviour.requestsPerSecond, now)) {
        throw Object.assign(new Error(throttled.message), { name: throttled.exception })
      }
      return perform(operation, { region: this.region, now, behaviour: this.behaviour }, input)
    }
    const about = { operation, subject: 'it', region: this.region.name }
    const asFailure = (thrown: unknown) => explain(thrown, about)
    return sendWithRetry({ send: work, asFailure, changes }, patience, { clock: this.#clock })
  }
}

function token(pageToken: string | undefined): Input {
  return pageToken === undefined ? {} : { pageToken }
}

function readSnapshot(snapshot: DiskSnapshot): own.DiskSnapshot {
  return {
    type: 'disk',
    name: snapshot.name,
    arn: snapshot.arn,
    state: snapshot.state === 'unknown' ? 'pending' : snapshot.state,
    progress: snapshot.progress ?? null,
    sizeInGb: snapshot.sizeInGb,
    createdAt: new Date(snapshot.createdAt * 1000),
    source: null,
    sourceArn: null,
    tags: [],
    isAutomatic: false,
    bundleId: null,
  }
}

const statuses: Readonly<Record<Operation['status'], own.OperationStatus>> = {
  NotStarted: 'started',
  Started: 'started',
  Completed: 'succeeded',
  Succeeded: 'succeeded',
  Failed: 'failed',
}

function readOperation(operation: Operation): own.Operation {
  return {
    id: operation.id,
    resourceType: operation.resourceType,
    resourceName: operation.resourceName,
    operationType: operation.operationType,
    status: statuses[operation.status],
    createdAt: null,
    errorCode: operation.errorCode ?? null,
    errorDetails: operation.errorDetails ?? null,
  }
}
