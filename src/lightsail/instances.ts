import { GetInstanceCommand, StartInstanceCommand, StopInstanceCommand } from '@aws-sdk/client-lightsail'
import { readInstance, resourceOperation } from './answers.js'
import type { Connection } from './connection.js'
import { orUndefined } from './errors.js'
import type { Patience } from './retry.js'
import type { Instance, Operation } from './types.js'

/** Requests about instances. Every method throws ServiceFailure. */
export interface InstanceRequests {
  /** Undefined where there is no instance of that name. */
  getInstance(name: string, patience: Patience): Promise<Instance | undefined>
  stopInstance(name: string, patience: Patience): Promise<Operation>
  startInstance(name: string, patience: Patience): Promise<Operation>
}

export function instanceRequests({ region, read, change }: Connection): InstanceRequests {
  const subjectOf = (name: string) => `instance "${name}"`
  return {
    async getInstance(name, patience) {
      const command = new GetInstanceCommand({ instanceName: name })
      const about = { operation: 'GetInstance', subject: subjectOf(name) }
      const answer = await orUndefined(
        read(about, patience, (client, options) => client.send(command, options)),
      )
      return answer?.instance && readInstance({ name, ...answer.instance })
    },

    async stopInstance(name, patience) {
      const command = new StopInstanceCommand({ instanceName: name })
      const about = { operation: 'StopInstance', subject: subjectOf(name) }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return resourceOperation(operations, 'Instance', name, region)
    },

    async startInstance(name, patience) {
      const command = new StartInstanceCommand({ instanceName: name })
      const about = { operation: 'StartInstance', subject: subjectOf(name) }
      const { operations } = await change(about, patience, (client, options) => client.send(command, options))
      return resourceOperation(operations, 'Instance', name, region)
    },
  }
}
