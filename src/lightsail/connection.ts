import { LightsailClient } from '@aws-sdk/client-lightsail'
import type { Agents } from '../basics/agents.js'
import type { Clock } from '../basics/clock.js'
import { explain, explainCredentials, ServiceFailure } from './errors.js'
import { type Patience, type SendOptions, sendWithRetry } from './retry.js'

/** What a request is about, for a person. */
export interface About {
  /** The service's name for the request. */
  readonly operation: string
  /** Such as `disk "shop-data"`. */
  readonly subject: string
  /** Other words for a failure, where the usual ones don't fit. */
  readonly explain?: (thrown: unknown) => ServiceFailure
}

type Send<T> = (client: LightsailClient, options: SendOptions) => Promise<T>

/** The way to the service in one Region: sends requests, and turns whatever they throw into ServiceFailure. */
export interface Connection {
  readonly region: string
  /** Sends a request that changes nothing, or that does no harm when it is sent twice. */
  read<T>(about: About, patience: Patience, send: Send<T>): Promise<T>
  /** Sends a request that changes something: again only where it was certainly not carried out. */
  change<T>(about: About, patience: Patience, send: Send<T>): Promise<T>
  /** When the credentials end; undefined where nobody says, or where there are none. */
  credentialsExpireAt(patience: Patience): Promise<Date | undefined>
  close(): void
}

const connectionTimeoutMs = 10_000

/** Opens the way to a Region with the credentials of the AWS SDK's default chain. Sends nothing yet. */
export function openConnection(region: string, clock: Clock, agents: Agents | undefined): Connection {
  const client = new LightsailClient({
    region,
    // One attempt: the SDK would also repeat a create whose answer was lost, and then find the name taken.
    maxAttempts: 1,
    customUserAgent: 'lightsail-disk-snapshot',
    requestHandler: { connectionTimeout: connectionTimeoutMs, ...agents },
  })
  const sender =
    (changes: boolean) =>
    <T>(about: About, patience: Patience, send: Send<T>): Promise<T> => {
      const request = { ...about, region }
      const explainAnswer = about.explain ?? ((thrown: unknown) => explain(thrown, request))
      let hasCredentials = false
      const sending = {
        send: async (options: SendOptions) => {
          hasCredentials = false
          // The client keeps them. Asked for alone, so that what their sources say isn't taken for Lightsail's words.
          await client.config.credentials()
          hasCredentials = true
          return send(client, options)
        },
        asFailure: (thrown: unknown) =>
          hasCredentials ? explainAnswer(thrown) : explainCredentials(thrown, request),
        changes,
      }
      return sendWithRetry(sending, patience, { clock })
    }
  return {
    region,
    read: sender(false),
    change: sender(true),
    close: () => client.destroy(),
    async credentialsExpireAt(patience) {
      const about = { operation: 'GetOperations', subject: 'the credentials' }
      try {
        const fetched = sender(false)(about, { ...patience, attempts: 1 }, () => client.config.credentials())
        return (await fetched).expiration
      } catch (error) {
        if (!(error instanceof ServiceFailure)) throw error
        // The first request says what is wrong with them.
        return undefined
      }
    },
  }
}
