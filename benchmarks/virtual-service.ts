import { type Behaviour, usualBehaviour } from '../emulator/behaviour.js'
import { throttled } from '../emulator/faults.js'
import { perform } from '../emulator/operations.js'
import { Region } from '../emulator/region.js'
import type { Disk, DiskSnapshot, Input, Operation } from '../emulator/wire.js'
import type { Lightsail, Page } from '../src/lightsail/client.js'
import { explain } from '../src/lightsail/errors.js'
import { type Patience, sendWithRetry } from '../src/lightsail/retry.js'
import type * as own from '../src/lightsail/types.js'
import type { VirtualClock } from './virtual-clock.js'

interface Answer {
  readonly diskSnapshot?: DiskSnapshot
  readonly diskSnapshots?: readonly DiskSnapshot[]
  readonly operation?: Operation
  readonly operations?: readonly Operation[]
  readonly disks?: readonly Disk[]
  readonly nextPageToken?: string
}

/** The emulator on a virtual clock, asked without HTTP, with a count of the requests. */
export class VirtualService {
  readonly region = new Region('eu-central-1')
  readonly behaviour: Behaviour
  readonly #clock: VirtualClock
  requests = 0

  constructor(clock: VirtualClock, behaviour: Partial<Behaviour>) {
    this.#clock = clock
    this.behaviour = { ...usualBehaviour, ...behaviour }
  }

  /** What the action's code asks in place of the real client. */
  client(): Lightsail {
    return {
      region: this.region.name,
      checkSource: async ({ name }, patience) =>
        void (await this.#send('GetDisk', { diskName: name }, patience)),
      listNames: async (_, pageToken, patience) => {
        const { disks = [], nextPageToken } = await this.#send('GetDisks', token(pageToken), patience)
        return { items: disks.map(({ name }) => name), nextPageToken }
      },
      attachedDisks: async () => [],
      createDiskSnapshot: async ({ source, snapshotName }, patience) => {
        const input = { diskName: source.name, diskSnapshotName: snapshotName }
        const { operations = [] } = await this.#send('CreateDiskSnapshot', input, patience, 'create')
        const [first] = operations.map(readOperation)
        if (first === undefined) throw new Error('no operation')
        return first
      },
      getDiskSnapshot: async (name, patience) => {
        const { diskSnapshot } = await this.#send('GetDiskSnapshot', { diskSnapshotName: name }, patience)
        return diskSnapshot && readSnapshot(diskSnapshot)
      },
      listDiskSnapshots: async (pageToken, patience): Promise<Page<own.DiskSnapshot>> => {
        const { diskSnapshots = [], nextPageToken } = await this.#send(
          'GetDiskSnapshots',
          token(pageToken),
          patience,
        )
        return { items: diskSnapshots.map(readSnapshot), nextPageToken }
      },
      getOperation: async (id, patience) => {
        const { operation } = await this.#send('GetOperation', { operationId: id }, patience)
        return operation && readOperation(operation)
      },
      listOperations: async (pageToken, patience): Promise<Page<own.Operation>> => {
        const { operations = [], nextPageToken } = await this.#send(
          'GetOperations',
          token(pageToken),
          patience,
        )
        return { items: operations.map(readOperation), nextPageToken }
      },
      close: () => {},
    }
  }

  #send(
    operation: string,
    input: Input,
    patience: Patience,
    kind: 'read' | 'create' = 'read',
  ): Promise<Answer> {
    const work = async (): Promise<Answer> => {
      this.requests += 1
      const now = this.#clock.now()
      if (!this.region.rate.admits(this.behaviour.requestsPerSecond, now)) {
        throw Object.assign(new Error(throttled.message), { name: throttled.exception })
      }
      return perform(operation, { region: this.region, now, behaviour: this.behaviour }, input)
    }
    const about = { operation, subject: 'it', region: this.region.name }
    return sendWithRetry(work, (thrown) => explain(thrown, about), kind, patience, { clock: this.#clock })
  }
}

function token(pageToken: string | undefined): Input {
  return pageToken === undefined ? {} : { pageToken }
}

function readSnapshot(snapshot: DiskSnapshot): own.DiskSnapshot {
  return {
    name: snapshot.name,
    arn: snapshot.arn,
    state: snapshot.state,
    progress: snapshot.progress ?? null,
    sizeInGb: snapshot.sizeInGb,
    createdAt: new Date(snapshot.createdAt * 1000),
    source: null,
  }
}

function readOperation(operation: Operation): own.Operation {
  return {
    id: operation.id,
    resourceType: operation.resourceType,
    resourceName: operation.resourceName,
    status: operation.status,
    createdAt: null,
    errorCode: operation.errorCode ?? null,
    errorDetails: operation.errorDetails ?? null,
  }
}
