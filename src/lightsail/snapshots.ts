import {
  CreateDiskSnapshotCommand,
  DeleteDiskSnapshotCommand,
  GetDiskSnapshotCommand,
  GetDiskSnapshotsCommand,
} from '@aws-sdk/client-lightsail'
import { readSnapshot, requestTags, snapshotOperation } from './answers.js'
import type { Connection } from './connection.js'
import { explain, orUndefined, type ServiceFailure } from './errors.js'
import type { Patience } from './retry.js'
import { type DiskSnapshot, type Operation, type Page, type Source, subjectOf, type Tag } from './types.js'

/** What a create request asks for. */
export interface SnapshotRequest {
  readonly source: Source
  readonly snapshotName: string
  readonly tags: readonly Tag[]
}

/** Requests about snapshots. Every method throws ServiceFailure. */
export interface SnapshotRequests {
  /** Starts a snapshot, its tags set with the same request. Gives the operation on the snapshot itself. */
  createDiskSnapshot(request: SnapshotRequest, patience: Patience): Promise<Operation>
  /** Undefined where there is no snapshot of that name. */
  getDiskSnapshot(name: string, patience: Patience): Promise<DiskSnapshot | undefined>
  listDiskSnapshots(pageToken: string | undefined, patience: Patience): Promise<Page<DiskSnapshot>>
  /** Deletes a snapshot. One that is gone already is as good as deleted. */
  deleteDiskSnapshot(name: string, patience: Patience): Promise<void>
}

export function snapshotRequests({ region, read, change }: Connection): SnapshotRequests {
  return {
    async createDiskSnapshot({ source, snapshotName, tags }, patience) {
      const command = new CreateDiskSnapshotCommand({
        ...(source.type === 'disk' ? { diskName: source.name } : { instanceName: source.name }),
        diskSnapshotName: snapshotName,
        tags: requestTags(tags),
      })
      const about = {
        operation: 'CreateDiskSnapshot',
        subject: subjectOf(source),
        explain: (thrown: unknown) => explainCreate(thrown, source, snapshotName, region),
      }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return snapshotOperation(operations ?? [], snapshotName, region)
    },

    async getDiskSnapshot(name, patience) {
      const command = new GetDiskSnapshotCommand({ diskSnapshotName: name })
      const about = { operation: 'GetDiskSnapshot', subject: `snapshot "${name}"` }
      const answer = await orUndefined(
        read(about, patience, (client, options) => client.send(command, options)),
      )
      return answer?.diskSnapshot && readSnapshot({ name, ...answer.diskSnapshot })
    },

    async listDiskSnapshots(pageToken, patience) {
      const command = new GetDiskSnapshotsCommand(pageToken === undefined ? {} : { pageToken })
      const about = { operation: 'GetDiskSnapshots', subject: 'the snapshots' }
      const { diskSnapshots, nextPageToken } = await read(about, patience, (client, options) =>
        client.send(command, options),
      )
      return {
        items: (diskSnapshots ?? []).flatMap((snapshot) => readSnapshot(snapshot) ?? []),
        nextPageToken,
      }
    },

    async deleteDiskSnapshot(name, patience) {
      const command = new DeleteDiskSnapshotCommand({ diskSnapshotName: name })
      const about = { operation: 'DeleteDiskSnapshot', subject: `snapshot "${name}"` }
      // It does no harm when it is sent twice: it is the name of one snapshot, which is then gone.
      await orUndefined(read(about, patience, (client, options) => client.send(command, options)))
    },
  }
}

/** A taken name is a sentence about the snapshot, everything else one about the source. */
function explainCreate(
  thrown: unknown,
  source: Source,
  snapshotName: string,
  region: string,
): ServiceFailure {
  const about = { operation: 'CreateDiskSnapshot', subject: subjectOf(source), region }
  const failure = explain(thrown, about)
  return failure.errorClass === 'name-taken'
    ? explain(thrown, { ...about, subject: `snapshot "${snapshotName}"` })
    : failure
}
