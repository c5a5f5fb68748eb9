import {
  GetDiskCommand,
  GetDisksCommand,
  GetInstanceCommand,
  GetInstancesCommand,
} from '@aws-sdk/client-lightsail'
import { namesOf } from './answers.js'
import type { Connection } from './connection.js'
import type { Patience } from './retry.js'
import { type Page, type Source, type SourceType, subjectOf } from './types.js'

/** Requests about what a snapshot is taken of. Every method throws ServiceFailure. */
export interface SourceRequests {
  /** Throws where the source doesn't exist. */
  checkSource(source: Source, patience: Patience): Promise<void>
  /** The names of all disks, or of all instances. */
  listNames(type: SourceType, pageToken: string | undefined, patience: Patience): Promise<Page<string>>
  /** The block storage disks that are attached to an instance, in the service's order. */
  attachedDisks(instanceName: string, patience: Patience): Promise<Source[]>
}

export function sourceRequests({ read }: Connection): SourceRequests {
  const getInstance = (instanceName: string, patience: Patience) => {
    const command = new GetInstanceCommand({ instanceName })
    const about = { operation: 'GetInstance', subject: `instance "${instanceName}"` }
    return read(about, patience, (client, options) => client.send(command, options))
  }
  return {
    async checkSource(source, patience) {
      if (source.type === 'instance') return void (await getInstance(source.name, patience))
      const command = new GetDiskCommand({ diskName: source.name })
      const about = { operation: 'GetDisk', subject: subjectOf(source) }
      await read(about, patience, (client, options) => client.send(command, options))
    },

    async listNames(type, pageToken, patience) {
      const input = pageToken === undefined ? {} : { pageToken }
      if (type === 'disk') {
        const about = { operation: 'GetDisks', subject: 'the disks' }
        const { disks, nextPageToken } = await read(about, patience, (client, options) =>
          client.send(new GetDisksCommand(input), options),
        )
        return { items: namesOf(disks), nextPageToken }
      }
      const about = { operation: 'GetInstances', subject: 'the instances' }
      const { instances, nextPageToken } = await read(about, patience, (client, options) =>
        client.send(new GetInstancesCommand(input), options),
      )
      return { items: namesOf(instances), nextPageToken }
    },

    async attachedDisks(instanceName, patience) {
      const { instance } = await getInstance(instanceName, patience)
      const disks = (instance?.hardware?.disks ?? []).filter(({ isSystemDisk }) => isSystemDisk !== true)
      return namesOf(disks).map((name) => ({ type: 'disk', name }))
    },
  }
}
