import {
  GetOperationCommand,
  GetOperationsCommand,
  GetOperationsForResourceCommand,
  type GetOperationsResult,
} from '@aws-sdk/client-lightsail'
import { readOperation } from './answers.js'
import type { Connection } from './connection.js'
import { orUndefined } from './errors.js'
import type { Patience } from './retry.js'
import type { Operation, Page } from './types.js'

/** Requests about operations. Every method throws ServiceFailure. */
export interface OperationRequests {
  /** Undefined where there is no operation with that id. */
  getOperation(id: string, patience: Patience): Promise<Operation | undefined>
  /**
   * The account's operations. The service's reference: from oldest to newest, up to 200 of them; so one that isn't in the list
   * may be there all the same.
   */
  listOperations(pageToken: string | undefined, patience: Patience): Promise<Page<Operation>>
  /** The operations on one resource. Whether the service has them for a snapshot isn't documented: may be empty. */
  operationsOf(
    resourceName: string,
    pageToken: string | undefined,
    patience: Patience,
  ): Promise<Page<Operation>>
}

export function operationRequests({ read }: Connection): OperationRequests {
  return {
    async getOperation(id, patience) {
      const command = new GetOperationCommand({ operationId: id })
      const about = { operation: 'GetOperation', subject: `operation ${id}` }
      const answer = await orUndefined(
        read(about, patience, (client, options) => client.send(command, options)),
      )
      return answer?.operation && readOperation(answer.operation)
    },

    async listOperations(pageToken, patience) {
      const command = new GetOperationsCommand(pageToken === undefined ? {} : { pageToken })
      const about = { operation: 'GetOperations', subject: 'the operations' }
      return page(await read(about, patience, (client, options) => client.send(command, options)))
    },

    async operationsOf(resourceName, pageToken, patience) {
      const command = new GetOperationsForResourceCommand({
        resourceName,
        ...(pageToken === undefined ? {} : { pageToken }),
      })
      const about = { operation: 'GetOperationsForResource', subject: `snapshot "${resourceName}"` }
      return page(
        (await orUndefined(read(about, patience, (client, options) => client.send(command, options)))) ?? {},
      )
    },
  }
}

type Answer = Pick<GetOperationsResult, 'operations' | 'nextPageToken'>

function page({ operations, nextPageToken }: Answer): Page<Operation> {
  return {
    items: (operations ?? []).flatMap((operation) => readOperation(operation) ?? []),
    nextPageToken,
  }
}
