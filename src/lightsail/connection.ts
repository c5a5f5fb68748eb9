import {
  type $Command,
  LightsailClient,
  type LightsailClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-lightsail'
import type { Agents } from '../basics/agents.js'
import type { Clock } from '../basics/clock.js'
import { member, textMember } from '../basics/member.js'
import type { RequestDescription } from './error-table.js'
import { explain, explainCredentials, ServiceFailure } from './errors.js'
import { type Patience, type SendOptions, sendWithRetry } from './retry.js'

/** What a request is about, for a person. */
export interface About extends Omit<RequestDescription, 'region'> {
  /** Other words for a failure, where the usual ones don't fit. */
  readonly explain?: (thrown: unknown, request: RequestDescription) => ServiceFailure
}

/** Sends a command with everything that retrying needs. */
type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: $Command<Input, Output, LightsailClientResolvedConfig>,
  about: About,
  patience: Patience,
) => Promise<Output>

/** The way to the service in one Region: sends requests, and turns whatever they throw into ServiceFailure. */
export interface Connection {
  readonly region: string
  /** Sends a request that changes nothing, or that does no harm when it is sent twice. */
  readonly read: Send
  /** Sends a request that changes something: again only where it was certainly not carried out. */
  readonly change: Send
  /** The service's time, see Lightsail. */
  serviceTime(): number | undefined
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
  const serviceTime = timeOfResponses(client, clock)
  const sending = <T>(about: About, send: (options: SendOptions) => Promise<T>, changes: boolean) => {
    const request = { operation: about.operation, subject: about.subject, region }
    let hasCredentials = false
    return {
      send: async (options: SendOptions) => {
        hasCredentials = false
        // The client keeps them. Asked for alone, so that what their sources say isn't taken for Lightsail's words.
        await client.config.credentials()
        hasCredentials = true
        return send(options)
      },
      asFailure: (thrown: unknown) =>
        hasCredentials ? (about.explain ?? explain)(thrown, request) : explainCredentials(thrown, request),
      changes,
    }
  }
  const sender =
    (changes: boolean): Send =>
    (command, about, patience) =>
      sendWithRetry(
        sending(about, (options) => client.send(command, options), changes),
        patience,
        { clock },
      )
  return {
    region,
    serviceTime,
    read: sender(false),
    change: sender(true),
    close: () => client.destroy(),
    async credentialsExpireAt(patience) {
      const about = { operation: 'GetOperations', subject: 'the credentials' }
      const fetch = sending(about, () => client.config.credentials(), false)
      try {
        return (await sendWithRetry(fetch, { ...patience, attempts: 1 }, { clock })).expiration
      } catch (error) {
        if (!(error instanceof ServiceFailure)) throw error
        // The first request says what is wrong with them.
        return undefined
      }
    },
  }
}

/** Listens to the `Date` of every response; returns what reads the time that they tell. */
function timeOfResponses(client: LightsailClient, clock: Clock): () => number | undefined {
  let aheadOfMonotonic: number | undefined
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const time = Date.parse(textMember(member(result.response, 'headers'), 'date'))
      if (!Number.isNaN(time)) aheadOfMonotonic = time - clock.monotonic()
      return result
    },
    // Inside the SDK's own deserializer, which throws what the service refuses.
    { step: 'deserialize', priority: 'low', name: 'serviceTime' },
  )
  return () => (aheadOfMonotonic === undefined ? undefined : aheadOfMonotonic + clock.monotonic())
}
